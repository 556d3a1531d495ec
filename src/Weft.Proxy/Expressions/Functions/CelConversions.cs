using System.Buffers.Text;
using System.Globalization;

namespace Weft.Proxy.Expressions.Functions;

/// <summary>int(), uint(), double(), bool() and string().</summary>
internal static class CelConversions
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;
    private const int MaxNumberBytes = 64;

    public static CelValue ToInt(in CelValue value) => value.Kind switch
    {
        CelKind.Int => value,
        CelKind.Uint => value.AsUint > long.MaxValue ? CelErrors.RangeOverflow : CelValue.Of((long)value.AsUint),
        CelKind.Double => value.AsDouble is > -TwoTo63 and < TwoTo63 ? CelValue.Of((long)value.AsDouble) : CelErrors.RangeOverflow,
        CelKind.Timestamp => CelValue.Of(value.Seconds),
        CelKind.String => Utf8Parser.TryParse(value.Text, out long number, out var used) && used == value.Text.Length ? CelValue.Of(number) : CelErrors.RangeOverflow,
        _ => CelErrors.NoOverload,
    };

    public static CelValue ToUint(in CelValue value) => value.Kind switch
    {
        CelKind.Uint => value,
        CelKind.Int => value.AsInt < 0 ? CelErrors.RangeOverflow : CelValue.Of((ulong)value.AsInt),
        CelKind.Double => value.AsDouble is > -1 and < TwoTo64 ? CelValue.Of((ulong)value.AsDouble) : CelErrors.RangeOverflow,
        CelKind.String => Utf8Parser.TryParse(value.Text, out ulong number, out var used) && used == value.Text.Length ? CelValue.Of(number) : CelErrors.RangeOverflow,
        _ => CelErrors.NoOverload,
    };

    public static CelValue ToDouble(in CelValue value) => value.Kind switch
    {
        CelKind.Double => value,
        CelKind.Int => CelValue.Of((double)value.AsInt),
        CelKind.Uint => CelValue.Of((double)value.AsUint),
        CelKind.String => double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? CelValue.Of(number) : CelErrors.RangeOverflow,
        _ => CelErrors.NoOverload,
    };

    public static CelValue ToBool(in CelValue value)
    {
        if (value.Kind != CelKind.String)
            return value.Kind == CelKind.Bool ? value : CelErrors.NoOverload;
        var text = value.Text;
        if (text.SequenceEqual("true"u8) || text.SequenceEqual("True"u8) || text.SequenceEqual("TRUE"u8) || text.SequenceEqual("t"u8) || text.SequenceEqual("1"u8))
            return CelValue.True;
        return text.SequenceEqual("false"u8) || text.SequenceEqual("False"u8) || text.SequenceEqual("FALSE"u8) || text.SequenceEqual("f"u8) || text.SequenceEqual("0"u8)
            ? CelValue.False
            : CelErrors.RangeOverflow;
    }

    public static CelValue ToText(in CelContext context, in CelValue value)
    {
        Span<byte> buffer = stackalloc byte[MaxNumberBytes];
        switch (value.Kind)
        {
            case CelKind.String:
                return value;
            case CelKind.Bytes:
                return System.Text.Unicode.Utf8.IsValid(value.Text) ? value.As(CelKind.String) : CelErrors.RangeOverflow;
            case CelKind.Bool:
                return context.Scratch.String(value.IsTrue ? "true"u8 : "false"u8);
            case CelKind.Int:
                value.AsInt.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture);
                return context.Scratch.String(buffer[..length]);
            case CelKind.Uint:
                value.AsUint.TryFormat(buffer, out length, default, CultureInfo.InvariantCulture);
                return context.Scratch.String(buffer[..length]);
            case CelKind.Double:
                value.AsDouble.TryFormat(buffer, out length, default, CultureInfo.InvariantCulture);
                return context.Scratch.String(buffer[..length]);
            case CelKind.Duration:
                return context.Scratch.String(buffer[..CelTimes.FormatSeconds(value, buffer)]);
            case CelKind.Timestamp:
                return context.Scratch.String(buffer[..CelTimes.FormatTimestamp(value, buffer, "Z"u8)]);
            default:
                return CelErrors.NoOverload;
        }
    }
}
