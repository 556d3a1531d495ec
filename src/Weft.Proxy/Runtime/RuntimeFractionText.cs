using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Runtime;

/// <summary>Reads a fraction mapping (<c>numerator</c>, <c>denominator</c>) from where runtime values come from.</summary>
internal static class RuntimeFractionText
{
    /// <summary>Null when the mapping has any other field: it is then no fraction.</summary>
    public static RuntimeFraction? Read(Struct mapping)
    {
        uint numerator = 0, denominator = 100;
        foreach (var (name, value) in mapping.Fields)
        {
            if (name == "numerator")
            {
                if (value.HasNumberValue) numerator = (uint)Math.Clamp(value.NumberValue, 0, uint.MaxValue);
            }
            else if (name != "denominator" || !ReadDenominator(value.StringValue, out denominator))
            {
                return null;
            }
        }

        return new RuntimeFraction(null, numerator, denominator);
    }

    /// <summary>A mapping in flow (<c>{numerator: 5, denominator: HUNDRED}</c>) or block style (a line per field).</summary>
    public static RuntimeFraction? Read(string yaml)
    {
        var flow = yaml.StartsWith('{') && yaml.EndsWith('}');
        var fields = (flow ? yaml[1..^1] : yaml).Split(flow ? ',' : '\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        uint numerator = 0, denominator = 100;
        foreach (var field in fields)
        {
            var colon = field.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) return null;
            var value = Unquote(field[(colon + 1)..]);
            var known = Unquote(field[..colon]) switch
            {
                "numerator" => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out numerator),
                "denominator" => ReadDenominator(value, out denominator),
                _ => false,
            };
            if (!known) return null;
        }

        return fields.Length == 0 ? null : new RuntimeFraction(null, numerator, denominator);
    }

    private static string Unquote(string text) => text.Trim().Trim('"', '\'');

    private static bool ReadDenominator(string name, out uint denominator)
    {
        denominator = name switch { "HUNDRED" => 100, "TEN_THOUSAND" => 10_000, "MILLION" => 1_000_000, _ => 0 };
        return denominator != 0;
    }
}
