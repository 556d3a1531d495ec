using System.Buffers.Binary;
using Weft.Base.Buffers;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Tracing.Datadog;

/// <summary>Writes MessagePack, in the forms that what Datadog's agent reads has need of. Source: the MessagePack specification.</summary>
internal static class MsgPackText
{
    public static void WriteArrayHead(this ByteWriter output, int count) => WriteHead(output, count, 0x90, 0xdd);

    public static void WriteMapHead(this ByteWriter output, int count) => WriteHead(output, count, 0x80, 0xdf);

    public static void WriteString(this ByteWriter output, ReadOnlySpan<byte> text)
    {
        if (text.Length < 32)
        {
            output.Write((byte)(0xa0 | text.Length));
        }
        else
        {
            output.Write((byte)0xdb);
            WriteUInt32(output, (uint)text.Length);
        }

        output.WriteUtf8(text);
    }

    public static void WriteUnsigned(this ByteWriter output, ulong value)
    {
        output.Write((byte)0xcf);
        output.WriteBigEndian(value);
    }

    public static void WriteSigned(this ByteWriter output, long value)
    {
        output.Write((byte)0xd3);
        output.WriteBigEndian((ulong)value);
    }

    public static void WriteFloat(this ByteWriter output, double value)
    {
        output.Write((byte)0xcb);
        output.WriteBigEndian(BitConverter.DoubleToUInt64Bits(value));
    }

    private static void WriteHead(ByteWriter output, int count, int small, int large)
    {
        if (count < 16)
        {
            output.Write((byte)(small | count));
            return;
        }

        output.Write((byte)large);
        WriteUInt32(output, (uint)count);
    }

    private static void WriteUInt32(ByteWriter output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }
}
