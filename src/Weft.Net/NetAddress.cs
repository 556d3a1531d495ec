using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Net;

public enum NetAddressKind : byte { None, IPv4, IPv6, Unix, Internal }

/// <summary>
/// An IPv4, IPv6 or Unix-domain socket address, or the name of a listener in this process, as a small value; prints as Envoy does (<c>1.2.3.4:80</c>, <c>[::1]:80</c>,
/// the path, <c>envoy://name/id</c>).
/// </summary>
public readonly struct NetAddress : IEquatable<NetAddress>
{
    /// <summary>Bytes that <see cref="Format"/> needs at most.</summary>
    public const int MaxTextBytes = 112;

    /// <summary>Upper half of an IPv6 address.</summary>
    internal readonly ulong High;

    /// <summary>Lower half of an IPv6 address; an IPv4 address.</summary>
    internal readonly ulong Low;

    internal readonly uint ScopeId;

    private const string InternalScheme = "envoy://";

    private static readonly SearchValues<char> IPv4Characters = SearchValues.Create("0123456789.");

    private readonly string? _path;
    private readonly ushort _portOrMode;

    private NetAddress(NetAddressKind kind, ulong high, ulong low, uint scopeId, ushort portOrMode, string? path)
    {
        Kind = kind;
        High = high;
        Low = low;
        ScopeId = scopeId;
        _portOrMode = portOrMode;
        _path = path;
    }

    /// <exception cref="ArgumentOutOfRangeException">The port is not in 0..65535.</exception>
    public static NetAddress FromIP(IPAddress address, int port)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, ushort.MaxValue, nameof(port));
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), (ushort)port)
            : new NetAddress(NetAddressKind.IPv6, BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), (uint)address.ScopeId, (ushort)port, null);
    }

    /// <summary>A path; a leading <c>@</c> means the abstract namespace.</summary>
    /// <param name="mode">Permissions that a listening socket's file gets; 0 leaves the system's.</param>
    public static NetAddress FromUnixPath(string path, int mode = 0) => new(NetAddressKind.Unix, 0, 0, 0, (ushort)mode, path);

    /// <summary>The internal listener of a name, on the loop that connects to it.</summary>
    /// <param name="listener">Its name.</param>
    /// <param name="endpointId">Tells endpoints at the same listener apart; it may be empty.</param>
    public static NetAddress FromInternal(string listener, string endpointId = "") =>
        new(NetAddressKind.Internal, 0, (ulong)listener.Length, 0, 0, $"{InternalScheme}{listener}/{endpointId}");

    /// <summary>The first address of the network that this IP address lies in, without a port; another kind of address as it is.</summary>
    /// <param name="prefixBits">Length of the network's prefix.</param>
    public NetAddress Masked(int prefixBits)
    {
        if (Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6))
            return this;
        var width = Kind == NetAddressKind.IPv4 ? 32 : 128;
        var mask = prefixBits <= 0 ? 0 : prefixBits >= width ? UInt128.MaxValue : UInt128.MaxValue << (width - prefixBits);
        return new NetAddress(Kind, High & (ulong)(mask >> 64), Low & (ulong)mask, 0, 0, null);
    }

    /// <summary>Parses a literal IP; false for anything else (names are the resolver's work).</summary>
    public static bool TryParseIP(string text, int port, out NetAddress address)
    {
        address = default;
        if ((uint)port > ushort.MaxValue || !IPAddress.TryParse(text, out var ip))
            return false;
        // IPAddress also takes "1", "0x7f.1" and "[::1]"; an address in a configuration is written in full.
        if (ip.AddressFamily == AddressFamily.InterNetwork ? text.Count('.') != 3 || text.AsSpan().ContainsAnyExcept(IPv4Characters) : text[0] == '[')
            return false;
        address = FromIP(ip, port);
        return true;
    }

    /// <summary>Parses a literal IP as a header holds it, with port 0; false for anything else. IPv4 allocates nothing.</summary>
    public static bool TryParseIP(ReadOnlySpan<byte> text, out NetAddress address)
    {
        address = default;
        if (TryParseIPv4(text, out var number))
        {
            address = FromIPv4(number, 0);
            return true;
        }

        if (!text.Contains((byte)':') || text[0] == '[' || !IPAddress.TryParse(text, out var ip))
            return false;
        address = FromIP(ip, 0);
        return true;
    }

    /// <summary>Four decimal numbers without leading zeros.</summary>
    private static bool TryParseIPv4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        for (var part = 0; part < 4; part++)
        {
            var end = text.IndexOf((byte)'.');
            var digits = part == 3 ? text : end < 0 ? default : text[..end];
            if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0'))
                return false;
            var number = 0u;
            foreach (var digit in digits)
            {
                if (!char.IsAsciiDigit((char)digit))
                    return false;
                number = (number * 10) + (uint)(digit - '0');
            }

            if (number > 255)
                return false;
            address = (address << 8) | number;
            text = text[Math.Min(text.Length, digits.Length + 1)..];
        }

        return true;
    }

    public NetAddressKind Kind { get; }

    /// <summary>0 for an address that is none of IP.</summary>
    public int Port => Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6 ? _portOrMode : 0;

    /// <summary>The path of a Unix address, with a leading <c>@</c> for the abstract namespace; empty otherwise and for an unnamed socket.</summary>
    public string UnixPath => Kind == NetAddressKind.Unix ? _path ?? "" : "";

    /// <summary>The name of the listener of an internal address; empty otherwise.</summary>
    public ReadOnlySpan<char> InternalName => Kind == NetAddressKind.Internal ? _path.AsSpan(InternalScheme.Length, (int)Low) : default;

    /// <summary>The identifier of the endpoint at that listener; empty otherwise, and when there is none.</summary>
    public ReadOnlySpan<char> InternalEndpointId => Kind == NetAddressKind.Internal ? _path.AsSpan(InternalScheme.Length + (int)Low + 1) : default;

    /// <summary>File mode asked for a Unix address; 0 when none.</summary>
    internal uint UnixMode => Kind == NetAddressKind.Unix ? _portOrMode : 0u;

    public NetAddress WithPort(int port)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, ushort.MaxValue, nameof(port));
        return Kind is NetAddressKind.Unix or NetAddressKind.Internal ? this : new NetAddress(Kind, High, Low, ScopeId, (ushort)port, null);
    }

    /// <exception cref="InvalidOperationException">Not an IP address.</exception>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return TryWriteIP(bytes) switch
        {
            4 => new IPAddress(bytes[..4]),
            16 => new IPAddress(bytes, ScopeId),
            _ => throw new InvalidOperationException("not an IP address"),
        };
    }

    /// <summary>Writes the address in network order; returns 4, 16, or 0 for anything but IP.</summary>
    public int TryWriteIP(Span<byte> destination)
    {
        switch (Kind)
        {
            case NetAddressKind.IPv4:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Low);
                return 4;
            case NetAddressKind.IPv6:
                BinaryPrimitives.WriteUInt64BigEndian(destination, High);
                BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
                return 16;
            default:
                return 0;
        }
    }

    /// <summary>Loopback, for IP addresses.</summary>
    public bool IsLoopback => Kind switch
    {
        NetAddressKind.IPv4 => Low >> 24 == 127,
        NetAddressKind.IPv6 => High == 0 && Low == 1,
        _ => false,
    };

    /// <summary>Both are IP addresses and, ports aside, the same.</summary>
    public bool HasSameIP(NetAddress other) =>
        Kind == other.Kind && Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6 && High == other.High && Low == other.Low;

    /// <summary>RFC 1918 / RFC 4193 and loopback: what Envoy calls internal.</summary>
    public bool IsInternal => Kind switch
    {
        NetAddressKind.IPv4 => Low >> 24 is 10 or 127 || Low >> 20 == 0xAC1 || Low >> 16 == 0xC0A8,
        NetAddressKind.IPv6 => IsLoopback || High >> 57 == 0xFC >> 1,
        _ => false,
    };

    /// <summary>An IP address of one host: neither unspecified nor multicast nor broadcast.</summary>
    public bool IsUnicast => Kind switch
    {
        NetAddressKind.IPv4 => Low != 0 && Low >> 28 != 0xE && Low != uint.MaxValue,
        NetAddressKind.IPv6 => !IsAny && High >> 56 != 0xFF,
        _ => false,
    };

    /// <summary>0.0.0.0 or ::.</summary>
    public bool IsAny => Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6 && High == 0 && Low == 0;

    /// <summary>Address with port, UTF-8, into <paramref name="destination"/>; returns the bytes written. No allocation.</summary>
    /// <param name="destination">Room for the text; <see cref="MaxTextBytes"/> always suffice.</param>
    /// <param name="withPort">Ignored for addresses that have none.</param>
    public int Format(Span<byte> destination, bool withPort) => NetAddressText.Format(this, destination, withPort);

    public bool Equals(NetAddress other) =>
        Kind == other.Kind && High == other.High && Low == other.Low && ScopeId == other.ScopeId && Port == other.Port && (_path ?? "") == (other._path ?? "");

    public override bool Equals(object? obj) => obj is NetAddress other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Kind, High, Low, ScopeId, Port, _path);

    public override string ToString()
    {
        if (Kind is NetAddressKind.Unix or NetAddressKind.Internal)
            return _path ?? "";
        Span<byte> text = stackalloc byte[MaxTextBytes];
        return Encoding.UTF8.GetString(text[..Format(text, withPort: true)]);
    }

    public static bool operator ==(NetAddress left, NetAddress right) => left.Equals(right);

    public static bool operator !=(NetAddress left, NetAddress right) => !left.Equals(right);

    internal static NetAddress FromIPv4(uint address, ushort port) => new(NetAddressKind.IPv4, 0, address, 0, port, null);

    /// <summary>As the kernel reports it: an IPv4-mapped address is an IPv4 address, as everyone but the socket sees it.</summary>
    internal static NetAddress FromIPv6(ulong high, ulong low, uint scopeId, ushort port) =>
        high == 0 && low >> 32 == 0xFFFF ? FromIPv4((uint)low, port) : new NetAddress(NetAddressKind.IPv6, high, low, scopeId, port, null);
}
