namespace Weft.Http;

/// <summary>What the request method says about a request (RFC 9110 section 9.2).</summary>
public static class RequestMethods
{
    /// <summary>Sending it twice has the effect of sending it once: GET, HEAD, PUT, DELETE, OPTIONS, TRACE.</summary>
    public static bool IsIdempotent(ReadOnlySpan<byte> method) =>
        method.SequenceEqual("GET"u8) || method.SequenceEqual("HEAD"u8) || method.SequenceEqual("PUT"u8)
        || method.SequenceEqual("DELETE"u8) || method.SequenceEqual("OPTIONS"u8) || method.SequenceEqual("TRACE"u8);
}
