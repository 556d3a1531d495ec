using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Weft.Net;

/// <summary>The text of addresses, as UTF-8 without allocation.</summary>
internal static class NetAddressText
{
    private const int Groups = 8;

    public static int Format(NetAddress address, Span<byte> to, bool withPort)
    {
        switch (address.Kind)
        {
            case NetAddressKind.IPv4:
                var end = WriteIPv4((uint)address.Low, to);
                return withPort ? end + WritePort(address.Port, to[end..]) : end;
            case NetAddressKind.IPv6 when withPort:
                to[0] = (byte)'[';
                end = 1 + WriteIPv6(address, to[1..]);
                to[end++] = (byte)']';
                return end + WritePort(address.Port, to[end..]);
            case NetAddressKind.IPv6:
                return WriteIPv6(address, to);
            case NetAddressKind.Unix:
                return Encoding.UTF8.GetBytes(address.UnixPath, to);
            case NetAddressKind.Internal:
                // Names come from configurations and may be of any length.
                Utf8.FromUtf16(address.ToString(), to[..Math.Min(to.Length, NetAddress.MaxTextBytes)], out _, out var written);
                return written;
            default:
                return 0;
        }
    }

    private static int WritePort(int port, Span<byte> to)
    {
        to[0] = (byte)':';
        return 1 + WriteNumber((uint)port, to[1..]);
    }

    private static int WriteIPv4(uint address, Span<byte> to)
    {
        var end = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            end += WriteNumber((address >> shift) & 0xFF, to[end..]);
            if (shift > 0)
                to[end++] = (byte)'.';
        }
        return end;
    }

    /// <summary>RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups is "::".</summary>
    private static int WriteIPv6(NetAddress address, Span<byte> to)
    {
        if (address.High == 0 && address.Low >> 32 == 0xFFFF)
        {
            "::ffff:"u8.CopyTo(to);
            return 7 + WriteIPv4((uint)address.Low, to[7..]);
        }
        var (zerosAt, zeros) = LongestZeroRun(address);
        var end = 0;
        for (var i = 0; i < Groups; i++)
        {
            if (i == zerosAt)
            {
                "::"u8.CopyTo(to[end..]);
                end += 2;
                i += zeros - 1;
                continue;
            }
            if (i > 0 && i != zerosAt + zeros)
                to[end++] = (byte)':';
            Utf8Formatter.TryFormat(Group(address, i), to[end..], out var written, 'x');
            end += written;
        }
        if (address.ScopeId == 0)
            return end;
        to[end++] = (byte)'%';
        return end + WriteNumber(address.ScopeId, to[end..]);
    }

    private static (int At, int Count) LongestZeroRun(NetAddress address)
    {
        var (bestAt, best, run) = (-1, 1, 0);
        for (var i = 0; i < Groups; i++)
        {
            run = Group(address, i) == 0 ? run + 1 : 0;
            if (run > best)
                (bestAt, best) = (i - run + 1, run);
        }
        return bestAt < 0 ? (-1, 0) : (bestAt, best);
    }

    private static ushort Group(NetAddress address, int index) =>
        (ushort)((index < 4 ? address.High : address.Low) >> (48 - 16 * (index & 3)));

    private static int WriteNumber(uint number, Span<byte> to)
    {
        Utf8Formatter.TryFormat(number, to, out var written);
        return written;
    }
}
