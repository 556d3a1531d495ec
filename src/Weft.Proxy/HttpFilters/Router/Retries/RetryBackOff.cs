using Weft.Base;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>How long to wait before the Nth retry: at random within [0, (2^N - 1) x base), at most the maximum (Envoy: x-envoy-max-retries).</summary>
internal struct RetryBackOff(long baseMs, long maxMs)
{
    private long _rangeMs;

    /// <summary>The next delay.</summary>
    public long NextMs(RandomSource random)
    {
        _rangeMs = Math.Min((_rangeMs * 2) + baseMs, maxMs);
        return Below(_rangeMs, random);
    }

    /// <summary>When a response says how long: at random within [interval, 1.5 x interval), so that clients do not come back all at once.</summary>
    public static long AfterMs(long intervalMs, RandomSource random) => intervalMs + Below(intervalMs / 2, random);

    private static long Below(long bound, RandomSource random) => (long)(random.Next() % (ulong)Math.Max(bound, 1));
}
