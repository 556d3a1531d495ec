using Envoy.Config.Core.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;

namespace Weft.Proxy.XdsClient.Scopes;

/// <summary>What all scopes of one connection manager have in common. Main thread.</summary>
/// <param name="RdsSource">rds_config_source: where routes come from that scopes name.</param>
/// <param name="StatPrefix">Of the connection manager.</param>
/// <param name="Filters">Of the connection manager.</param>
/// <param name="Factory">The services.</param>
/// <param name="OnActivated">The routes of a scope are asked for now that were not before.</param>
internal sealed record ScopedRoutesContext(ConfigSource? RdsSource, string StatPrefix, IReadOnlyList<HttpFilterFactory>? Filters, FactoryContext Factory, Action OnActivated);
