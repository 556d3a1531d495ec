using System.Buffers.Text;
using Google.Protobuf.Reflection;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>Values that are no messages, from the wire to JSON.</summary>
internal static class ScalarPrinter
{
    /// <summary>Values of the type stand in quotes: text, and numbers that JavaScript cannot hold.</summary>
    public static bool IsQuoted(FieldType type) => type is FieldType.String or FieldType.Bytes
        or FieldType.Int64 or FieldType.UInt64 or FieldType.SInt64 or FieldType.Fixed64 or FieldType.SFixed64;

    /// <param name="field">Whose value it is.</param>
    /// <param name="bytes">The value, of text.</param>
    /// <param name="number">The value, of anything else, as it stands on the wire.</param>
    /// <param name="enumsAsNumbers">Not by their names.</param>
    /// <param name="output">Takes it.</param>
    public static void Print(FieldDescriptor field, ReadOnlySpan<byte> bytes, ulong number, bool enumsAsNumbers, ByteWriter output)
    {
        switch (field.FieldType)
        {
            case FieldType.String: JsonText.WriteString(output, bytes); break;
            case FieldType.Bytes: PrintBase64(bytes, output); break;
            case FieldType.Bool: output.Write(number != 0 ? "true"u8 : "false"u8); break;
            case FieldType.Enum: PrintEnum(field.EnumType, (int)number, enumsAsNumbers, output); break;
            case FieldType.Double: PrintDouble(BitConverter.UInt64BitsToDouble(number), isSingle: false, output); break;
            case FieldType.Float: PrintDouble(BitConverter.UInt32BitsToSingle((uint)number), isSingle: true, output); break;
            case FieldType.UInt64 or FieldType.Fixed64:
                output.Write((byte)'"');
                Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
                output.Advance(written);
                output.Write((byte)'"');
                break;
            case FieldType.Int64 or FieldType.SFixed64: PrintQuoted((long)number, output); break;
            case FieldType.SInt64: PrintQuoted((long)(number >> 1) ^ -(long)(number & 1), output); break;
            case FieldType.SInt32: output.Write((long)(int)((uint)number >> 1) ^ -(long)(number & 1)); break;
            case FieldType.UInt32 or FieldType.Fixed32: output.Write((long)(uint)number); break;
            default: output.Write((long)(int)number); break;
        }
    }

    public static void PrintDouble(double value, bool isSingle, ByteWriter output)
    {
        if (double.IsNaN(value)) output.Write("\"NaN\""u8);
        else if (double.IsInfinity(value)) output.Write(value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
        else
        {
            var room = output.GetSpan(32);
            var isWritten = isSingle ? Utf8Formatter.TryFormat((float)value, room, out var length) : Utf8Formatter.TryFormat(value, room, out length);
            if (isWritten) output.Advance(length);
        }
    }

    private static void PrintQuoted(long value, ByteWriter output)
    {
        output.Write((byte)'"');
        output.Write(value);
        output.Write((byte)'"');
    }

    private static void PrintEnum(EnumDescriptor type, int number, bool asNumber, ByteWriter output)
    {
        if (type.FullName == "google.protobuf.NullValue")
        {
            output.Write("null"u8);
        }
        else if (!asNumber && type.FindValueByNumber(number) is { } value)
        {
            output.Write((byte)'"');
            output.Write(value.Name);
            output.Write((byte)'"');
        }
        else
        {
            output.Write((long)number);
        }
    }

    private static void PrintBase64(ReadOnlySpan<byte> bytes, ByteWriter output)
    {
        output.Write((byte)'"');
        var room = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, room, out _, out var written);
        output.Advance(written);
        output.Write((byte)'"');
    }
}
