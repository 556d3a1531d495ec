namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>Why an upstream stream could not be had or ended early; Envoy's stream reset reasons.</summary>
internal enum ResetReason : byte
{
    /// <summary>A circuit breaker said no.</summary>
    Overflow,

    /// <summary>max_connection_pools allows no pool for the endpoint.</summary>
    NoPool,

    /// <summary>The connection could not be made: refused, unreachable.</summary>
    RemoteConnectionFailure,

    /// <summary>The connection could not be made here: no descriptors, cannot bind.</summary>
    LocalConnectionFailure,

    /// <summary>The connection was not made within connect_timeout.</summary>
    ConnectionTimeout,

    /// <summary>The peer closed or reset the connection within the stream.</summary>
    ConnectionTermination,

    /// <summary>The peer's answer was not HTTP.</summary>
    ProtocolError,

    /// <summary>The peer reset the stream (HTTP/2).</summary>
    RemoteReset,

    /// <summary>The peer refused the stream before looking at it (HTTP/2 REFUSED_STREAM): it may be sent again whatever it asks for.</summary>
    RemoteRefusedStream,

    /// <summary>Given up here: a time-out of one attempt.</summary>
    LocalReset,
}
