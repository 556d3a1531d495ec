namespace Weft.Proxy.Formatting;

/// <summary>A moment taken apart once, for all parts of a format.</summary>
internal readonly struct BrokenDownTime
{
    private const long NanosecondsPerTick = 100;

    public BrokenDownTime(DateTime utc, TimeSpan offset)
    {
        Utc = utc;
        Offset = offset;
        Local = utc + offset;
        Local.Deconstruct(out int year, out int month, out int day);
        (Year, Month, Day) = (year, month, day);
        Nanoseconds = Local.Ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick;
    }

    public DateTime Utc { get; }

    public DateTime Local { get; }

    /// <summary>How far the local time is ahead of UTC.</summary>
    public TimeSpan Offset { get; }

    public int Year { get; }

    public int Month { get; }

    public int Day { get; }

    /// <summary>Of the second, 0 to 999,999,999.</summary>
    public long Nanoseconds { get; }
}
