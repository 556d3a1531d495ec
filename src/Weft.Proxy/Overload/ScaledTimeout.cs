namespace Weft.Proxy.Overload;

/// <summary>
/// One timer type of reduce_timeouts: a time limit shrinks towards its minimum as the level rises. Whoever waits looks again every
/// <see cref="StepMs"/>, so that a limit that shrinks holds for what waits already. Set while configuration is compiled; any thread.
/// </summary>
internal sealed class ScaledTimeout(OverloadLevel level)
{
    private const long ShortestStepMs = 100;

    /// <summary>min_timeout; null: <see cref="MinScale"/> counts.</summary>
    public long? MinMs { get; set; }

    /// <summary>min_scale as a share of the limit.</summary>
    public double MinScale { get; set; }

    public bool IsConfigured { get; set; }

    /// <summary>The limit as it is now; 0 stays 0: no limit.</summary>
    public long Limit(long configuredMs)
    {
        if (!IsConfigured || configuredMs <= 0)
            return configuredMs;
        var minMs = Math.Min(MinMs ?? (long)(configuredMs * MinScale), configuredMs);
        return minMs + (long)((configuredMs - minMs) * (1 - level.Value));
    }

    /// <summary>When to look next at something that may wait for so long.</summary>
    public long StepMs(long remainingMs, long configuredMs)
    {
        if (!IsConfigured)
            return remainingMs;
        var minMs = MinMs ?? (long)(configuredMs * MinScale);
        return Math.Min(remainingMs, Math.Max(minMs / 2, ShortestStepMs));
    }
}
