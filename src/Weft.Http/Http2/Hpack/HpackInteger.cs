namespace Weft.Http.Http2.Hpack;

/// <summary>Integers with a prefix of some bits (RFC 7541 section 5.1). What exceeds <see cref="Max"/> is refused: nothing in a header block is that large.</summary>
internal static class HpackInteger
{
    /// <summary>2^28 - 1, which takes at most four bytes behind the prefix.</summary>
    public const int Max = (1 << 28) - 1;

    /// <summary>Bytes that any integer up to <see cref="Max"/> takes at most.</summary>
    public const int MaxBytes = 6;

    /// <summary>Reads the integer at <paramref name="at"/> and goes behind it; -1 when it is cut off or too large.</summary>
    public static int Read(ReadOnlySpan<byte> block, ref int at, int prefixBits)
    {
        var mask = (1 << prefixBits) - 1;
        var value = block[at++] & mask;
        if (value < mask) return value;
        for (var shift = 0; shift <= 28; shift += 7)
        {
            if (at == block.Length) return -1;
            var next = block[at++];
            var sum = value + ((long)(next & 0x7F) << shift);
            if (sum > Max) return -1;
            value = (int)sum;
            if ((next & 0x80) == 0) return value;
        }

        return -1;
    }

    /// <summary>Writes an integer behind the bits that <paramref name="pattern"/> has above the prefix; returns the number of bytes.</summary>
    public static int Write(Span<byte> output, byte pattern, int prefixBits, int value)
    {
        var mask = (1 << prefixBits) - 1;
        if (value < mask)
        {
            output[0] = (byte)(pattern | value);
            return 1;
        }

        output[0] = (byte)(pattern | mask);
        var at = 1;
        for (value -= mask; value >= 0x80; value >>= 7) output[at++] = (byte)(value | 0x80);
        output[at++] = (byte)value;
        return at;
    }
}
