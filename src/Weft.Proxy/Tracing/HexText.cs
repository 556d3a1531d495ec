using System.Buffers.Binary;
using System.Buffers.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.Tracing;

/// <summary>Ids as lower-case hexadecimal digits.</summary>
internal static class HexText
{
    public const int IdDigits = 16;

    /// <summary>Sixteen digits.</summary>
    public static void Write(Span<byte> output, ulong id)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output, Digits((uint)(id >> 32)));
        BinaryPrimitives.WriteUInt64BigEndian(output[8..], Digits((uint)id));
    }

    public static void Write(ByteWriter output, ulong id)
    {
        Write(output.GetSpan(IdDigits), id);
        output.Advance(IdDigits);
    }

    /// <summary>A trace id: 16 digits, or 32 when it has 128 bits.</summary>
    public static void WriteTraceId(ByteWriter output, Span span)
    {
        if (span.TraceIdHigh != 0)
            Write(output, span.TraceIdHigh);
        Write(output, span.TraceIdLow);
    }

    /// <summary>Eight digits, the last in the lowest byte, worked out side by side: every request with a tracer needs some dozens.</summary>
    private static ulong Digits(uint number)
    {
        ulong nibbles = number;
        nibbles = (nibbles | (nibbles << 16)) & 0x0000FFFF_0000FFFF;
        nibbles = (nibbles | (nibbles << 8)) & 0x00FF00FF_00FF00FF;
        nibbles = (nibbles | (nibbles << 4)) & 0x0F0F0F0F_0F0F0F0F;
        var isLetter = ((nibbles + 0x06060606_06060606) >> 4) & 0x01010101_01010101;
        return nibbles + 0x30303030_30303030 + isLetter * ('a' - '9' - 1);
    }

    /// <summary>One to sixteen digits, and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ulong id) =>
        Utf8Parser.TryParse(text, out id, out var length, 'x') && length == text.Length && length <= IdDigits;
}
