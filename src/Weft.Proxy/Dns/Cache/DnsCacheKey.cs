using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Weft.Proxy.Dns.Cache;

/// <summary>
/// What a host is kept under: its name in lower case, and its port, which makes two entries of <c>a.com</c> and <c>a.com:8080</c>.
/// Any thread; writing a key allocates nothing.
/// </summary>
internal static class DnsCacheKey
{
    /// <summary>Enough for every key.</summary>
    public const int MaxChars = MaxHostBytes + 6;

    /// <summary>The longest domain name as text, in brackets.</summary>
    private const int MaxHostBytes = 257;

    /// <summary>The key of an authority (<c>host</c>, <c>host:port</c>, <c>[::1]:port</c>); false when it can be nobody's name.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> authority, int defaultPort, Span<char> key, out int length)
    {
        length = 0;
        var host = authority;
        var port = defaultPort;
        var colon = authority.LastIndexOf((byte)':');
        if (colon > authority.LastIndexOf((byte)']'))
        {
            if (!Utf8Parser.TryParse(authority[(colon + 1)..], out port, out var read) || colon + 1 + read != authority.Length || port is < 0 or > ushort.MaxValue)
                return false;
            host = authority[..colon];
        }

        if (host.IsEmpty || host.Length > MaxHostBytes)
            return false;
        foreach (var b in host)
        {
            if (b is <= (byte)' ' or > (byte)'~')
                return false;
            key[length++] = (char)(b is >= (byte)'A' and <= (byte)'Z' ? b | 0x20 : b);
        }

        key[length++] = ':';
        port.TryFormat(key[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
        return true;
    }

    /// <summary>The same of a name that is text (SNI).</summary>
    public static bool TryWrite(string name, int port, Span<char> key, out int length)
    {
        Span<byte> bytes = stackalloc byte[MaxChars];
        length = 0;
        return Encoding.UTF8.TryGetBytes(name, bytes, out var count) && TryWrite(bytes[..count], port, key, out length);
    }

    /// <summary>The key of a configured name; null when it can be nobody's.</summary>
    public static string? Of(string host, int port)
    {
        Span<char> key = stackalloc char[MaxChars];
        return TryWrite(host, port, key, out var length) ? key[..length].ToString() : null;
    }

    /// <summary>The name and the port in a key.</summary>
    public static (string Name, int Port) Split(string key)
    {
        var colon = key.LastIndexOf(':');
        return (key[..colon].TrimStart('[').TrimEnd(']'), int.Parse(key.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
