using Weft.Http;

namespace Weft.Proxy.HttpFilters.HeaderToMetadata;

/// <summary>Finds a cookie of a request (RFC 6265 section 4.2). No allocation.</summary>
internal static class CookieValue
{
    private static readonly HeaderName s_cookie = new(KnownHeader.Cookie);

    /// <summary>The value of the first cookie of that name, without quotes around it.</summary>
    public static bool TryFind(HeaderMap headers, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (var i = headers.IndexOf(s_cookie); i >= 0; i = headers.IndexOf(s_cookie, i + 1))
        {
            if (TryFind(headers.ValueAt(i), name, out value)) return true;
        }

        value = default;
        return false;
    }

    private static bool TryFind(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (!line.IsEmpty)
        {
            var end = line.IndexOf((byte)';');
            var pair = (end < 0 ? line : line[..end]).Trim((byte)' ');
            line = end < 0 ? default : line[(end + 1)..];
            var equals = pair.IndexOf((byte)'=');
            if (equals < 0 || !pair[..equals].SequenceEqual(name)) continue;
            value = pair[(equals + 1)..];
            if (value.Length >= 2 && value[0] == '"' && value[^1] == '"') value = value[1..^1];
            return true;
        }

        value = default;
        return false;
    }
}
