namespace Weft.Proxy.Expressions;

/// <summary>Durations as Go and Abseil write them: <c>1h2m3.5s</c>, <c>15ms</c>, <c>0</c>.</summary>
internal static class CelDurationText
{
    /// <param name="duration">A duration.</param>
    /// <param name="output">64 bytes suffice.</param>
    public static int Format(in CelValue duration, Span<byte> output)
    {
        var (seconds, nanos) = (Math.Abs(duration.Seconds), Math.Abs(duration.Nanos));
        if (seconds == 0 && nanos == 0)
        {
            output[0] = (byte)'0';
            return 1;
        }

        var length = 0;
        if (duration.Seconds < 0 || duration.Nanos < 0)
            output[length++] = (byte)'-';
        return length + (seconds == 0 ? FormatBelowSecond(nanos, output[length..]) : FormatSeconds(seconds, nanos, output[length..]));
    }

    private static int FormatBelowSecond(int nanos, Span<byte> output)
    {
        var (unit, divisor) = nanos >= 1_000_000 ? ("ms", 1_000_000m) : nanos >= 1000 ? ("us", 1000m) : ("ns", 1m);
        return WriteNumber(nanos / divisor, unit, output);
    }

    private static int FormatSeconds(long seconds, int nanos, Span<byte> output)
    {
        var length = 0;
        if (seconds >= 3600)
            length += WriteNumber(seconds / 3600, "h", output);
        if (seconds % 3600 >= 60)
            length += WriteNumber(seconds % 3600 / 60, "m", output[length..]);
        if (seconds % 60 > 0 || nanos > 0)
            length += WriteNumber((seconds % 60) + (nanos / 1_000_000_000m), "s", output[length..]);
        return length;
    }

    private static int WriteNumber(decimal number, string unit, Span<byte> output)
    {
        number.TryFormat(output, out var length, "0.#########", System.Globalization.CultureInfo.InvariantCulture);
        return length + System.Text.Encoding.ASCII.GetBytes(unit, output[length..]);
    }
}
