namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>Which HTTP version a cluster's connections speak (HttpProtocolOptions).</summary>
internal enum UpstreamProtocol : byte
{
    Http1,
    Http2,

    /// <summary>auto_config: what TLS agrees on (ALPN), HTTP/1 when it agrees on nothing.</summary>
    Auto,

    /// <summary>use_downstream_protocol_config: what the client speaks.</summary>
    Downstream,
}
