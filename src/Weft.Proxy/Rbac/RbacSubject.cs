using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Rbac;

/// <summary>What policies judge: a request, or a connection of which no request is known.</summary>
/// <param name="info">Of the request or of the connection.</param>
/// <param name="headers">Of the request; null for a connection.</param>
internal readonly ref struct RbacSubject(StreamInfo info, HeaderMap? headers = null)
{
    // Never changed, so that workers may share it.
    private static readonly HeaderMap s_noHeaders = new();

    public StreamInfo Info { get; } = info;

    /// <summary>Of the request; empty for a connection.</summary>
    public HeaderMap Headers { get; } = headers ?? s_noHeaders;
}
