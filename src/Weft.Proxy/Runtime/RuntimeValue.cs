using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Runtime;

/// <summary>
/// One runtime value with every reading it allows: a text that is a number is that number too, 0 and 1 are flags. Immutable.
/// </summary>
internal sealed class RuntimeValue
{
    /// <summary>As written, for /runtime.</summary>
    public required string Raw { get; init; }

    /// <summary>Numbers not below 0, rounded down.</summary>
    public ulong? Integer { get; private init; }

    public double? Double { get; private init; }

    public bool? Bool { get; private init; }

    public RuntimeFraction? Fraction { get; private init; }

    /// <summary>The content of a file of a disk layer or of an admin change, read as YAML does: flag, number, fraction mapping, or text.</summary>
    public static RuntimeValue FromText(string text)
    {
        var trimmed = text.Trim();
        if (ReadFlag(trimmed) is { } flag) return new RuntimeValue { Raw = text, Bool = flag };
        if (ReadNumber(trimmed) is { } number) return FromNumber(number, text);
        return RuntimeFractionText.Read(trimmed) is { } fraction
            ? new RuntimeValue { Raw = text, Fraction = fraction }
            : new RuntimeValue { Raw = text };
    }

    /// <summary>A leaf of a static layer; null for what is no value (null, list).</summary>
    public static RuntimeValue? FromProto(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.NumberValue => FromNumber(value.NumberValue, value.NumberValue.ToString(CultureInfo.InvariantCulture)),
        Value.KindOneofCase.BoolValue => new RuntimeValue { Raw = value.BoolValue ? "true" : "false", Bool = value.BoolValue },
        Value.KindOneofCase.StringValue when ReadNumber(value.StringValue) is { } number => FromNumber(number, value.StringValue),
        Value.KindOneofCase.StringValue => new RuntimeValue { Raw = value.StringValue },
        Value.KindOneofCase.StructValue => new RuntimeValue { Raw = value.StructValue.ToString(), Fraction = RuntimeFractionText.Read(value.StructValue) },
        _ => null,
    };

    private static RuntimeValue FromNumber(double number, string raw) => new()
    {
        Raw = raw,
        Double = number,
        Bool = number < int.MaxValue && number == Math.Truncate(number) ? number != 0 : null,
        Integer = number is >= 0 and < ulong.MaxValue ? (ulong)number : null,
    };

    private static double? ReadNumber(string text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static bool? ReadFlag(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" or "Y" => true,
        "FALSE" or "NO" or "OFF" or "N" => false,
        _ => null,
    };
}
