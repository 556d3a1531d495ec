using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>Timestamps (RFC 3339) and durations as protobuf's JSON has them, to the nanosecond.</summary>
internal static class TimeText
{
    private const long MinSeconds = -62_135_596_800;
    private const long MaxSeconds = 253_402_300_799;
    private const long MaxDurationSeconds = 315_576_000_000;
    private const int WholeLength = 19;

    public static bool TryReadTimestamp(ReadOnlySpan<byte> text, out long seconds, out int nanos)
    {
        (seconds, nanos) = (0, 0);
        if (text.Length < WholeLength + 1 || text.Length > 40) return false;
        var whole = Encoding.ASCII.GetString(text[..WholeLength]);
        if (!DateTime.TryParseExact(whole, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return false;
        var rest = text[WholeLength..];
        if (!TryReadFraction(ref rest, out nanos) || !TryReadOffset(rest, out var offsetSeconds)) return false;
        seconds = ((time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) - offsetSeconds;
        return seconds is >= MinSeconds and <= MaxSeconds;
    }

    public static bool TryReadDuration(ReadOnlySpan<byte> text, out long seconds, out int nanos)
    {
        (seconds, nanos) = (0, 0);
        if (text is not [.., (byte)'s']) return false;
        var rest = text[..^1];
        var isNegative = rest is [(byte)'-', ..];
        if (isNegative) rest = rest[1..];
        if (rest.IsEmpty || !char.IsAsciiDigit((char)rest[0]) || !Utf8Parser.TryParse(rest, out seconds, out var read)) return false;
        rest = rest[read..];
        if (!TryReadFraction(ref rest, out nanos) || !rest.IsEmpty || seconds > MaxDurationSeconds) return false;
        if (isNegative) (seconds, nanos) = (-seconds, -nanos);
        return true;
    }

    /// <summary>False when it is out of range.</summary>
    public static bool TryWriteTimestamp(long seconds, int nanos, ByteWriter output)
    {
        if (seconds is < MinSeconds or > MaxSeconds || nanos is < 0 or > 999_999_999) return false;
        var time = DateTime.UnixEpoch.AddSeconds(seconds);
        output.Write(time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        WriteFraction(nanos, output);
        output.Write((byte)'Z');
        return true;
    }

    public static bool TryWriteDuration(long seconds, int nanos, ByteWriter output)
    {
        if (Math.Abs(seconds) > MaxDurationSeconds || Math.Abs((long)nanos) > 999_999_999) return false;
        if (seconds < 0 || nanos < 0) output.Write((byte)'-');
        output.Write(Math.Abs(seconds));
        WriteFraction(Math.Abs(nanos), output);
        output.Write((byte)'s');
        return true;
    }

    private static bool TryReadFraction(ref ReadOnlySpan<byte> text, out int nanos)
    {
        nanos = 0;
        if (text is not [(byte)'.', ..]) return true;
        text = text[1..];
        var digits = 0;
        for (; digits < text.Length && char.IsAsciiDigit((char)text[digits]); digits++)
        {
            if (digits == 9) return false;
            nanos = nanos * 10 + (text[digits] - '0');
        }

        if (digits == 0) return false;
        for (var i = digits; i < 9; i++) nanos *= 10;
        text = text[digits..];
        return true;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (text is [(byte)'Z' or (byte)'z']) return true;
        if (text is not [(byte)'+' or (byte)'-', _, _, (byte)':', _, _]) return false;
        if (!Utf8Parser.TryParse(text.Slice(1, 2), out byte hours, out var read) || read != 2) return false;
        if (!Utf8Parser.TryParse(text.Slice(4, 2), out byte minutes, out read) || read != 2) return false;
        seconds = ((hours * 60) + minutes) * 60 * (text[0] == '-' ? -1 : 1);
        return true;
    }

    /// <summary>No digits, or three, six or nine.</summary>
    private static void WriteFraction(int nanos, ByteWriter output)
    {
        if (nanos == 0) return;
        var (value, digits) = nanos % 1_000_000 == 0 ? (nanos / 1_000_000, 3) : nanos % 1000 == 0 ? (nanos / 1000, 6) : (nanos, 9);
        output.Write((byte)'.');
        output.Write(value.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0'));
    }
}
