using System.Buffers.Binary;

namespace Weft.Http.Http2.Hpack;

/// <summary>Bytes to Huffman-coded strings (RFC 7541 section 5.2).</summary>
internal static class HuffmanEncoder
{
    /// <summary>Bytes of the coded form.</summary>
    public static int EncodedLength(ReadOnlySpan<byte> text)
    {
        var lengths = HuffmanCode.Lengths;
        long bits = 0;
        foreach (var c in text) bits += lengths[c];
        return (int)((bits + 7) / 8);
    }

    /// <summary>Writes the coded form, of <see cref="EncodedLength"/> bytes; up to eight bytes behind it may be overwritten if they are in the span.</summary>
    public static void Encode(ReadOnlySpan<byte> text, Span<byte> output)
    {
        ulong register = 0;
        var count = 0;
        var at = 0;
        var lengths = HuffmanCode.Lengths;
        var codes = HuffmanCode.Codes;
        foreach (var c in text)
        {
            var length = lengths[c];
            register |= (ulong)codes[c] << (64 - length - count);
            count += length;
            if (count < 32) continue;
            BinaryPrimitives.WriteUInt32BigEndian(output[at..], (uint)(register >> 32));
            at += sizeof(uint);
            register <<= 32;
            count -= 32;
        }

        // The padding is the beginning of the end-of-string symbol: ones.
        if (count % 8 != 0) register |= ulong.MaxValue >> count;
        for (; count > 0; count -= 8, register <<= 8) output[at++] = (byte)(register >> 56);
    }
}
