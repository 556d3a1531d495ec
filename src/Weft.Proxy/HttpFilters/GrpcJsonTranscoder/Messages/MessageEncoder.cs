using System.Text;
using Google.Protobuf.Reflection;
using Weft.Base.Buffers;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>
/// JSON to protobuf on the wire, by descriptors and protobuf's JSON mapping: members that a message does not have are passed over, null is absence.
/// Pooled with its filter; one thread.
/// </summary>
internal sealed class MessageEncoder(MessageTypes types, bool ignoreEnumCase)
{
    private readonly ByteWriter _text = new(0);

    public MessageTypes Types => types;

    /// <summary>What was wrong; null while nothing was.</summary>
    public string? Fault { get; private set; }

    public void Reset() => Fault = null;

    /// <summary>Appends the fields of the message that a JSON text shows; false with <see cref="Fault"/> when it shows none.</summary>
    public bool TryWriteMessage(MessageDescriptor type, ReadOnlySpan<byte> json, ByteWriter output)
    {
        var scanner = new JsonScanner(json);
        return TryWriteMessage(type, ref scanner, 0, output) && (scanner.IsAtEnd || FailSyntax());
    }

    /// <summary>Appends one field, tag and all, with the value that a JSON text shows.</summary>
    public bool TryWriteField(FieldDescriptor field, ReadOnlySpan<byte> json, ByteWriter output)
    {
        var scanner = new JsonScanner(json);
        return TryWriteField(field, ref scanner, 0, output) && (scanner.IsAtEnd || FailSyntax());
    }

    /// <summary>Appends one value of a field that is no message, from text as it stands in paths and queries.</summary>
    public bool TryWriteText(FieldDescriptor field, ReadOnlySpan<byte> text, ByteWriter output)
    {
        if (field.FieldType == FieldType.Message)
        {
            WireFormat.WriteTag(output, field.FieldNumber, WireFormat.Bytes);
            var start = output.Length;
            if (!WellKnownEncoder.TryWriteText(this, field.MessageType, text, output)) return FailValue(field, text);
            WireFormat.PrefixLength(output, start);
            return true;
        }

        WireFormat.WriteTag(output, field.FieldNumber, WireFormat.TypeOf(field.FieldType));
        return ScalarEncoder.TryWrite(field, text, ignoreEnumCase, output) || FailValue(field, text);
    }

    internal bool TryWriteMessage(MessageDescriptor type, ref JsonScanner json, int depth, ByteWriter output)
    {
        if (depth > MessageLimits.MaxDepth) return Fail("Message too deep. Max recursion depth reached");
        if (WellKnownEncoder.Handles(type)) return WellKnownEncoder.TryWrite(this, type, ref json, depth, output);
        if (json.Peek() != JsonKind.Object) return json.IsFault ? FailSyntax() : Fail($"{type.FullName} is not an object");
        json.Enter();
        var isFirst = true;
        while (json.NextMember(ref isFirst, out var name))
        {
            if (!TryWriteMember(type, name, ref json, depth, output)) return false;
        }

        return !json.IsFault || FailSyntax();
    }

    internal bool TryWriteField(FieldDescriptor field, ref JsonScanner json, int depth, ByteWriter output)
    {
        if (json.Peek() == JsonKind.Null && !WellKnownEncoder.TakesNull(field)) return json.TryReadLiteral("null"u8) || FailSyntax();
        if (field.IsMap) return TryWriteMap(field, ref json, depth, output);
        if (!field.IsRepeated) return TryWriteValue(field, ref json, depth, output);
        if (json.Peek() != JsonKind.Array) return Fail($"{field.FullName} is not an array");
        json.Enter();
        var isFirst = true;
        while (json.NextElement(ref isFirst))
        {
            if (!TryWriteValue(field, ref json, depth, output)) return false;
        }

        return !json.IsFault || FailSyntax();
    }

    internal bool Fail(string text)
    {
        Fault ??= text;
        return false;
    }

    internal bool FailSyntax() => Fail("JSON parse error");

    /// <summary>Reads a string and what it means; valid until the next one.</summary>
    internal bool TryReadText(ref JsonScanner json, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!json.TryReadString(out var raw)) return FailSyntax();
        if (!raw.Contains((byte)'\\'))
        {
            text = raw;
            return true;
        }

        _text.Clear();
        if (!JsonEscapes.TryDecode(raw, _text)) return FailSyntax();
        text = _text.Written;
        return true;
    }

    internal bool TrySkip(ref JsonScanner json, int depth) => json.TrySkip(depth, out _) || FailSyntax();

    private bool TryWriteMember(MessageDescriptor type, scoped ReadOnlySpan<byte> name, ref JsonScanner json, int depth, ByteWriter output)
    {
        _text.Clear();
        if (!JsonEscapes.TryDecode(name, _text)) return FailSyntax();
        return types.FindField(type, Encoding.UTF8.GetString(_text.Written)) is { } field
            ? TryWriteField(field, ref json, depth, output)
            : TrySkip(ref json, depth);
    }

    private bool TryWriteMap(FieldDescriptor field, ref JsonScanner json, int depth, ByteWriter output)
    {
        if (json.Peek() != JsonKind.Object) return Fail($"{field.FullName} is not an object");
        var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
        json.Enter();
        var isFirst = true;
        while (json.NextMember(ref isFirst, out var name))
        {
            WireFormat.WriteTag(output, field.FieldNumber, WireFormat.Bytes);
            var start = output.Length;
            _text.Clear();
            if (!JsonEscapes.TryDecode(name, _text)) return FailSyntax();
            if (!TryWriteText(key, _text.Written, output) || !TryWriteValue(value, ref json, depth, output)) return false;
            WireFormat.PrefixLength(output, start);
        }

        return !json.IsFault || FailSyntax();
    }

    private bool TryWriteValue(FieldDescriptor field, ref JsonScanner json, int depth, ByteWriter output)
    {
        if (field.FieldType is FieldType.Message or FieldType.Group)
        {
            if (field.FieldType == FieldType.Group) return Fail($"{field.FullName} is a group");
            WireFormat.WriteTag(output, field.FieldNumber, WireFormat.Bytes);
            var start = output.Length;
            if (!TryWriteMessage(field.MessageType, ref json, depth + 1, output)) return false;
            WireFormat.PrefixLength(output, start);
            return true;
        }

        var kind = json.Peek();
        if (!TryReadScalar(kind, ref json, out var text)) return json.IsFault ? FailSyntax() : Fail($"{field.FullName} is not a value of its type");
        if (!Fits(field.FieldType, kind)) return FailValue(field, text);
        return TryWriteText(field, text, output);
    }

    /// <summary>Reads a value that is neither object nor array, as text.</summary>
    internal bool TryReadScalar(JsonKind kind, ref JsonScanner json, out ReadOnlySpan<byte> text)
    {
        text = default;
        switch (kind)
        {
            case JsonKind.String: return TryReadText(ref json, out text);
            case JsonKind.Number: return json.TryReadNumber(out text);
            case JsonKind.True:
                text = "true"u8;
                return json.TryReadLiteral("true"u8);
            case JsonKind.False:
                text = "false"u8;
                return json.TryReadLiteral("false"u8);
            case JsonKind.Null:
                // Only enums of one value, NullValue, come here.
                text = "0"u8;
                return json.TryReadLiteral("null"u8);
            default: return false;
        }
    }

    /// <summary>Numbers may stand in strings, but strings not without quotes.</summary>
    private static bool Fits(FieldType type, JsonKind kind) => type switch
    {
        FieldType.String or FieldType.Bytes => kind == JsonKind.String,
        FieldType.Bool => kind is JsonKind.True or JsonKind.False or JsonKind.String,
        FieldType.Enum => kind is JsonKind.String or JsonKind.Number or JsonKind.Null,
        _ => kind is JsonKind.Number or JsonKind.String,
    };

    private bool FailValue(FieldDescriptor field, ReadOnlySpan<byte> text)
    {
        const int Shown = 64;
        return Fail($"{field.FullName}: invalid value {Encoding.UTF8.GetString(text[..Math.Min(text.Length, Shown)])} for type TYPE_{field.FieldType.ToString().ToUpperInvariant()}");
    }
}
