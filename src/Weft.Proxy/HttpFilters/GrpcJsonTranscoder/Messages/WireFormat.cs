using System.Buffers.Binary;
using Google.Protobuf.Reflection;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>How protobuf writes fields: their tags and the four kinds of values.</summary>
internal static class WireFormat
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Bytes = 2;
    public const int StartGroup = 3;
    public const int EndGroup = 4;
    public const int Fixed32 = 5;

    public static void WriteTag(ByteWriter output, int number, int type) => WriteVarint(output, (ulong)(uint)(number << 3 | type));

    public static void WriteVarint(ByteWriter output, ulong value) => output.Advance(WriteVarint(output.GetSpan(10), value));

    public static void WriteFixed32(ByteWriter output, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public static void WriteFixed64(ByteWriter output, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public static void WriteBytes(ByteWriter output, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(output, (ulong)bytes.Length);
        output.Write(bytes);
    }

    /// <summary>Puts the length of what was written since <paramref name="start"/> in front of it.</summary>
    public static void PrefixLength(ByteWriter output, int start)
    {
        var length = output.Length - start;
        output.Truncate(start);
        var room = output.GetSpan(length + 5);
        Span<byte> prefix = stackalloc byte[10];
        var prefixLength = WriteVarint(prefix, (ulong)length);
        room[..length].CopyTo(room[prefixLength..]);
        prefix[..prefixLength].CopyTo(room);
        output.Advance(prefixLength + length);
    }

    /// <summary>Reads a number; false at the end of the data, or when it has more than ten bytes.</summary>
    public static bool TryReadVarint(ReadOnlySpan<byte> data, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && at < data.Length; shift += 7)
        {
            var c = data[at++];
            value |= (ulong)(c & 0x7F) << shift;
            if (c < 0x80) return true;
        }

        return false;
    }

    /// <summary>How values of a field stand behind their tag when they are not packed.</summary>
    public static int TypeOf(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => Bytes,
        FieldType.Group => StartGroup,
        _ => Varint,
    };

    private static int WriteVarint(Span<byte> output, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7) output[length++] = (byte)(value | 0x80);
        output[length++] = (byte)value;
        return length;
    }
}
