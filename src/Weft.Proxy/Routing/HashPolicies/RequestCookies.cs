using Weft.Http;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>The cookies of a request (RFC 6265 section 4.2). No allocation.</summary>
internal static class RequestCookies
{
    private static readonly HeaderName s_cookie = new(KnownHeader.Cookie);

    /// <summary>The first value of that name, without its quotes; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Find(HeaderMap headers, ReadOnlySpan<byte> name)
    {
        for (var i = headers.IndexOf(s_cookie); i >= 0; i = headers.IndexOf(s_cookie, i + 1))
        {
            if (TryFind(headers.ValueAt(i), name, out var value))
                return value;
        }
        return default;
    }

    private static bool TryFind(ReadOnlySpan<byte> cookies, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var range in cookies.Split((byte)';'))
        {
            var cookie = cookies[range].TrimStart((byte)' ');
            var equals = cookie.IndexOf((byte)'=');
            if (equals < 0 || !cookie[..equals].SequenceEqual(name))
                continue;
            value = cookie[(equals + 1)..];
            if (value is [(byte)'"', .., (byte)'"'])
                value = value[1..^1];
            return true;
        }
        value = default;
        return false;
    }
}
