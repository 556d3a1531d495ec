using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Weft.Config.Syntax;

namespace Weft.Config.Binding;

/// <summary>Turns a scalar of the text into the value of a field, with the leniencies of the protobuf JSON mapping.</summary>
internal static class ScalarReader
{
    /// <summary>The value, boxed as the accessors of generated messages want it; or what is wrong with it.</summary>
    internal static (object? Value, string? Fault, string? Suggestion) Read(FieldType type, EnumDescriptor? enumType, ScalarNode node) => type switch
    {
        FieldType.String => ReadString(node),
        FieldType.Bool => ReadBool(node),
        FieldType.Bytes => ReadBytes(node),
        FieldType.Enum => ReadEnum(enumType!, node),
        FieldType.Double => ReadDouble(node, static d => d),
        FieldType.Float => ReadDouble(node, static d => (float)d),
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => ReadInteger(node, int.MinValue, int.MaxValue, static n => (int)n),
        FieldType.UInt32 or FieldType.Fixed32 => ReadInteger(node, 0, uint.MaxValue, static n => (uint)n),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => ReadInteger(node, long.MinValue, long.MaxValue, static n => (long)n),
        _ => ReadInteger(node, 0, ulong.MaxValue, static n => (ulong)n),
    };

    /// <summary>What a field of this type expects, for a message to a person.</summary>
    internal static string Expected(FieldType type) => type switch
    {
        FieldType.String => "text",
        FieldType.Bool => "true or false",
        FieldType.Bytes => "bytes in base64",
        FieldType.Enum => "the name of a value",
        FieldType.Double or FieldType.Float => "a number",
        _ => "an integer",
    };

    private static (object?, string?, string?) ReadString(ScalarNode node) => node.Kind == ScalarKind.String
        ? (node.Text, null, null)
        : (null, $"expected text, found {node.Describe()}; text that looks like something else needs quotes", $"\"{node.Written}\"");

    private static (object?, string?, string?) ReadBool(ScalarNode node) => node.Text switch
    {
        "true" => (true, null, null),
        "false" => (false, null, null),
        _ => (null, $"expected true or false, found {node.Describe()}", node.Text is "0" or "1" ? (node.Text == "1" ? "true" : "false") : Suggestion.For(node.Text, ["true", "false"])),
    };

    private static (object?, string?, string?) ReadBytes(ScalarNode node)
    {
        if (node.Kind != ScalarKind.String) return (null, $"expected bytes in base64, found {node.Describe()}", null);
        var text = node.Text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        text = text.PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? (ByteString.CopyFrom(bytes, 0, length), null, null)
            : (null, "expected bytes in base64", null);
    }

    private static (object?, string?, string?) ReadEnum(EnumDescriptor type, ScalarNode node)
    {
        if (type.FullName == "google.protobuf.NullValue") return (0, null, null);
        if (TryInteger(node.Text, out var number) && number >= int.MinValue && number <= int.MaxValue) return ((int)number, null, null);
        foreach (var value in type.Values)
            if (string.Equals(value.Name, node.Text, StringComparison.OrdinalIgnoreCase)) return (value.Number, null, null);
        return (null, $"unknown value \"{node.Text}\" of {type.FullName}", Suggestion.For(node.Text, type.Values.Select(static v => v.Name)));
    }

    private static (object?, string?, string?) ReadInteger(ScalarNode node, Int128 least, Int128 most, Func<Int128, object> box)
    {
        if (node.Kind == ScalarKind.Bool || !TryInteger(node.Text, out var number)) return (null, $"expected an integer, found {node.Describe()}", null);
        return number >= least && number <= most
            ? (box(number), null, null)
            : (null, $"{node.Text} is out of range, which is {least} to {most}", null);
    }

    // 10, "10", 1e1 and 10.0 are all the integer 10.
    private static bool TryInteger(string text, out Int128 number)
    {
        if (Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)) return true;
        if (!TryDouble(text, out var value) || !double.IsInteger(value) || Math.Abs(value) > 1e20) return false;
        number = (Int128)value;
        return true;
    }

    private static (object?, string?, string?) ReadDouble(ScalarNode node, Func<double, object> box)
    {
        if (node.Kind == ScalarKind.Bool) return (null, $"expected a number, found {node.Describe()}", null);
        return node.Text switch
        {
            "NaN" => (box(double.NaN), null, null),
            "Infinity" => (box(double.PositiveInfinity), null, null),
            "-Infinity" => (box(double.NegativeInfinity), null, null),
            _ when TryDouble(node.Text, out var value) => (box(value), null, null),
            _ => (null, $"expected a number, found {node.Describe()}", null),
        };
    }

    private static bool TryDouble(string text, out double value)
        => double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
}
