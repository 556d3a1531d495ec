using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.BandwidthLimit.V3.BandwidthLimit;

namespace Weft.Proxy.HttpFilters.BandwidthLimit;

/// <summary>Makes filters that limit the rate of bodies (envoy.filters.http.bandwidth_limit).</summary>
internal sealed class BandwidthLimitFilterFactory : HttpFilterFactory
{
    public required BandwidthLimitConfig Config { get; init; }

    public static BandwidthLimitFilterFactory Create(string name, Message config, string statPrefix, FactoryContext context)
        => new() { Name = name, Config = BandwidthLimitConfig.Create(config, context) };

    public override HttpFilter Create(Worker worker) => new BandwidthLimitFilter(Config, worker);
}
