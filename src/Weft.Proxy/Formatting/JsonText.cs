using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting;

/// <summary>
/// Writes strings as JSON. UTF-8 passes through; where bytes are no UTF-8 each of them that is not plain ASCII is written as
/// <c>\u00XX</c>, so that nothing is lost and the line is still JSON (Envoy's rule).
/// </summary>
internal static class JsonText
{
    private const byte Delete = 127;
    private const int MaxStackBytes = 512;

    /// <summary>Writes a string in quotes.</summary>
    public static void WriteString(ByteWriter output, ReadOnlySpan<byte> text)
    {
        output.Write((byte)'"');
        WriteEscaped(output, text);
        output.Write((byte)'"');
    }

    /// <summary>The same for a text of configuration; allocates only for long ones.</summary>
    public static void WriteString(ByteWriter output, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= MaxStackBytes ? stackalloc byte[MaxStackBytes] : new byte[most];
        WriteString(output, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    /// <summary>The text holds bytes that cannot stand in a JSON string as they are, or may not be UTF-8.</summary>
    public static bool NeedsEscape(ReadOnlySpan<byte> text)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        var length = text.Length;
        if (length >= Vector128<byte>.Count)
        {
            for (var i = 0; i < length - Vector128<byte>.Count; i += Vector128<byte>.Count)
            {
                if (HasSpecial(Vector128.LoadUnsafe(ref first, (nuint)i)))
                    return true;
            }

            return HasSpecial(Vector128.LoadUnsafe(ref first, (nuint)(length - Vector128<byte>.Count)));
        }

        // Most values are short: two loads that overlap have every byte of them.
        if (length >= sizeof(ulong))
            return HasSpecial(Vector128.Create(Read<ulong>(ref first, 0), Read<ulong>(ref first, length - sizeof(ulong))).AsByte());
        if (length >= sizeof(uint))
            return HasSpecial(Vector128.Create(((ulong)Read<uint>(ref first, 0) << 32) | Read<uint>(ref first, length - sizeof(uint))).AsByte());
        foreach (var value in text)
        {
            if (IsSpecial(value))
                return true;
        }

        return false;
    }

    /// <summary>Writes the inside of a string.</summary>
    public static void WriteEscaped(ByteWriter output, ReadOnlySpan<byte> text)
    {
        if (!NeedsEscape(text))
            output.Write(text);
        else if (Utf8.IsValid(text))
            WriteUtf8(output, text);
        else
            WriteBytes(output, text);
    }

    private static void WriteUtf8(ByteWriter output, ReadOnlySpan<byte> text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] >= ' ' && text[i] is not ((byte)'"' or (byte)'\\'))
                continue;
            output.Write(text[start..i]);
            start = i + 1;
            if (ShortEscape(text[i]) is not 0 and var letter)
                output.Write([(byte)'\\', letter]);
            else
                WriteHex(output, text[i]);
        }

        output.Write(text[start..]);
    }

    private static void WriteBytes(ByteWriter output, ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            if (IsSpecial(value))
                WriteHex(output, value);
            else
                output.Write(value);
        }
    }

    private static byte ShortEscape(byte value) => value switch
    {
        (byte)'"' => (byte)'"',
        (byte)'\\' => (byte)'\\',
        (byte)'\b' => (byte)'b',
        (byte)'\f' => (byte)'f',
        (byte)'\n' => (byte)'n',
        (byte)'\r' => (byte)'r',
        (byte)'\t' => (byte)'t',
        _ => 0,
    };

    private static void WriteHex(ByteWriter output, byte value)
    {
        var digits = "0123456789abcdef"u8;
        output.Write("\\u00"u8);
        output.Write(digits[value >> 4]);
        output.Write(digits[value & 15]);
    }

    /// <summary>All but printable ASCII, and quote and backslash.</summary>
    private static bool IsSpecial(byte value) => value is < (byte)' ' or (byte)'"' or (byte)'\\' or >= Delete;

    private static bool HasSpecial(Vector128<byte> text)
    {
        // As signed numbers, bytes from 128 on are below the space too.
        var controls = Vector128.LessThan(text.AsSByte(), Vector128.Create((sbyte)' ')).AsByte();
        var others = Vector128.Equals(text, Vector128.Create((byte)'"')) | Vector128.Equals(text, Vector128.Create((byte)'\\')) | Vector128.Equals(text, Vector128.Create(Delete));
        return (controls | others) != Vector128<byte>.Zero;
    }

    private static T Read<T>(ref byte first, int offset) => Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref first, offset));
}
