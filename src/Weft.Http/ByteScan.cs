using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Weft.Http;

/// <summary>
/// Vector searches over received bytes. All of them may read (and <see cref="LowerCaseToken"/> rewrite unchanged) up to
/// <see cref="HeaderMap.Padding"/> bytes behind <c>end</c>, and may answer an index at or behind <c>end</c> when nothing was found before it.
/// </summary>
internal static class ByteScan
{
    // RFC 9110 section 5.6.2, token. A character is one when the row of its low four bits has the bit of its high three.
    private static Vector128<byte> TokenRows
        => Vector128.Create(0xE8, 0xFC, 0xF8, 0xFC, 0xFC, 0xFC, 0xFC, 0xFC, 0xF8, 0xF8, 0xF4, 0x54, 0xD0, 0x54, 0xF4, (byte)0x70);

    private static Vector128<byte> HighBits => Vector128.Create(1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, (byte)0);

    private static readonly bool[] TokenTable = BuildTokenTable();

    /// <summary>One character of a token.</summary>
    public static bool IsToken(byte c) => TokenTable[c];

    /// <summary>A token of one character or more.</summary>
    public static bool IsToken(ReadOnlySpan<byte> text)
    {
        foreach (var c in text)
            if (!IsToken(c)) return false;
        return !text.IsEmpty;
    }

    /// <summary>The length of the token at the start of <paramref name="v"/>; 16 when all of it is (part of) one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TokenLength(Vector128<byte> v) => (int)uint.TrailingZeroCount(OtherThanTokens(v) | 0x10000);

    /// <summary>The index of the first byte that is no token character; the token before it is made lower-case in place.</summary>
    public static int LowerCaseToken(ref byte bytes, int start, int end)
    {
        while (true)
        {
            ref var at = ref Unsafe.Add(ref bytes, start);
            var v = Vector128.LoadUnsafe(ref at);
            var length = TokenLength(v);
            LowerCase(v, FirstBytes(length)).StoreUnsafe(ref at);
            start += length;
            if (length < Vector128<byte>.Count || start >= end) return start;
        }
    }

    /// <summary>All bits of the first <paramref name="count"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> FirstBytes(int count) => Vector128.LessThan(Vector128<sbyte>.Indices, Vector128.Create((sbyte)count)).AsByte();

    /// <summary>Lower case where <paramref name="where"/> has bits, the others as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowerCase(Vector128<byte> v, Vector128<byte> where)
    {
        var fromA = v - Vector128.Create((byte)'A');
        var upper = Vector128.Equals(Vector128.Min(fromA, Vector128.Create((byte)25)), fromA);
        return v | (upper & where & Vector128.Create((byte)0x20));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OtherThanTokens(Vector128<byte> v)
    {
        var row = Vector128.ShuffleNative(TokenRows, v & Vector128.Create((byte)0x0F));
        var bit = Vector128.ShuffleNative(HighBits, v >>> 4);
        return Vector128.Equals(row & bit, Vector128<byte>.Zero).ExtractMostSignificantBits();
    }

    /// <summary>The index of the first control character (see <see cref="Controls"/>).</summary>
    public static int IndexOfControl(ref byte bytes, int start, int end)
    {
        for (; start < end; start += Vector256<byte>.Count)
        {
            var mask = Controls(ref bytes, start);
            if (mask != 0) return start + (int)uint.TrailingZeroCount(mask);
        }

        return start;
    }

    /// <summary>A bit for each of 32 bytes that is a control character (RFC 9110 section 5.5: below 0x20 but for TAB, and DEL).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Controls(ref byte bytes, int at)
    {
        var v = Vector256.LoadUnsafe(ref Unsafe.Add(ref bytes, at));
        var control = Vector256.Equals(Vector256.Min(v, Vector256.Create((byte)0x1F)), v);
        control &= ~Vector256.Equals(v, Vector256.Create((byte)'\t'));
        control |= Vector256.Equals(v, Vector256.Create((byte)0x7F));
        return control.ExtractMostSignificantBits();
    }

    /// <summary>The index of the first byte that is not visible ASCII (0x21 to 0x7E).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOfNotVisible(ref byte bytes, int start, int end)
    {
        while (start < end)
        {
            var v = Vector256.LoadUnsafe(ref Unsafe.Add(ref bytes, start)) - Vector256.Create((byte)0x21);
            var mask = (~Vector256.Equals(Vector256.Min(v, Vector256.Create((byte)(0x7E - 0x21))), v)).ExtractMostSignificantBits();
            if (mask != 0) return start + (int)uint.TrailingZeroCount(mask);
            start += Vector256<byte>.Count;
        }

        return start;
    }

    private static bool[] BuildTokenTable()
    {
        var table = new bool[256];
        for (var c = 0; c < 128; c++) table[c] = (TokenRows[c & 15] >> (c >> 4) & 1) != 0;
        return table;
    }
}
