using System.Text;
using Google.Protobuf.Reflection;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>Messages of google.protobuf whose JSON form is not that of an ordinary message.</summary>
internal enum WellKnownKind : byte { None, Timestamp, Duration, FieldMask, Wrapper, Struct, Value, ListValue, Any }

/// <summary>Tells them by their names.</summary>
internal static class WellKnownTypes
{
    private const string Package = "google.protobuf.";

    public static WellKnownKind KindOf(MessageDescriptor type) => !type.FullName.StartsWith(Package, StringComparison.Ordinal) ? WellKnownKind.None
        : type.Name switch
        {
            "Timestamp" => WellKnownKind.Timestamp,
            "Duration" => WellKnownKind.Duration,
            "FieldMask" => WellKnownKind.FieldMask,
            "Struct" => WellKnownKind.Struct,
            "Value" => WellKnownKind.Value,
            "ListValue" => WellKnownKind.ListValue,
            "Any" => WellKnownKind.Any,
            "DoubleValue" or "FloatValue" or "Int64Value" or "UInt64Value" or "Int32Value" or "UInt32Value" or "BoolValue" or "StringValue" or "BytesValue"
                => WellKnownKind.Wrapper,
            _ => WellKnownKind.None,
        };

    /// <summary>A path of a field mask as the wire has it.</summary>
    public static string ToSnakeCase(string path)
    {
        var text = new StringBuilder(path.Length + 4);
        foreach (var c in path)
        {
            if (char.IsAsciiLetterUpper(c)) text.Append('_').Append(char.ToLowerInvariant(c));
            else text.Append(c);
        }

        return text.ToString();
    }

    /// <summary>A path of a field mask as JSON has it.</summary>
    public static string ToCamelCase(string path)
    {
        var text = new StringBuilder(path.Length);
        var isNext = false;
        foreach (var c in path)
        {
            if (c == '_') isNext = true;
            else text.Append(isNext ? char.ToUpperInvariant(c) : c);
            isNext &= c == '_';
        }

        return text.ToString();
    }
}
