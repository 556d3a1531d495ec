using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>The cookies of a request (RFC 6265 section 4.2).</summary>
internal static class RequestCookies
{
    private static readonly HeaderName s_cookie = new(KnownHeader.Cookie);

    /// <summary>The first value of that name, without its quotes; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Find(HeaderMap headers, ReadOnlySpan<byte> name)
    {
        TryFind(headers, name, out var value);
        return value;
    }

    /// <summary>The same; false when there is none.</summary>
    public static bool TryFind(HeaderMap headers, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (var i = headers.IndexOf(s_cookie); i >= 0; i = headers.IndexOf(s_cookie, i + 1))
        {
            if (TryFind(headers.ValueAt(i), name, out value))
                return true;
        }
        value = default;
        return false;
    }

    /// <summary>Takes every cookie of that name out; the others become one header.</summary>
    public static void Remove(HeaderMap headers, ReadOnlySpan<byte> name)
    {
        var kept = new ByteWriter();
        for (var i = headers.IndexOf(s_cookie); i >= 0; i = headers.IndexOf(s_cookie, i + 1))
        {
            var cookies = headers.ValueAt(i);
            foreach (var range in cookies.Split((byte)';'))
            {
                var cookie = cookies[range].Trim((byte)' ');
                if (cookie.IsEmpty || (cookie.StartsWith(name) && cookie.Length > name.Length && cookie[name.Length] == '='))
                    continue;
                if (kept.Length > 0)
                    kept.Write("; "u8);
                kept.Write(cookie);
            }
        }
        headers.Remove(s_cookie);
        if (kept.Length > 0)
            headers.Set(s_cookie, kept.Written);
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
