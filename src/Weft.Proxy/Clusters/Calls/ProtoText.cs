using System.Buffers.Binary;
using System.Text.Unicode;
using Weft.Base.Buffers;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>Writes fields of protobuf messages as they are on the wire, without making the messages: for what is sent with every span.</summary>
internal static class ProtoText
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;

    /// <summary>Bytes of a number on the wire.</summary>
    public static int SizeOf(ulong value) => 1 + (63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    /// <summary>Bytes of a text or message field; its number must be below 16.</summary>
    public static int SizeOfField(int length) => 1 + SizeOf((ulong)length) + length;

    public static void WriteNumber(this ByteWriter output, int field, ulong value)
    {
        WriteVarint(output, (ulong)((field << 3) | Varint));
        WriteVarint(output, value);
    }

    public static void WriteFixed64(this ByteWriter output, int field, ulong value)
    {
        WriteVarint(output, (ulong)((field << 3) | Fixed64));
        WriteLittleEndian(output, value);
    }

    public static void WriteDouble(this ByteWriter output, int field, double value) => WriteFixed64(output, field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>The beginning of a text or message: <paramref name="length"/> bytes must follow.</summary>
    public static void WriteHead(this ByteWriter output, int field, int length)
    {
        WriteVarint(output, (ulong)((field << 3) | LengthDelimited));
        WriteVarint(output, (ulong)length);
    }

    public static void WriteBytes(this ByteWriter output, int field, ReadOnlySpan<byte> bytes)
    {
        WriteHead(output, field, bytes.Length);
        output.Write(bytes);
    }

    /// <summary>A text of configuration.</summary>
    public static void WriteText(this ByteWriter output, int field, ReadOnlySpan<char> text)
    {
        WriteHead(output, field, System.Text.Encoding.UTF8.GetByteCount(text));
        output.Write(text);
    }

    /// <summary>A text, which must be UTF-8 or the receiver refuses all: what is not becomes question marks.</summary>
    public static void WriteText(this ByteWriter output, int field, ReadOnlySpan<byte> text)
    {
        WriteHead(output, field, text.Length);
        output.WriteUtf8(text);
    }

    /// <summary>A text of as many bytes: what is not UTF-8 becomes question marks.</summary>
    public static void WriteUtf8(this ByteWriter output, ReadOnlySpan<byte> text)
    {
        var start = output.Length;
        output.Write(text);
        if (Utf8.IsValid(text))
            return;
        output.Truncate(start);
        var copy = output.GetSpan(text.Length)[..text.Length];
        foreach (ref var value in copy)
        {
            if (value >= 0x80)
                value = (byte)'?';
        }

        output.Advance(text.Length);
    }

    /// <summary>Eight bytes of a packed field, the least significant first.</summary>
    public static void WriteLittleEndian(this ByteWriter output, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    /// <summary>Eight bytes, the most significant first.</summary>
    public static void WriteBigEndian(this ByteWriter output, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    private static void WriteVarint(ByteWriter output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            output.Write((byte)(value | 0x80));
        output.Write((byte)value);
    }
}
