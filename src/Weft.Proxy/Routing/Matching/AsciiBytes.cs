using System.Runtime.CompilerServices;

namespace Weft.Proxy.Routing.Matching;

/// <summary>Comparing bytes without regard to the case of ASCII letters; other bytes are compared as they are.</summary>
internal static class AsciiBytes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte ToLower(byte value) => (uint)(value - 'A') <= 'Z' - 'A' ? (byte)(value | 0x20) : value;

    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length) return false;
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i] && ToLower(a[i]) != ToLower(b[i])) return false;
        }

        return true;
    }

    public static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix)
        => text.Length >= prefix.Length && EqualsIgnoreCase(text[..prefix.Length], prefix);

    public static bool EndsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> suffix)
        => text.Length >= suffix.Length && EqualsIgnoreCase(text[^suffix.Length..], suffix);

    public static bool ContainsIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        if (part.IsEmpty) return true;
        var lower = ToLower(part[0]);
        var upper = (uint)(lower - 'a') <= 'z' - 'a' ? (byte)(lower & ~0x20) : lower;
        while (text.Length >= part.Length)
        {
            var at = text[..^(part.Length - 1)].IndexOfAny(lower, upper);
            if (at < 0) return false;
            if (EqualsIgnoreCase(text.Slice(at, part.Length), part)) return true;
            text = text[(at + 1)..];
        }

        return false;
    }
}
