using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Weft.Net.Native;

namespace Weft.Net.Udp;

/// <summary>struct cmsghdr with struct in_pktinfo or in6_pktinfo: which address of this host a datagram came to, or shall come from.</summary>
internal static unsafe class ControlMessage
{
    /// <summary>Length, level, type.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Room for either packet info with its header.</summary>
    public const int MaxBytes = 40;

    private const int PacketInfo4Bytes = 12;
    private const int PacketInfo6Bytes = 20;

    public static NetAddress ReadPacketInfo4(byte* data) => NetAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(data + 8, 4)), 0);

    public static NetAddress ReadPacketInfo6(byte* data) => NetAddress.FromIPv6(
        BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(data, 8)), BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(data + 8, 8)), 0, 0);

    /// <summary>Writes from which address a datagram shall be sent; returns the bytes used.</summary>
    /// <param name="to"><see cref="MaxBytes"/> of them.</param>
    /// <param name="source">An IP address.</param>
    /// <param name="isIPv6">Of the socket.</param>
    public static int WriteSource(byte* to, NetAddress source, bool isIPv6)
    {
        new Span<byte>(to, MaxBytes).Clear();
        var data = to + HeaderBytes;
        if (isIPv6)
        {
            // A mapped address where an IPv6 socket also serves IPv4.
            if (source.Kind == NetAddressKind.IPv4)
                BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(data + 10, 2), 0xFFFF);
            source.TryWriteIP(new Span<byte>(data + (source.Kind == NetAddressKind.IPv4 ? 12 : 0), source.Kind == NetAddressKind.IPv4 ? 4 : 16));
            return WriteHeader(to, Sock.LevelIPv6, Sock.IPv6PacketInfo, PacketInfo6Bytes);
        }

        // ipi_spec_dst, behind the interface.
        source.TryWriteIP(new Span<byte>(data + 4, 4));
        return WriteHeader(to, Sock.LevelIP, Sock.IPPacketInfo, PacketInfo4Bytes);
    }

    private static int WriteHeader(byte* to, int level, int type, int dataBytes)
    {
        Unsafe.WriteUnaligned(to, (nuint)(HeaderBytes + dataBytes));
        Unsafe.WriteUnaligned(to + 8, level);
        Unsafe.WriteUnaligned(to + 12, type);
        return (HeaderBytes + dataBytes + 7) & ~7;
    }
}
