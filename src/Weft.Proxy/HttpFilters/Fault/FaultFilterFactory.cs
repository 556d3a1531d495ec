using Envoy.Extensions.Filters.Http.Fault.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Fault;

/// <summary>Makes filters that inject faults (envoy.filters.http.fault).</summary>
internal sealed class FaultFilterFactory : HttpFilterFactory
{
    public required FaultConfig Config { get; init; }

    public required FaultStats Stats { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static FaultFilterFactory Create(string name, HTTPFault config, string statPrefix, FactoryContext context) => new()
    {
        Name = name,
        Config = FaultConfig.Create(config, context),
        Stats = new FaultStats(context.Stats, statPrefix, context.MainLoop),
        Runtime = context.Runtime,
    };

    public override HttpFilter Create(Worker worker) => new FaultFilter(this, worker);
}
