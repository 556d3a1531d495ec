using System.Net;

namespace Weft.Net;

public enum NetAddressKind : byte { None, IPv4, IPv6, Unix }

/// <summary>An IPv4, IPv6 or Unix-domain socket address as a small value; prints as Envoy does (<c>1.2.3.4:80</c>, <c>[::1]:80</c>, the path).</summary>
public readonly struct NetAddress : IEquatable<NetAddress>
{
    public static NetAddress FromIP(IPAddress address, int port) => throw new NotImplementedException();

    /// <summary>A path; a leading <c>@</c> means the abstract namespace.</summary>
    public static NetAddress FromUnixPath(string path, int mode = 0) => throw new NotImplementedException();

    /// <summary>Parses a literal IP; false for anything else (names are the resolver's work).</summary>
    public static bool TryParseIP(string text, int port, out NetAddress address) => throw new NotImplementedException();

    public NetAddressKind Kind => throw new NotImplementedException();

    public int Port => throw new NotImplementedException();

    public NetAddress WithPort(int port) => throw new NotImplementedException();

    public IPAddress ToIPAddress() => throw new NotImplementedException();

    /// <summary>Loopback, for IP addresses.</summary>
    public bool IsLoopback => throw new NotImplementedException();

    /// <summary>RFC 1918 / RFC 4193 and loopback: what Envoy calls internal.</summary>
    public bool IsInternal => throw new NotImplementedException();

    /// <summary>Address with port, UTF-8, into <paramref name="destination"/>; returns the bytes written. No allocation.</summary>
    public int Format(Span<byte> destination, bool withPort) => throw new NotImplementedException();

    public bool Equals(NetAddress other) => throw new NotImplementedException();

    public override bool Equals(object? obj) => obj is NetAddress other && Equals(other);

    public override int GetHashCode() => throw new NotImplementedException();

    public override string ToString() => throw new NotImplementedException();

    public static bool operator ==(NetAddress left, NetAddress right) => left.Equals(right);

    public static bool operator !=(NetAddress left, NetAddress right) => !left.Equals(right);
}
