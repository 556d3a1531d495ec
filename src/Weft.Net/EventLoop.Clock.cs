namespace Weft.Net;

/// <content>The clock of a turn.</content>
public sealed unsafe partial class EventLoop
{
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private DateTime _utcNow;
    private bool _hasUtcNow;

    /// <summary>Monotonic milliseconds since the loop was made, read once per turn.</summary>
    public long NowMs { get; private set; }

    /// <summary>Monotonic microseconds since the loop was made, read once per turn.</summary>
    public long NowUs { get; private set; }

    /// <summary>Wall-clock time of this turn, for logs and headers.</summary>
    public DateTime UtcNow
    {
        get
        {
            if (!_hasUtcNow)
            {
                _utcNow = _time.GetUtcNow().UtcDateTime;
                _hasUtcNow = true;
            }
            return _utcNow;
        }
    }

    /// <summary>The millisecond at which <paramref name="delayMs"/> have passed in full since this turn's time.</summary>
    internal long DeadlineMs(long delayMs) =>
        (NowUs + 999) / 1000 + Math.Clamp(delayMs, 0, long.MaxValue / 4);

    private void ReadClock()
    {
        var ticks = (ulong)(_time.GetTimestamp() - _startedAt);
        NowUs = (long)(_time.TimestampFrequency == 1_000_000_000 ? ticks / 1000 : (UInt128)ticks * 1_000_000 / (ulong)_time.TimestampFrequency);
        NowMs = NowUs / 1000;
        _hasUtcNow = false;
    }
}
