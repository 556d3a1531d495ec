using Google.Protobuf.Reflection;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>Protobuf on the wire to JSON, by descriptors and protobuf's JSON mapping: fields in the order of their declaration, unknown ones left out. Pooled with its filter; one thread.</summary>
internal sealed class MessagePrinter(MessageTypes types, PrintOptions options)
{
    /// <summary>The fields of the messages that are being printed, those of the innermost last.</summary>
    private readonly List<WireField> _fields = [];

    public MessageTypes Types => types;

    /// <summary>Appends a message as JSON; false when it cannot be read.</summary>
    public bool TryPrint(MessageDescriptor type, ReadOnlySpan<byte> message, ByteWriter output)
    {
        _fields.Clear();
        if (!TryPrintMessage(type, message, 0, output)) return false;
        if (options.AddWhitespace) output.Write((byte)'\n');
        return true;
    }

    internal bool TryPrintMessage(MessageDescriptor type, ReadOnlySpan<byte> message, int depth, ByteWriter output)
    {
        if (depth > MessageLimits.MaxDepth) return false;
        if (WellKnownTypes.KindOf(type) != WellKnownKind.None) return WellKnownPrinter.TryPrint(this, type, message, depth, output);
        output.Write((byte)'{');
        var isFirst = true;
        if (!TryPrintMembers(type, message, depth, ref isFirst, output)) return false;
        if (!isFirst) NewLine(depth, output);
        output.Write((byte)'}');
        return true;
    }

    /// <summary>The inside of an object.</summary>
    internal bool TryPrintMembers(MessageDescriptor type, ReadOnlySpan<byte> message, int depth, ref bool isFirst, ByteWriter output)
    {
        var start = _fields.Count;
        if (!WireField.TryReadAll(type, message, _fields)) return false;
        var end = _fields.Count;
        _fields.Sort(start, end - start, WireField.ByDeclaration);
        var at = start;
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            var first = at;
            while (at < end && _fields[at].Order == field.Index) at++;
            if (first == at && !HasDefault(field)) continue;
            PrintName(field, ref isFirst, depth, output);
            if (first == at) PrintDefault(field, output);
            else if (!TryPrintField(field, message, first, at, depth, output)) return false;
        }

        _fields.RemoveRange(start, end - start);
        return true;
    }

    /// <summary>Separates from what stands before, and writes the name of a member.</summary>
    internal void PrintName(ReadOnlySpan<byte> name, ref bool isFirst, int depth, ByteWriter output)
    {
        if (!isFirst) output.Write((byte)',');
        isFirst = false;
        NewLine(depth + 1, output);
        JsonText.WriteString(output, name);
        output.Write(options.AddWhitespace ? ": "u8 : ":"u8);
    }

    /// <summary>One value of a field.</summary>
    internal bool TryPrintValue(FieldDescriptor field, ReadOnlySpan<byte> message, in WireField value, int depth, ByteWriter output)
    {
        if (field.FieldType == FieldType.Message) return value.IsBytes && TryPrintMessage(field.MessageType, value.BytesOf(message), depth + 1, output);
        if (value.WireType != WireFormat.TypeOf(field.FieldType)) return false;
        ScalarPrinter.Print(field, value.IsBytes ? value.BytesOf(message) : default, value.Number, options.EnumsAsNumbers, output);
        return true;
    }

    internal void NewLine(int depth, ByteWriter output)
    {
        if (!options.AddWhitespace) return;
        output.Write((byte)'\n');
        for (var i = 0; i < depth; i++) output.Write((byte)' ');
    }

    private void PrintName(FieldDescriptor field, ref bool isFirst, int depth, ByteWriter output)
    {
        Span<byte> name = stackalloc byte[256];
        var text = options.ProtoNames ? field.Name : field.JsonName;
        var isShort = System.Text.Encoding.UTF8.TryGetBytes(text, name, out var length);
        PrintName(isShort ? name[..length] : System.Text.Encoding.UTF8.GetBytes(text), ref isFirst, depth, output);
    }

    private bool TryPrintField(FieldDescriptor field, ReadOnlySpan<byte> message, int first, int end, int depth, ByteWriter output)
    {
        if (field.IsMap) return TryPrintMap(field, message, first, end, depth, output);
        return field.IsRepeated
            ? TryPrintList(field, message, first, end, depth, output)
            : TryPrintValue(field, message, _fields[end - 1], depth, output);
    }

    private bool TryPrintList(FieldDescriptor field, ReadOnlySpan<byte> message, int first, int end, int depth, ByteWriter output)
    {
        output.Write((byte)'[');
        var isFirst = true;
        for (var i = first; i < end; i++)
        {
            var value = _fields[i];
            var isPacked = value.IsBytes && WireFormat.TypeOf(field.FieldType) != WireFormat.Bytes;
            if (isPacked ? !TryPrintPacked(field, value.BytesOf(message), ref isFirst, depth, output) : !TryPrintElement(field, message, value, ref isFirst, depth, output))
                return false;
        }

        if (!isFirst) NewLine(depth + 1, output);
        output.Write((byte)']');
        return true;
    }

    private bool TryPrintElement(FieldDescriptor field, ReadOnlySpan<byte> message, in WireField value, ref bool isFirst, int depth, ByteWriter output)
    {
        if (!isFirst) output.Write((byte)',');
        isFirst = false;
        NewLine(depth + 2, output);
        return TryPrintValue(field, message, value, depth + 1, output);
    }

    private bool TryPrintPacked(FieldDescriptor field, ReadOnlySpan<byte> values, ref bool isFirst, int depth, ByteWriter output)
    {
        for (var at = 0; at < values.Length;)
        {
            if (!WireField.TryReadValue(WireFormat.TypeOf(field.FieldType), values, ref at, out var value)) return false;
            if (!TryPrintElement(field, values, value, ref isFirst, depth, output)) return false;
        }

        return true;
    }

    private bool TryPrintMap(FieldDescriptor field, ReadOnlySpan<byte> message, int first, int end, int depth, ByteWriter output)
    {
        var (keyField, valueField) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
        output.Write((byte)'{');
        var isFirst = true;
        for (var i = first; i < end; i++)
        {
            if (!_fields[i].IsBytes) return false;
            var entry = _fields[i].BytesOf(message);
            if (!WireField.TryFind(entry, 1, out var key) || !WireField.TryFind(entry, 2, out var value)) return false;
            if (!isFirst) output.Write((byte)',');
            isFirst = false;
            NewLine(depth + 2, output);
            PrintKey(keyField, entry, key, output);
            output.Write(options.AddWhitespace ? ": "u8 : ":"u8);
            if (value.Tag == 0) PrintDefault(valueField, output);
            else if (!TryPrintValue(valueField, entry, value, depth + 1, output)) return false;
        }

        if (!isFirst) NewLine(depth + 1, output);
        output.Write((byte)'}');
        return true;
    }

    private void PrintKey(FieldDescriptor field, ReadOnlySpan<byte> entry, in WireField key, ByteWriter output)
    {
        var bytes = key.IsBytes ? key.BytesOf(entry) : default;
        var isQuoted = ScalarPrinter.IsQuoted(field.FieldType);
        if (!isQuoted) output.Write((byte)'"');
        ScalarPrinter.Print(field, bytes, key.Number, options.EnumsAsNumbers, output);
        if (!isQuoted) output.Write((byte)'"');
    }

    /// <summary>What a field that is not there prints: everything but messages and what can tell absence from its default.</summary>
    private bool HasDefault(FieldDescriptor field) =>
        options.PrintDefaults && (field.IsRepeated || (field.FieldType is not (FieldType.Message or FieldType.Group) && field.ContainingOneof is null && !field.HasPresence));

    private void PrintDefault(FieldDescriptor field, ByteWriter output)
    {
        if (field.IsMap) output.Write("{}"u8);
        else if (field.IsRepeated) output.Write("[]"u8);
        else if (field.FieldType == FieldType.Message) output.Write("{}"u8);
        else ScalarPrinter.Print(field, default, 0, options.EnumsAsNumbers, output);
    }
}
