using Weft.Base;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>%UNIQUE_ID%: a new random (version 4) UUID each time it is printed.</summary>
internal sealed class UniqueIdOperator : FormatOperator
{
    [ThreadStatic]
    private static RandomSource? t_random;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var random = t_random ??= RandomSource.FromSystem();
        // Version and variant bits as RFC 9562 section 5.4 places them.
        var high = (random.Next() & 0xFFFFFFFF_FFFF0FFF) | 0x4000;
        var low = (random.Next() & 0x3FFFFFFF_FFFFFFFF) | 0x80000000_00000000;
        var text = output.GetSpan(36);
        WriteHex(text, high >> 32, 8);
        WriteHex(text[9..], high >> 16, 4);
        WriteHex(text[14..], high, 4);
        WriteHex(text[19..], low >> 48, 4);
        WriteHex(text[24..], low, 12);
        text[8] = text[13] = text[18] = text[23] = (byte)'-';
        output.Advance(36);
        return true;
    }

    private static void WriteHex(Span<byte> text, ulong value, int digits)
    {
        for (var i = digits - 1; i >= 0; i--, value >>= 4)
            text[i] = "0123456789abcdef"u8[(int)(value & 15)];
    }
}
