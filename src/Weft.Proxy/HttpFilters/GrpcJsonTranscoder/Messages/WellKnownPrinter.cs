using System.Text;
using Google.Protobuf.Reflection;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>The messages of google.protobuf that have a JSON form of their own, from the wire to JSON.</summary>
internal static class WellKnownPrinter
{
    public static bool TryPrint(MessagePrinter printer, MessageDescriptor type, ReadOnlySpan<byte> message, int depth, ByteWriter output)
    {
        switch (WellKnownTypes.KindOf(type))
        {
            case WellKnownKind.Timestamp: return TryPrintTime(message, isDuration: false, output);
            case WellKnownKind.Duration: return TryPrintTime(message, isDuration: true, output);
            case WellKnownKind.FieldMask: return TryPrintMask(message, output);
            case WellKnownKind.Wrapper: return TryPrintWrapper(printer, type, message, depth, output);
            case WellKnownKind.Struct: return TryPrintStruct(printer, type, message, depth, output);
            case WellKnownKind.ListValue: return TryPrintList(printer, type, message, depth, output);
            case WellKnownKind.Value: return TryPrintValue(printer, type, message, depth, output);
            default: return TryPrintAny(printer, message, depth, output);
        }
    }

    private static bool TryPrintTime(ReadOnlySpan<byte> message, bool isDuration, ByteWriter output)
    {
        if (!WireField.TryFind(message, 1, out var seconds) || !WireField.TryFind(message, 2, out var nanos)) return false;
        output.Write((byte)'"');
        var isPrinted = isDuration
            ? TimeText.TryWriteDuration((long)seconds.Number, (int)nanos.Number, output)
            : TimeText.TryWriteTimestamp((long)seconds.Number, (int)nanos.Number, output);
        output.Write((byte)'"');
        return isPrinted;
    }

    private static bool TryPrintMask(ReadOnlySpan<byte> message, ByteWriter output)
    {
        output.Write((byte)'"');
        var isFirst = true;
        for (var at = 0; at < message.Length;)
        {
            if (!WireFormat.TryReadVarint(message, ref at, out var tag) || !WireField.TryReadValue((int)tag & 7, message, ref at, out var path)) return false;
            if (tag >> 3 != 1 || !path.IsBytes) continue;
            if (!isFirst) output.Write((byte)',');
            isFirst = false;
            JsonText.WriteEscaped(output, Encoding.UTF8.GetBytes(WellKnownTypes.ToCamelCase(Encoding.UTF8.GetString(path.BytesOf(message)))));
        }

        output.Write((byte)'"');
        return true;
    }

    private static bool TryPrintWrapper(MessagePrinter printer, MessageDescriptor type, ReadOnlySpan<byte> message, int depth, ByteWriter output)
    {
        var field = type.FindFieldByNumber(1);
        if (!WireField.TryFind(message, 1, out var value)) return false;
        if (value.Tag != 0) return printer.TryPrintValue(field, message, value, depth, output);
        ScalarPrinter.Print(field, default, 0, enumsAsNumbers: false, output);
        return true;
    }

    /// <summary>Its one field is a map, which is all that it shows.</summary>
    private static bool TryPrintStruct(MessagePrinter printer, MessageDescriptor type, ReadOnlySpan<byte> message, int depth, ByteWriter output)
    {
        var valueField = type.FindFieldByNumber(1).MessageType.FindFieldByNumber(2);
        output.Write((byte)'{');
        var isFirst = true;
        for (var at = 0; at < message.Length;)
        {
            if (!WireFormat.TryReadVarint(message, ref at, out var tag) || !WireField.TryReadValue((int)tag & 7, message, ref at, out var member)) return false;
            if (tag >> 3 != 1 || !member.IsBytes) continue;
            var entry = member.BytesOf(message);
            if (!WireField.TryFind(entry, 1, out var key) || !WireField.TryFind(entry, 2, out var value)) return false;
            printer.PrintName(key.IsBytes ? key.BytesOf(entry) : default, ref isFirst, depth, output);
            if (value.Tag == 0) output.Write("null"u8);
            else if (!printer.TryPrintValue(valueField, entry, value, depth, output)) return false;
        }

        if (!isFirst) printer.NewLine(depth, output);
        output.Write((byte)'}');
        return true;
    }

    private static bool TryPrintList(MessagePrinter printer, MessageDescriptor type, ReadOnlySpan<byte> message, int depth, ByteWriter output)
    {
        output.Write((byte)'[');
        var isFirst = true;
        for (var at = 0; at < message.Length;)
        {
            if (!WireFormat.TryReadVarint(message, ref at, out var tag) || !WireField.TryReadValue((int)tag & 7, message, ref at, out var element)) return false;
            if (tag >> 3 != 1) continue;
            if (!isFirst) output.Write((byte)',');
            isFirst = false;
            printer.NewLine(depth + 1, output);
            if (!printer.TryPrintValue(type.FindFieldByNumber(1), message, element, depth, output)) return false;
        }

        if (!isFirst) printer.NewLine(depth, output);
        output.Write((byte)']');
        return true;
    }

    private static bool TryPrintValue(MessagePrinter printer, MessageDescriptor type, ReadOnlySpan<byte> message, int depth, ByteWriter output)
    {
        for (var at = 0; at < message.Length;)
        {
            if (!WireFormat.TryReadVarint(message, ref at, out var tag) || !WireField.TryReadValue((int)tag & 7, message, ref at, out var value)) return false;
            if (type.FindFieldByNumber((int)(tag >> 3)) is { } field && at == message.Length) return printer.TryPrintValue(field, message, value, depth, output);
        }

        output.Write("null"u8);
        return true;
    }

    private static bool TryPrintAny(MessagePrinter printer, ReadOnlySpan<byte> message, int depth, ByteWriter output)
    {
        if (!WireField.TryFind(message, 1, out var url) || !WireField.TryFind(message, 2, out var value)) return false;
        var typeUrl = url.IsBytes ? url.BytesOf(message) : default;
        var isFirst = true;
        output.Write((byte)'{');
        if (!typeUrl.IsEmpty)
        {
            if (printer.Types.FindMessage(Encoding.UTF8.GetString(typeUrl)) is not { } type) return false;
            printer.PrintName("@type"u8, ref isFirst, depth, output);
            JsonText.WriteString(output, typeUrl);
            var inner = value.IsBytes ? value.BytesOf(message) : default;
            if (WellKnownTypes.KindOf(type) == WellKnownKind.None)
            {
                if (!printer.TryPrintMembers(type, inner, depth, ref isFirst, output)) return false;
            }
            else
            {
                printer.PrintName("value"u8, ref isFirst, depth, output);
                if (!printer.TryPrintMessage(type, inner, depth + 1, output)) return false;
            }
        }

        if (!isFirst) printer.NewLine(depth, output);
        output.Write((byte)'}');
        return true;
    }
}
