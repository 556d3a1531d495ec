using System.Text;

namespace Weft.Http.Http1;

/// <summary>The methods that are taken without <c>allow_custom_methods</c>: those that Envoy knows. Case matters (RFC 9110 section 9.1).</summary>
internal static class HttpMethods
{
    private static readonly byte[][] Rest = [.. new[]
    {
        "PATCH", "TRACE", "CONNECT", "ACL", "BIND", "CHECKOUT", "COPY", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL",
        "MOVE", "MSEARCH", "NOTIFY", "PROPFIND", "PROPPATCH", "PURGE", "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE",
        "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
    }.Select(Encoding.ASCII.GetBytes)];

    public static bool IsKnown(ReadOnlySpan<byte> method) => method.Length switch
    {
        3 when method.SequenceEqual("GET"u8) || method.SequenceEqual("PUT"u8) => true,
        4 when method.SequenceEqual("POST"u8) || method.SequenceEqual("HEAD"u8) => true,
        6 when method.SequenceEqual("DELETE"u8) => true,
        7 when method.SequenceEqual("OPTIONS"u8) => true,
        _ => IsAmongRest(method),
    };

    private static bool IsAmongRest(ReadOnlySpan<byte> method)
    {
        foreach (var known in Rest)
            if (method.SequenceEqual(known)) return true;
        return false;
    }
}
