using System.Buffers.Binary;

namespace Weft.Http.Http2.Hpack;

/// <summary>Huffman-coded strings to bytes (RFC 7541 section 5.2). The common symbols cost one look into a table of nine bits, the others a search by length.</summary>
internal static class HuffmanDecoder
{
    private const int QuickBits = 9;

    /// <summary>For each value of the next nine bits: the symbol and, above it, its length; 0 where the code is longer.</summary>
    private static readonly ushort[] Quick = BuildQuick();

    /// <summary>Symbols in the order of their codes.</summary>
    private static readonly ushort[] Ordered = BuildOrdered();

    /// <summary>For each length: the first value, of 32 bits, that lies behind its codes.</summary>
    private static readonly ulong[] Limits = BuildLimits();

    /// <summary>For each length: what added to a code gives its place in <see cref="Ordered"/>.</summary>
    private static readonly int[] Offsets = BuildOffsets();

    /// <summary>The most bytes that so many coded bytes can become.</summary>
    public static int MaxDecodedLength(int codedLength) => (int)((codedLength * 8L) / HuffmanCode.ShortestBits) + 1;

    /// <summary>Decodes into <paramref name="output"/>, which has <see cref="MaxDecodedLength"/> bytes; returns how many were written, or -1 for bad padding or an end-of-string symbol.</summary>
    public static int Decode(ReadOnlySpan<byte> coded, Span<byte> output)
    {
        // The next bits are the highest of the register; behind them it may hold more than is counted, never anything else.
        ulong register = 0;
        var count = 0;
        var at = 0;
        var written = 0;
        while (true)
        {
            if (count < 32) Refill(coded, ref at, ref register, ref count);
            var window = (uint)(register >> 32);
            if (count < 32) window |= uint.MaxValue >> count;
            var quick = Quick[window >> (32 - QuickBits)];
            int length, symbol;
            if (quick != 0)
            {
                length = quick >> 8;
                symbol = quick & 0xFF;
            }
            else
            {
                length = QuickBits + 1;
                while (window >= Limits[length]) length++;
                symbol = Ordered[(int)(window >> (32 - length)) + Offsets[length]];
            }

            if (length > count) return count < 8 && window == uint.MaxValue ? written : -1;
            if (symbol == HuffmanCode.EndOfString) return -1;
            output[written++] = (byte)symbol;
            register <<= length;
            count -= length;
        }
    }

    private static void Refill(ReadOnlySpan<byte> coded, ref int at, ref ulong register, ref int count)
    {
        if (coded.Length - at >= sizeof(ulong))
        {
            register |= BinaryPrimitives.ReadUInt64BigEndian(coded[at..]) >> count;
            var taken = (63 - count) >> 3;
            at += taken;
            count += taken * 8;
            return;
        }

        while (count <= 56 && at < coded.Length)
        {
            register |= (ulong)coded[at++] << (56 - count);
            count += 8;
        }
    }

    private static ushort[] BuildQuick()
    {
        var quick = new ushort[1 << QuickBits];
        for (var symbol = 0; symbol < HuffmanCode.EndOfString; symbol++)
        {
            var length = HuffmanCode.Lengths[symbol];
            if (length > QuickBits) continue;
            var first = (int)HuffmanCode.Codes[symbol] << (QuickBits - length);
            quick.AsSpan(first, 1 << (QuickBits - length)).Fill((ushort)(length << 8 | symbol));
        }

        return quick;
    }

    private static ushort[] BuildOrdered()
    {
        var symbols = new ushort[HuffmanCode.Codes.Length];
        for (var i = 0; i < symbols.Length; i++) symbols[i] = (ushort)i;
        Array.Sort(symbols, static (a, b) =>
            HuffmanCode.Lengths[a] != HuffmanCode.Lengths[b] ? HuffmanCode.Lengths[a] - HuffmanCode.Lengths[b] : a - b);
        return symbols;
    }

    private static ulong[] BuildLimits()
    {
        var limits = new ulong[HuffmanCode.LongestBits + 1];
        for (var symbol = 0; symbol < HuffmanCode.Codes.Length; symbol++)
        {
            var length = HuffmanCode.Lengths[symbol];
            limits[length] = Math.Max(limits[length], (ulong)(HuffmanCode.Codes[symbol] + 1) << (32 - length));
        }

        return limits;
    }

    private static int[] BuildOffsets()
    {
        var offsets = new int[HuffmanCode.LongestBits + 1];
        for (var i = Ordered.Length - 1; i >= 0; i--)
            offsets[HuffmanCode.Lengths[Ordered[i]]] = i - (int)HuffmanCode.Codes[Ordered[i]];
        return offsets;
    }
}
