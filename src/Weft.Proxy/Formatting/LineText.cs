using System.Buffers;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting;

/// <summary>
/// Keeps what peers send from breaking a line of text: control characters but the tab become <c>\xHH</c>. Values decoded from a URL, from metadata or
/// from a certificate may hold them, though headers cannot.
/// </summary>
internal static class LineText
{
    private static readonly SearchValues<byte> s_controls = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Append(127).Where(static code => code != '\t').Select(static code => (byte)code)]);

    [ThreadStatic]
    private static ByteWriter? t_copy;

    /// <summary>Escapes what stands from <paramref name="start"/> on, where that is needed.</summary>
    public static void Protect(ByteWriter output, int start)
    {
        var next = output.Written[start..].IndexOfAny(s_controls);
        if (next < 0)
            return;
        var copy = t_copy ??= new ByteWriter();
        copy.Clear();
        copy.Write(output.Written[start..]);
        output.Truncate(start + next);
        foreach (var value in copy.Written[next..])
        {
            if (!s_controls.Contains(value))
            {
                output.Write(value);
                continue;
            }

            output.Write("\\x"u8);
            output.Write(HexDigit(value >> 4));
            output.Write(HexDigit(value & 15));
        }
    }

    private static byte HexDigit(int digit) => (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
}
