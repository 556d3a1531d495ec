using System.Buffers.Binary;

namespace Weft.Http;

/// <summary>The form of the Date header (RFC 9110 section 5.6.7, IMF-fixdate). No allocation, no culture.</summary>
public static class HttpDate
{
    /// <summary>Bytes of a date.</summary>
    public const int Length = 29;

    private const int DaySeconds = 24 * 60 * 60;

    /// <summary>Writes <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
    /// <param name="unixSeconds">Seconds since 1970 in UTC, from year 1 to 9999.</param>
    /// <param name="output">At least <see cref="Length"/> bytes.</param>
    public static void Format(long unixSeconds, Span<byte> output)
    {
        var days = (int)Math.DivRem(unixSeconds, DaySeconds, out var seconds);
        if (seconds < 0)
        {
            seconds += DaySeconds;
            days--;
        }

        var date = DateOnly.FromDayNumber(days + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber);
        "Sun, 00 Jan 0000 00:00:00 GMT"u8.CopyTo(output);
        "SunMonTueWedThuFriSat"u8.Slice(3 * (int)date.DayOfWeek, 3).CopyTo(output);
        "JanFebMarAprMayJunJulAugSepOctNovDec"u8.Slice(3 * (date.Month - 1), 3).CopyTo(output[8..]);
        WriteTwo(date.Day, output[5..]);
        WriteTwo(date.Year / 100, output[12..]);
        WriteTwo(date.Year % 100, output[14..]);
        WriteTwo((int)seconds / 3600, output[17..]);
        WriteTwo((int)seconds / 60 % 60, output[20..]);
        WriteTwo((int)seconds % 60, output[23..]);
    }

    private static void WriteTwo(int number, Span<byte> output)
        => BinaryPrimitives.WriteUInt16LittleEndian(output, (ushort)(('0' + number / 10) | (('0' + number % 10) << 8)));
}
