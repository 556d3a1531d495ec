using Weft.Http;
using Weft.Net.Tls;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Rbac;

/// <summary>What policies judge: a request, or a connection of which no request is known.</summary>
internal readonly ref struct RbacSubject
{
    // Never changed, so that workers may share it.
    private static readonly HeaderMap s_noHeaders = new();

    /// <summary>A request.</summary>
    public RbacSubject(StreamInfo info, HeaderMap headers) => (Info, Tls, Headers) = (info, info.DownstreamTls, headers);

    /// <summary>A connection.</summary>
    /// <param name="info">Of the connection.</param>
    /// <param name="tls">The client's handshake; null in clear text.</param>
    public RbacSubject(StreamInfo info, TlsFacts? tls) => (Info, Tls, Headers) = (info, tls, s_noHeaders);

    public StreamInfo Info { get; }

    public TlsFacts? Tls { get; }

    /// <summary>Of the request; empty for a connection.</summary>
    public HeaderMap Headers { get; }

    /// <summary>The name that the client asked for in its TLS hello; empty when it named none.</summary>
    public string RequestedServerName => Info.RequestedServerName ?? Tls?.ServerName ?? "";
}
