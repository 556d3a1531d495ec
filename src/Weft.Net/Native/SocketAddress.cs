using System.Buffers.Binary;
using System.Text;

namespace Weft.Net.Native;

/// <summary>struct sockaddr_in, sockaddr_in6, sockaddr_un: bytes to <see cref="NetAddress"/> and back.</summary>
internal static unsafe class SocketAddress
{
    /// <summary>Bytes to reserve for any address.</summary>
    public const int MaxBytes = 128;

    private const int UnixPathOffset = 2;
    private const int UnixPathMaxBytes = 108;

    public static int Family(NetAddress address) => address.Kind switch
    {
        NetAddressKind.IPv4 => Sock.FamilyIPv4,
        NetAddressKind.IPv6 => Sock.FamilyIPv6,
        _ => Sock.FamilyUnix,
    };

    /// <summary>Writes the address; returns its length, or 0 when it has none (a Unix path too long, or empty).</summary>
    public static uint Write(NetAddress address, Span<byte> to)
    {
        to[..MaxBytes].Clear();
        BitConverter.TryWriteBytes(to, (ushort)Family(address));
        switch (address.Kind)
        {
            case NetAddressKind.IPv4:
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)address.Port);
                BinaryPrimitives.WriteUInt32BigEndian(to[4..], (uint)address.Low);
                return 16;
            case NetAddressKind.IPv6:
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)address.Port);
                BinaryPrimitives.WriteUInt64BigEndian(to[8..], address.High);
                BinaryPrimitives.WriteUInt64BigEndian(to[16..], address.Low);
                BitConverter.TryWriteBytes(to[24..], address.ScopeId);
                return 28;
            case NetAddressKind.Unix:
                return WriteUnix(address.UnixPath, to);
            default:
                return 0;
        }
    }

    /// <summary>Writes an IPv6 address given by its bytes, without making an IPv4 one of what is mapped; returns its length.</summary>
    public static uint WriteIPv6(ReadOnlySpan<byte> address, int port, Span<byte> to)
    {
        to[..MaxBytes].Clear();
        BitConverter.TryWriteBytes(to, (ushort)Sock.FamilyIPv6);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)port);
        address.CopyTo(to[8..]);
        return 28;
    }

    /// <summary>Reads an address as the kernel wrote it. IPv4-mapped IPv6 addresses become IPv4; an unnamed Unix socket has an empty path.</summary>
    public static NetAddress Read(ReadOnlySpan<byte> from, uint length)
    {
        if (length < 2)
            return default;
        switch (BitConverter.ToUInt16(from))
        {
            case Sock.FamilyIPv4:
                return NetAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(from[4..]), BinaryPrimitives.ReadUInt16BigEndian(from[2..]));
            case Sock.FamilyIPv6:
                return NetAddress.FromIPv6(
                    BinaryPrimitives.ReadUInt64BigEndian(from[8..]),
                    BinaryPrimitives.ReadUInt64BigEndian(from[16..]),
                    BitConverter.ToUInt32(from[24..]),
                    BinaryPrimitives.ReadUInt16BigEndian(from[2..]));
            case Sock.FamilyUnix:
                return ReadUnix(from[UnixPathOffset..(int)Math.Min(length, MaxBytes)]);
            default:
                return default;
        }
    }

    /// <summary>getsockname; None when the descriptor has no address.</summary>
    public static NetAddress OfSocket(int fd)
    {
        var buffer = stackalloc byte[MaxBytes];
        uint length = MaxBytes;
        return Libc.getsockname(fd, buffer, &length) == 0 ? Read(new ReadOnlySpan<byte>(buffer, MaxBytes), length) : default;
    }

    private static uint WriteUnix(string path, Span<byte> to)
    {
        var isAbstract = path.StartsWith('@');
        // A path in the file system needs its terminating zero; an abstract name is as long as the address says.
        var room = UnixPathMaxBytes - (isAbstract ? 0 : 1);
        if (path.Length == 0 || Encoding.UTF8.GetByteCount(path) > room)
            return 0;
        var count = Encoding.UTF8.GetBytes(path, to[UnixPathOffset..]);
        if (!isAbstract)
            return (uint)(UnixPathOffset + count + 1);
        to[UnixPathOffset] = 0;
        return (uint)(UnixPathOffset + count);
    }

    private static NetAddress ReadUnix(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
            return NetAddress.FromUnixPath("");
        if (path[0] == 0)
            return NetAddress.FromUnixPath("@" + Encoding.UTF8.GetString(path[1..]));
        var end = path.IndexOf((byte)0);
        return NetAddress.FromUnixPath(Encoding.UTF8.GetString(end < 0 ? path : path[..end]));
    }
}
