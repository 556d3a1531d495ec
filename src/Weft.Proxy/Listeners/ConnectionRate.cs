using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.LocalRateLimit;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Listeners;

/// <summary>A token bucket for connections, with a switch at run time. Shared by all workers.</summary>
internal sealed class ConnectionRate(TokenBucket bucket, RuntimeFeatureFlag? enabled, RuntimeLayers runtime, Counter limited)
{
    private const long MinFillIntervalMs = 50;

    /// <summary>Null, with a finding, when it fills too often.</summary>
    /// <param name="shareKey">Filters with the same one and the same bucket take from one; empty: it is this filter's own.</param>
    public static ConnectionRate? Create(Envoy.Type.V3.TokenBucket config, RuntimeFeatureFlag? enabled, Counter limited, IMessage at, FactoryContext context, string shareKey = "")
    {
        var fillIntervalMs = config.FillInterval.ToMs(0);
        if (fillIntervalMs < MinFillIntervalMs)
        {
            context.Config.Error(at, "token_bucket", "local rate limit token bucket fill timer must be >= 50ms");
            return null;
        }

        return new ConnectionRate(shareKey.Length > 0 ? context.TokenBuckets.Get(shareKey, config, Make) : Make(), enabled, context.Runtime, limited);

        TokenBucket Make() => new(config.MaxTokens, config.TokensPerFill ?? 1, fillIntervalMs);
    }

    /// <summary>False, and counted, when the connection is one too many.</summary>
    public bool TryTake(long nowUs)
    {
        if (enabled is not null && !runtime.Current.GetBool(enabled.RuntimeKey, enabled.DefaultValue ?? true))
            return true;
        if (bucket.TryTake(nowUs))
            return true;
        limited.Inc();
        return false;
    }
}
