using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Message = Envoy.Extensions.Filters.Listener.LocalRatelimit.V3.LocalRateLimit;

namespace Weft.Proxy.Listeners.ListenerFilters.LocalRateLimit;

/// <summary>envoy.filters.listener.local_ratelimit: closes connections beyond a rate before anything is done for them.</summary>
internal sealed class LocalRateLimitFilter(LocalRateLimitFactory factory) : ListenerFilter
{
    public override ListenerFilterStatus OnAccept(AcceptedConnection connection) =>
        factory.TryTake(connection.NowUs) ? ListenerFilterStatus.Continue : ListenerFilterStatus.Close;
}

/// <summary>Makes the filters; the bucket is shared by all workers.</summary>
internal sealed class LocalRateLimitFactory : ListenerFilterFactory
{
    private readonly ConnectionRate _rate;
    private readonly LocalRateLimitFilter _filter;

    private LocalRateLimitFactory(ConnectionRate rate)
    {
        _rate = rate;
        _filter = new LocalRateLimitFilter(this);
    }

    /// <summary>Null, with a finding, when it fills too often.</summary>
    public static LocalRateLimitFactory? Create(Message config, FactoryContext context, StatsScope root)
    {
        var limited = root.Scope($"listener_local_ratelimit.{config.StatPrefix}.").Counter("rate_limited");
        return ConnectionRate.Create(config.TokenBucket, config.RuntimeEnabled, limited, config, context) is { } rate ? new LocalRateLimitFactory(rate) : null;
    }

    public override ListenerFilter Create() => _filter;

    internal bool TryTake(long nowUs) => _rate.TryTake(nowUs);
}
