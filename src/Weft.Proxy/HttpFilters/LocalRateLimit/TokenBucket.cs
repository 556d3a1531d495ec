namespace Weft.Proxy.HttpFilters.LocalRateLimit;

/// <summary>
/// Tokens that come at a steady rate, up to a maximum. What is kept is the time at which the bucket was, or will have been, empty: one number,
/// changed atomically. Any thread.
/// </summary>
internal sealed class TokenBucket
{
    /// <summary>What sums of thirds are off by.</summary>
    private const double RoundingUs = 0.01;

    private readonly double _usPerToken;
    private double _emptyAtUs = double.MinValue;

    /// <param name="maxTokens">What it holds at most, and at first.</param>
    /// <param name="tokensPerFill">Come in every <paramref name="fillIntervalMs"/>, spread over it.</param>
    public TokenBucket(uint maxTokens, uint tokensPerFill, long fillIntervalMs)
    {
        MaxTokens = maxTokens;
        _usPerToken = fillIntervalMs * 1000.0 / tokensPerFill;
    }

    public uint MaxTokens { get; }

    /// <summary>Sorts buckets by rate: the slowest first.</summary>
    public double UsPerToken => _usPerToken;

    /// <summary>Takes tokens; false, and nothing taken, when there are too few.</summary>
    /// <param name="nowUs">The worker's clock; those of different workers may differ by the time between their starts.</param>
    /// <param name="count">How many; default 1.</param>
    public bool TryTake(long nowUs, long count = 1)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _emptyAtUs);
            var next = Math.Max(seen, nowUs - MaxTokens * _usPerToken) + (count * _usPerToken);
            if (next > nowUs + RoundingUs)
                return false;
            if (Interlocked.CompareExchange(ref _emptyAtUs, next, seen).Equals(seen))
                return true;
        }
    }

    /// <summary>Whole tokens that are there.</summary>
    public long Remaining(long nowUs) => (long)Math.Clamp((nowUs - Volatile.Read(ref _emptyAtUs) + RoundingUs) / _usPerToken, 0, MaxTokens);

    /// <summary>Seconds until there is a token, rounded up; 0 when there is one.</summary>
    public long ResetSeconds(long nowUs)
    {
        var waitUs = Volatile.Read(ref _emptyAtUs) + _usPerToken - nowUs;
        return waitUs <= 0 ? 0 : (long)Math.Ceiling(waitUs / 1_000_000);
    }
}
