using System.Globalization;
using System.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting;

/// <summary>One part of a <see cref="TimeFormat"/>: text, a field by its strftime letter, or a fraction of a second.</summary>
internal readonly struct TimePart
{
    /// <summary>Digits of a nanosecond.</summary>
    public const int NanosecondDigits = 9;

    /// <summary>As many digits as there are before trailing zeros.</summary>
    public const int AnyWidth = 0;

    private const string Fields = "YmdeHIMSyCjbhBaApPkluwUWVGgzZs";
    private readonly Kind _kind;
    private readonly char _letter;
    private readonly int _width;
    private readonly byte[]? _text;

    private TimePart(Kind kind, char letter = default, int width = 0, byte[]? text = null) =>
        (_kind, _letter, _width, _text) = (kind, letter, width, text);

    private enum Kind : byte { Text, Field, Fraction, DotAndFraction, Offset, OffsetWithSeconds }

    /// <summary>It changes within a second.</summary>
    public bool IsFraction => _kind is Kind.Fraction or Kind.DotAndFraction;

    public static bool IsField(char letter) => Fields.Contains(letter, StringComparison.Ordinal);

    public static TimePart Text(string text) => new(Kind.Text, text: Encoding.UTF8.GetBytes(text));

    public static TimePart Field(char letter) => new(Kind.Field, letter);

    /// <summary>At least one digit.</summary>
    public static TimePart Fraction(int width) => new(Kind.Fraction, width: width);

    /// <summary>Nothing at all when no digit is left.</summary>
    public static TimePart DotAndFraction(int width) => new(Kind.DotAndFraction, width: width);

    /// <summary>+01:00 or +01:00:00.</summary>
    public static TimePart Offset(bool withSeconds) => new(withSeconds ? Kind.OffsetWithSeconds : Kind.Offset);

    public void Write(ByteWriter output, in BrokenDownTime time)
    {
        switch (_kind)
        {
            case Kind.Text:
                output.Write(_text);
                break;
            case Kind.Field:
                WriteField(output, time);
                break;
            case Kind.Fraction or Kind.DotAndFraction:
                WriteFraction(output, time.Nanoseconds);
                break;
            case Kind.Offset or Kind.OffsetWithSeconds:
                WriteOffset(output, time.Offset, withColons: true, withSeconds: _kind == Kind.OffsetWithSeconds);
                break;
        }
    }

    /// <summary>Writes a fraction of a second.</summary>
    /// <param name="output">Takes the digits.</param>
    /// <param name="nanoseconds">Of the second.</param>
    public void WriteFraction(ByteWriter output, long nanoseconds)
    {
        var width = WidthOf(nanoseconds);
        if (_kind == Kind.Fraction)
            WriteDigits(output, nanoseconds, Math.Max(1, width));
        else if (width > 0)
        {
            output.Write((byte)'.');
            WriteDigits(output, nanoseconds, width);
        }
    }

    private void WriteField(ByteWriter output, in BrokenDownTime time)
    {
        var local = time.Local;
        switch (_letter)
        {
            case 'Y': WriteNumber(output, time.Year, 4); break;
            case 'y': WriteNumber(output, time.Year % 100, 2); break;
            case 'C': WriteNumber(output, time.Year / 100, 2); break;
            case 'm': WriteNumber(output, time.Month, 2); break;
            case 'd': WriteNumber(output, time.Day, 2); break;
            case 'e': WriteNumber(output, time.Day, 2, ' '); break;
            case 'H': WriteNumber(output, local.Hour, 2); break;
            case 'k': WriteNumber(output, local.Hour, 2, ' '); break;
            case 'I': WriteNumber(output, (local.Hour + 11) % 12 + 1, 2); break;
            case 'l': WriteNumber(output, (local.Hour + 11) % 12 + 1, 2, ' '); break;
            case 'M': WriteNumber(output, local.Minute, 2); break;
            case 'S': WriteNumber(output, local.Second, 2); break;
            case 'j': WriteNumber(output, local.DayOfYear, 3); break;
            case 'p': output.Write(local.Hour < 12 ? "AM"u8 : "PM"u8); break;
            case 'P': output.Write(local.Hour < 12 ? "am"u8 : "pm"u8); break;
            case 'b' or 'h': output.Write(CultureInfo.InvariantCulture.DateTimeFormat.GetAbbreviatedMonthName(time.Month)); break;
            case 'B': output.Write(CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(time.Month)); break;
            case 'a': output.Write(CultureInfo.InvariantCulture.DateTimeFormat.GetAbbreviatedDayName(local.DayOfWeek)); break;
            case 'A': output.Write(CultureInfo.InvariantCulture.DateTimeFormat.GetDayName(local.DayOfWeek)); break;
            case 'w': WriteNumber(output, (int)local.DayOfWeek, 1); break;
            case 'u': WriteNumber(output, ((int)local.DayOfWeek + 6) % 7 + 1, 1); break;
            case 'U': WriteNumber(output, (local.DayOfYear + 6 - (int)local.DayOfWeek) / 7, 2); break;
            case 'W': WriteNumber(output, (local.DayOfYear + 6 - ((int)local.DayOfWeek + 6) % 7) / 7, 2); break;
            case 'V': WriteNumber(output, ISOWeek.GetWeekOfYear(local), 2); break;
            case 'G': WriteNumber(output, ISOWeek.GetYear(local), 4); break;
            case 'g': WriteNumber(output, ISOWeek.GetYear(local) % 100, 2); break;
            case 'z': WriteOffset(output, time.Offset, withColons: false, withSeconds: false); break;
            case 'Z': WriteZone(output, time); break;
            case 's': output.Write((time.Utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond); break;
        }
    }

    private static void WriteZone(ByteWriter output, in BrokenDownTime time)
    {
        if (time.Offset == TimeSpan.Zero)
            output.Write("UTC"u8);
        else
            output.Write(TimeZoneInfo.Local.IsDaylightSavingTime(time.Utc) ? TimeZoneInfo.Local.DaylightName : TimeZoneInfo.Local.StandardName);
    }

    private static void WriteOffset(ByteWriter output, TimeSpan offset, bool withColons, bool withSeconds)
    {
        output.Write(offset < TimeSpan.Zero ? (byte)'-' : (byte)'+');
        WriteNumber(output, Math.Abs(offset.Hours), 2);
        if (withColons)
            output.Write((byte)':');
        WriteNumber(output, Math.Abs(offset.Minutes), 2);
        if (!withSeconds)
            return;
        output.Write((byte)':');
        WriteNumber(output, Math.Abs(offset.Seconds), 2);
    }

    private static void WriteNumber(ByteWriter output, int value, int width, char padding = '0')
    {
        var span = output.GetSpan(width);
        for (var i = width - 1; i >= 0; i--, value /= 10)
            span[i] = value == 0 && i < width - 1 ? (byte)padding : (byte)('0' + value % 10);
        output.Advance(width);
    }

    private static void WriteDigits(ByteWriter output, long nanoseconds, int width)
    {
        ReadOnlySpan<uint> powers = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        var digits = (uint)nanoseconds / powers[width];
        var span = output.GetSpan(width);
        for (var i = width - 1; i >= 0; i--, digits /= 10)
            span[i] = (byte)('0' + digits % 10);
        output.Advance(width);
    }

    private int WidthOf(long nanoseconds)
    {
        if (_width != AnyWidth)
            return _width;
        var width = nanoseconds == 0 ? 0 : NanosecondDigits;
        for (; width > 0 && nanoseconds % 10 == 0; nanoseconds /= 10)
            width--;
        return width;
    }
}
