using System.Text;
using Google.Protobuf.Reflection;
using Weft.Base.Buffers;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>The messages of google.protobuf that have a JSON form of their own, from JSON to the wire.</summary>
internal static class WellKnownEncoder
{
    private const string Value = "google.protobuf.Value";

    public static bool Handles(MessageDescriptor type) => WellKnownTypes.KindOf(type) != WellKnownKind.None;

    /// <summary>null is a value of this field, and not its absence.</summary>
    public static bool TakesNull(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => !field.IsRepeated && field.MessageType.FullName == Value,
        FieldType.Enum => field.EnumType.FullName == "google.protobuf.NullValue",
        _ => false,
    };

    /// <summary>Appends the fields of a message whose JSON form is text.</summary>
    public static bool TryWriteText(MessageEncoder encoder, MessageDescriptor type, ReadOnlySpan<byte> text, ByteWriter output)
    {
        switch (WellKnownTypes.KindOf(type))
        {
            case WellKnownKind.Timestamp:
                return TimeText.TryReadTimestamp(text, out var at, out var atNanos) && WriteTime(at, atNanos, output);
            case WellKnownKind.Duration:
                return TimeText.TryReadDuration(text, out var seconds, out var nanos) && WriteTime(seconds, nanos, output);
            case WellKnownKind.FieldMask:
                WriteMask(Encoding.UTF8.GetString(text), output);
                return true;
            case WellKnownKind.Wrapper:
                return encoder.TryWriteText(type.FindFieldByNumber(1), text, output);
            case WellKnownKind.Value:
                WireFormat.WriteTag(output, 3, WireFormat.Bytes);
                WireFormat.WriteBytes(output, text);
                return true;
            default:
                return false;
        }
    }

    public static bool TryWrite(MessageEncoder encoder, MessageDescriptor type, ref JsonScanner json, int depth, ByteWriter output)
    {
        var kind = json.Peek();
        switch (WellKnownTypes.KindOf(type))
        {
            case WellKnownKind.Struct:
                return kind == JsonKind.Object ? encoder.TryWriteField(type.FindFieldByNumber(1), ref json, depth, output) : Fail(encoder, type);
            case WellKnownKind.ListValue:
                return kind == JsonKind.Array ? encoder.TryWriteField(type.FindFieldByNumber(1), ref json, depth, output) : Fail(encoder, type);
            case WellKnownKind.Value:
                return TryWriteValue(encoder, type, kind, ref json, depth, output);
            case WellKnownKind.Any:
                return kind == JsonKind.Object ? TryWriteAny(encoder, ref json, depth, output) : Fail(encoder, type);
            default:
                return encoder.TryReadScalar(kind, ref json, out var text) && (TryWriteText(encoder, type, text, output) || Fail(encoder, type));
        }
    }

    private static bool TryWriteValue(MessageEncoder encoder, MessageDescriptor type, JsonKind kind, ref JsonScanner json, int depth, ByteWriter output)
    {
        // The fields of google.protobuf.Value by number: null, number, string, bool, struct, list.
        var number = kind switch
        {
            JsonKind.Null => 1,
            JsonKind.Number => 2,
            JsonKind.String => 3,
            JsonKind.True or JsonKind.False => 4,
            JsonKind.Object => 5,
            JsonKind.Array => 6,
            _ => 0,
        };
        return number == 0 ? encoder.FailSyntax() : encoder.TryWriteField(type.FindFieldByNumber(number), ref json, depth, output);
    }

    private static bool TryWriteAny(MessageEncoder encoder, ref JsonScanner json, int depth, ByteWriter output)
    {
        // The type may stand anywhere in it, but everything else depends on it.
        var rest = json;
        if (!json.TrySkip(depth, out var whole)) return encoder.FailSyntax();
        if (FindType(encoder, rest, out var typeUrl) is not { } type)
            return encoder.Fail(typeUrl.Length == 0 ? "Missing @type for any field" : $"Invalid type URL, unknown type: {typeUrl}");
        WireFormat.WriteTag(output, 1, WireFormat.Bytes);
        WireFormat.WriteBytes(output, Encoding.UTF8.GetBytes(typeUrl));
        WireFormat.WriteTag(output, 2, WireFormat.Bytes);
        var start = output.Length;
        var inner = new JsonScanner(whole);
        if (Handles(type) ? !TryWriteAnyValue(encoder, type, inner, depth, output) : !encoder.TryWriteMessage(type, ref inner, depth + 1, output)) return false;
        WireFormat.PrefixLength(output, start);
        return true;
    }

    private static MessageDescriptor? FindType(MessageEncoder encoder, JsonScanner json, out string typeUrl)
    {
        typeUrl = "";
        json.Enter();
        var isFirst = true;
        while (json.NextMember(ref isFirst, out var name))
        {
            if (name.SequenceEqual("@type"u8) && json.Peek() == JsonKind.String && encoder.TryReadText(ref json, out var text))
            {
                typeUrl = Encoding.UTF8.GetString(text);
                return encoder.Types.FindMessage(typeUrl);
            }

            if (!json.TrySkip(0, out _)) return null;
        }

        return null;
    }

    /// <summary>What has a JSON form of its own stands in a member <c>value</c>.</summary>
    private static bool TryWriteAnyValue(MessageEncoder encoder, MessageDescriptor type, JsonScanner json, int depth, ByteWriter output)
    {
        json.Enter();
        var isFirst = true;
        while (json.NextMember(ref isFirst, out var name))
        {
            if (name.SequenceEqual("value"u8)) return TryWrite(encoder, type, ref json, depth + 1, output);
            if (!json.TrySkip(0, out _)) return encoder.FailSyntax();
        }

        return true;
    }

    private static bool WriteTime(long seconds, int nanos, ByteWriter output)
    {
        if (seconds != 0)
        {
            WireFormat.WriteTag(output, 1, WireFormat.Varint);
            WireFormat.WriteVarint(output, (ulong)seconds);
        }

        if (nanos != 0)
        {
            WireFormat.WriteTag(output, 2, WireFormat.Varint);
            WireFormat.WriteVarint(output, (ulong)(long)nanos);
        }

        return true;
    }

    private static void WriteMask(string paths, ByteWriter output)
    {
        foreach (var path in paths.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            WireFormat.WriteTag(output, 1, WireFormat.Bytes);
            WireFormat.WriteBytes(output, Encoding.UTF8.GetBytes(WellKnownTypes.ToSnakeCase(path)));
        }
    }

    private static bool Fail(MessageEncoder encoder, MessageDescriptor type) => encoder.Fail($"Invalid data for {type.FullName}");
}
