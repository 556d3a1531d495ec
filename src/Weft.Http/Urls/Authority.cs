using System.Buffers;
using System.Buffers.Text;

namespace Weft.Http.Urls;

/// <summary>
/// The <c>host[:port]</c> of a request (RFC 3986 section 3.2 without user information). Stricter than the RFC in that a
/// comma is refused: it is what two joined Host headers would show.
/// </summary>
public static class Authority
{
    private static readonly SearchValues<byte> NameCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+;=%"u8);

    private static readonly SearchValues<byte> LiteralCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+;=%:"u8);

    /// <summary>A name, an IPv4 address or a bracketed IPv6 address, each with or without a port. An empty one is valid (RFC 9110 section 7.2).</summary>
    public static bool IsValid(ReadOnlySpan<byte> authority)
    {
        if (!authority.ContainsAnyExcept(NameCharacters)) return true;
        Split(authority, out var host, out var port);
        return IsHost(host) && (port.IsEmpty || TryParsePort(port, out _));
    }

    /// <summary>A host, which is not empty, and a port, as CONNECT has to name them.</summary>
    public static bool IsHostAndPort(ReadOnlySpan<byte> authority)
    {
        Split(authority, out var host, out var port);
        return !host.IsEmpty && IsHost(host) && TryParsePort(port, out var number) && number > 0;
    }

    /// <summary>Where the port begins (at its colon), or -1. A colon in an IPv6 address is none.</summary>
    public static int PortStart(ReadOnlySpan<byte> authority)
    {
        var colon = authority.LastIndexOf((byte)':');
        return colon < 0 || authority.LastIndexOf((byte)']') > colon ? -1 : colon;
    }

    /// <summary>
    /// Changes :authority as configured before it is matched. Returns the port that was taken off, or -1.
    /// </summary>
    /// <param name="listenerPort">The port to which the client connected, for <see cref="PortStripping.Matching"/>.</param>
    /// <param name="stripTrailingDot">strip_trailing_host_dot.</param>
    public static int Apply(HeaderMap headers, PortStripping ports, int listenerPort, bool stripTrailingDot)
    {
        if (stripTrailingDot) StripTrailingDot(headers);
        if (ports == PortStripping.None) return -1;
        var authority = headers.Get(KnownHeader.Authority);
        var colon = PortStart(authority);
        if (colon < 0 || !TryParsePort(authority[(colon + 1)..], out var port)) return -1;
        if (ports == PortStripping.Matching && port != listenerPort) return -1;
        headers.Set(KnownHeader.Authority, authority[..colon]);
        return port;
    }

    private static void StripTrailingDot(HeaderMap headers)
    {
        var authority = headers.Get(KnownHeader.Authority);
        var dot = authority.LastIndexOf((byte)'.');
        if (dot < 0) return;
        if (dot == authority.Length - 1)
        {
            headers.Set(KnownHeader.Authority, authority[..dot]);
            return;
        }

        if (authority[dot + 1] != ':') return;
        Span<byte> shorter = authority.Length <= 256 ? stackalloc byte[256] : new byte[authority.Length];
        authority[..dot].CopyTo(shorter);
        authority[(dot + 1)..].CopyTo(shorter[dot..]);
        headers.Set(KnownHeader.Authority, shorter[..(authority.Length - 1)]);
    }

    private static void Split(ReadOnlySpan<byte> authority, out ReadOnlySpan<byte> host, out ReadOnlySpan<byte> port)
    {
        var colon = PortStart(authority);
        host = colon < 0 ? authority : authority[..colon];
        port = colon < 0 ? default : authority[(colon + 1)..];
    }

    private static bool IsHost(ReadOnlySpan<byte> host)
    {
        if (host.Length > 0 && host[0] == '[')
            return host.Length > 2 && host[^1] == ']' && !host[1..^1].ContainsAnyExcept(LiteralCharacters);
        return !host.ContainsAnyExcept(NameCharacters);
    }

    private static bool TryParsePort(ReadOnlySpan<byte> digits, out ushort port)
    {
        port = 0;
        foreach (var digit in digits)
            if (!char.IsAsciiDigit((char)digit)) return false;
        return Utf8Parser.TryParse(digits, out port, out var read) && read == digits.Length;
    }
}
