using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>Finds cookies of a request.</summary>
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
            foreach (var cookie in new CookieList(headers.ValueAt(i)))
            {
                if (!cookie.Name.SequenceEqual(name))
                    continue;
                value = cookie.Value;
                return true;
            }
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
}
