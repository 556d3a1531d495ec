using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using OnDemandMessage = Envoy.Extensions.Filters.Http.OnDemand.V3.OnDemand;

namespace Weft.Proxy.HttpFilters.OnDemand;

/// <summary>Makes filters that discover what a request lacks: its routes, its cluster (envoy.filters.http.on_demand).</summary>
internal sealed class OnDemandFilterFactory : HttpFilterFactory
{
    public required OnDemandConfig Config { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static OnDemandFilterFactory Create(string name, OnDemandMessage config, string statPrefix, FactoryContext context) =>
        new() { Name = name, Config = OnDemandConfig.Create(config.Odcds, context), Runtime = context.Runtime };

    public override HttpFilter Create(Worker worker) => new OnDemandFilter(this);
}
