using Weft.Http;

namespace Weft.Proxy.Streams;

/// <summary>What makes an opaque stream of a request: 101 to an upgrade, any success to a CONNECT (RFC 9110 section 9.3.6).</summary>
internal static class TunnelAnswer
{
    public static bool IsConnect(HeaderMap request) => request.Get(KnownHeader.Method).SequenceEqual("CONNECT"u8);

    /// <param name="request">An upgrade or a CONNECT.</param>
    /// <param name="status">Of its final response.</param>
    public static bool IsAgreement(HeaderMap request, int status) => IsConnect(request) ? status is >= 200 and < 300 : status == 101;
}
