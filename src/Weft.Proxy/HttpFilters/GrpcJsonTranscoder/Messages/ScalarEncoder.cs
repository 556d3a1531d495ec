using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf.Reflection;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>Values that are no messages, from text to the wire. Numbers may stand in strings, as they do in paths and queries.</summary>
internal static class ScalarEncoder
{
    /// <summary>Appends the value without a tag; false when the text is none of the field's type.</summary>
    /// <param name="ignoreEnumCase">case_insensitive_enum_parsing.</param>
    public static bool TryWrite(FieldDescriptor field, ReadOnlySpan<byte> text, bool ignoreEnumCase, ByteWriter output)
    {
        switch (field.FieldType)
        {
            case FieldType.String:
                if (!Utf8.IsValid(text)) return false;
                WireFormat.WriteBytes(output, text);
                return true;
            case FieldType.Bytes: return TryWriteBase64(text, output);
            case FieldType.Bool: return TryWriteBool(text, output);
            case FieldType.Enum: return TryWriteEnum(field.EnumType, text, ignoreEnumCase, output);
            case FieldType.Double:
                if (!TryReadDouble(text, out var number)) return false;
                WireFormat.WriteFixed64(output, BitConverter.DoubleToUInt64Bits(number));
                return true;
            case FieldType.Float:
                if (!TryReadDouble(text, out var single) || (double.IsFinite(single) && !float.IsFinite((float)single))) return false;
                WireFormat.WriteFixed32(output, BitConverter.SingleToUInt32Bits((float)single));
                return true;
            case FieldType.UInt32 or FieldType.Fixed32:
                return TryReadUnsigned(text, uint.MaxValue, out var unsigned) && WriteInteger(field.FieldType, (long)unsigned, output);
            case FieldType.UInt64 or FieldType.Fixed64:
                return TryReadUnsigned(text, ulong.MaxValue, out var large) && WriteInteger(field.FieldType, (long)large, output);
            case FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32:
                return TryReadSigned(text, out var small) && small == (int)small && WriteInteger(field.FieldType, small, output);
            case FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64:
                return TryReadSigned(text, out var signed) && WriteInteger(field.FieldType, signed, output);
            default:
                return false;
        }
    }

    public static bool TryReadSigned(ReadOnlySpan<byte> text, out long value)
    {
        if (Utf8Parser.TryParse(text, out value, out var read) && read == text.Length) return true;
        // 1e3 and 1.0 are whole numbers too.
        if (!TryReadDouble(text, out var number) || number != Math.Truncate(number) || Math.Abs(number) >= 1L << 62) return false;
        value = (long)number;
        return true;
    }

    private static bool TryReadUnsigned(ReadOnlySpan<byte> text, ulong most, out ulong value)
    {
        if (Utf8Parser.TryParse(text, out value, out var read) && read == text.Length) return value <= most;
        if (!TryReadDouble(text, out var number) || number < 0 || number != Math.Truncate(number) || number >= 1L << 62) return false;
        value = (ulong)number;
        return value <= most;
    }

    private static bool TryReadDouble(ReadOnlySpan<byte> text, out double value)
    {
        if (Json.JsonNumber.IsValid(text) && Utf8Parser.TryParse(text, out value, out var read) && read == text.Length) return double.IsFinite(value);
        value = text.SequenceEqual("NaN"u8) ? double.NaN : text.SequenceEqual("Infinity"u8) ? double.PositiveInfinity : double.NegativeInfinity;
        return double.IsNaN(value) || double.IsPositiveInfinity(value) || text.SequenceEqual("-Infinity"u8);
    }

    private static bool WriteInteger(FieldType type, long value, ByteWriter output)
    {
        switch (type)
        {
            case FieldType.Fixed32 or FieldType.SFixed32: WireFormat.WriteFixed32(output, (uint)value); break;
            case FieldType.Fixed64 or FieldType.SFixed64: WireFormat.WriteFixed64(output, (ulong)value); break;
            case FieldType.SInt32 or FieldType.SInt64: WireFormat.WriteVarint(output, (ulong)(value << 1 ^ value >> 63)); break;
            default: WireFormat.WriteVarint(output, (ulong)value); break;
        }

        return true;
    }

    private static bool TryWriteBool(ReadOnlySpan<byte> text, ByteWriter output)
    {
        var isTrue = text.SequenceEqual("true"u8);
        if (!isTrue && !text.SequenceEqual("false"u8)) return false;
        output.Write(isTrue ? (byte)1 : (byte)0);
        return true;
    }

    private static bool TryWriteEnum(EnumDescriptor type, ReadOnlySpan<byte> text, bool ignoreCase, ByteWriter output)
    {
        if (TryReadSigned(text, out var number) && number == (int)number) return WriteInteger(FieldType.Int32, number, output);
        var name = Encoding.UTF8.GetString(text);
        var value = type.FindValueByName(name);
        if (value is null && ignoreCase)
            value = type.Values.FirstOrDefault(one => string.Equals(one.Name, name.Replace('-', '_'), StringComparison.OrdinalIgnoreCase));
        return value is not null && WriteInteger(FieldType.Int32, value.Number, output);
    }

    /// <summary>Either alphabet of RFC 4648, with or without padding.</summary>
    private static bool TryWriteBase64(ReadOnlySpan<byte> text, ByteWriter output)
    {
        text = text.TrimEnd((byte)'=');
        var padded = (text.Length + 3) / 4 * 4;
        var start = output.Length;
        var room = output.GetSpan(padded);
        text.CopyTo(room);
        room[text.Length..padded].Fill((byte)'=');
        room[..text.Length].Replace((byte)'-', (byte)'+');
        room[..text.Length].Replace((byte)'_', (byte)'/');
        if (Base64.DecodeFromUtf8InPlace(room[..padded], out var length) != OperationStatus.Done) return false;
        output.Advance(length);
        WireFormat.PrefixLength(output, start);
        return true;
    }
}
