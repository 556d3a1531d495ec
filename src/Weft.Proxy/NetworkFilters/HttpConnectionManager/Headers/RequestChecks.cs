using System.Buffers;
using Weft.Http;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>What a request must have, whatever the HTTP version, before anything looks at it.</summary>
internal static class RequestChecks
{
    private static readonly SearchValues<byte> s_authority = SearchValues.Create(
        "!$%&'()*+,-.0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~"u8);

    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static RequestVerdict Check(HeaderMap headers)
    {
        if (!headers.Has(KnownHeader.Authority)) return RequestVerdict.MissingHost;
        if (headers.Get(KnownHeader.Authority).ContainsAnyExcept(s_authority)) return RequestVerdict.InvalidAuthority;
        var method = headers.Get(KnownHeader.Method);
        if (method.IsEmpty || method.ContainsAnyExcept(s_token)) return RequestVerdict.InvalidMethod;
        if (headers.Get(KnownHeader.Scheme).Contains((byte)',')) return RequestVerdict.InvalidScheme;
        return CheckPath(headers, method);
    }

    private static RequestVerdict CheckPath(HeaderMap headers, ReadOnlySpan<byte> method)
    {
        var path = headers.Get(KnownHeader.Path);
        if (path.IsEmpty)
        {
            var isPlainConnect = !headers.Has(KnownHeader.Path) && method.SequenceEqual("CONNECT"u8);
            return isPlainConnect ? RequestVerdict.Continue : RequestVerdict.MissingPath;
        }

        // OPTIONS * asks about the server as a whole (RFC 9110 section 9.3.7).
        if (path[0] == '/' || (path.SequenceEqual("*"u8) && method.SequenceEqual("OPTIONS"u8))) return RequestVerdict.Continue;
        return RequestVerdict.NotRelativePath;
    }
}
