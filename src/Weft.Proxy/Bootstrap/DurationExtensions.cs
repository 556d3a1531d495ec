using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Bootstrap;

/// <summary>Durations of the API as the milliseconds that timers take.</summary>
internal static class DurationExtensions
{
    /// <summary>Whole milliseconds; what is above zero but shorter counts as one, so that it does not mean "never".</summary>
    public static long ToMs(this Duration duration)
    {
        var ms = duration.Seconds * 1000 + duration.Nanos / 1_000_000;
        return ms == 0 && duration.Nanos > 0 ? 1 : ms;
    }

    /// <summary>As <see cref="ToMs(Duration)"/>, or the default when the field is not set.</summary>
    public static long ToMs(this Duration? duration, long defaultMs) => duration?.ToMs() ?? defaultMs;
}
