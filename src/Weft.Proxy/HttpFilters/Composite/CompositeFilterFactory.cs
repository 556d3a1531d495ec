using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using CompositeMessage = Envoy.Extensions.Filters.Http.Composite.V3.Composite;

namespace Weft.Proxy.HttpFilters.Composite;

/// <summary>
/// Stands for whatever filter a matcher around it says (envoy.filters.http.composite inside of an ExtensionWithMatcher); without that it does nothing.
/// </summary>
internal sealed class CompositeFilterFactory : HttpFilterFactory
{
    public required RuntimeLayers Runtime { get; init; }

    /// <summary>http.PREFIX.composite.filter_delegation_success.</summary>
    public required Counter Delegations { get; init; }

    public static CompositeFilterFactory Create(string name, CompositeMessage config, string statPrefix, FactoryContext context)
    {
        var scope = context.Stats.Scope(context.HttpFilterPrefix(statPrefix) + "composite.");
        // Envoy's counter of filters that cannot be made: here they are made when configuration is loaded.
        scope.Counter("filter_delegation_error");
        return new CompositeFilterFactory { Name = name, Runtime = context.Runtime, Delegations = scope.Counter("filter_delegation_success") };
    }

    public override HttpFilter Create(Worker worker) => new CompositeFilter(this, worker);
}
