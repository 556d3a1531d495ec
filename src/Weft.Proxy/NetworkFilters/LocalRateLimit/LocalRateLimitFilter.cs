using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Listeners;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Network.LocalRatelimit.V3.LocalRateLimit;

namespace Weft.Proxy.NetworkFilters.LocalRateLimit;

/// <summary>envoy.filters.network.local_ratelimit: closes connections beyond a rate. Worker thread.</summary>
internal sealed class LocalRateLimitFilter(ConnectionRate rate, Worker worker) : NetworkFilter
{
    public override NetworkFilterStatus OnNewConnection()
    {
        if (rate.TryTake(worker.Loop.NowUs))
            return NetworkFilterStatus.Continue;
        Connection.Close(CloseMode.Now);
        return NetworkFilterStatus.Stop;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => NetworkFilterStatus.Continue;
}

/// <summary>Makes the filters; the bucket is shared by all workers.</summary>
internal sealed class LocalRateLimitFactory(ConnectionRate rate) : NetworkFilterFactory
{
    public override bool IsTerminal => false;

    /// <summary>Null, with a finding, when the bucket fills too often.</summary>
    public static LocalRateLimitFactory? Create(Message config, FactoryContext context)
    {
        var limited = context.Stats.Scope($"local_rate_limit.{config.StatPrefix}.").Counter("rate_limited");
        return ConnectionRate.Create(config.TokenBucket, config.RuntimeEnabled, limited, config, context, config.ShareKey) is { } rate ? new LocalRateLimitFactory(rate) : null;
    }

    public override NetworkFilter Create(Worker worker) => new LocalRateLimitFilter(rate, worker);
}
