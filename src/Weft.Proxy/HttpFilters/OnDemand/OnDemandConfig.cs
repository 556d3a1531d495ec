using Envoy.Extensions.Filters.Http.OnDemand.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.XdsClient.OnDemand;

namespace Weft.Proxy.HttpFilters.OnDemand;

/// <summary>What the on-demand filter is to discover, for all requests or those of a route. Immutable.</summary>
internal sealed class OnDemandConfig : FilterRouteConfig
{
    private const long DefaultTimeoutMs = 5000;

    /// <summary>Where clusters come from that requests lack; null: only routes are discovered.</summary>
    public OnDemandClusterSource? Clusters { get; private init; }

    /// <summary>How long the discovery of a cluster may take; default 5 s.</summary>
    public long TimeoutMs { get; private init; }

    /// <summary>Compiles the filter's own odcds, or a route's; null: not set.</summary>
    public static OnDemandConfig Create(OnDemandCds? config, FactoryContext context) => new()
    {
        Clusters = config is null ? null : context.OnDemandClusters?.Open(config, context),
        TimeoutMs = (config?.Timeout).ToMs(DefaultTimeoutMs),
    };

    public static OnDemandConfig OfRoute(PerRouteConfig config, FactoryContext context) => Create(config.Odcds, context);
}
