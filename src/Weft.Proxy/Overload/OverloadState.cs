namespace Weft.Proxy.Overload;

/// <summary>What the overload manager says to listeners and connection managers. One per process; another, always quiet, for those that bypass it. Any thread.</summary>
internal sealed class OverloadState
{
    public OverloadState()
    {
        ConnectionIdle = new ScaledTimeout(ReduceTimeouts);
        StreamIdle = new ScaledTimeout(ReduceTimeouts);
        TransportSocketConnect = new ScaledTimeout(ReduceTimeouts);
    }

    /// <summary>Never overloaded: of the admin interface and of listeners with bypass_overload_manager.</summary>
    public static OverloadState Quiet { get; } = new();

    /// <summary>New requests are answered with 503.</summary>
    public OverloadLevel StopAcceptingRequests { get; } = new();

    /// <summary>Connections end with their request.</summary>
    public OverloadLevel DisableHttpKeepAlive { get; } = new();

    /// <summary>Saturated: listeners accept nothing; clients wait in the kernel's queue.</summary>
    public OverloadLevel StopAcceptingConnections { get; } = new();

    /// <summary>New connections are closed at once.</summary>
    public OverloadLevel RejectIncomingConnections { get; } = new();

    /// <summary>Saturated: memory that is free goes back to the system now and again.</summary>
    public OverloadLevel ShrinkHeap { get; } = new();

    /// <summary>Drives the time limits below.</summary>
    public OverloadLevel ReduceTimeouts { get; } = new();

    /// <summary>HTTP_DOWNSTREAM_CONNECTION_IDLE</summary>
    public ScaledTimeout ConnectionIdle { get; }

    /// <summary>HTTP_DOWNSTREAM_STREAM_IDLE</summary>
    public ScaledTimeout StreamIdle { get; }

    /// <summary>TRANSPORT_SOCKET_CONNECT: for connections that begin.</summary>
    public ScaledTimeout TransportSocketConnect { get; }

    /// <summary>New connections are closed before anything looks at them.</summary>
    public LoadShedPoint TcpListenerAccept { get; } = new();

    /// <summary>Connections are closed when their first bytes come.</summary>
    public LoadShedPoint CreateCodec { get; } = new();

    /// <summary>Requests are answered with 503 when their headers have come.</summary>
    public LoadShedPoint DecodeHeaders { get; } = new();

    /// <summary>Open downstream connections of all listeners (global_downstream_max_connections); null: no such monitor.</summary>
    public long? MaxConnections { get; set; }

    /// <summary>The level of an action; null for one that Weft does not have.</summary>
    public OverloadLevel? LevelOf(string action) => action switch
    {
        "envoy.overload_actions.stop_accepting_requests" => StopAcceptingRequests,
        "envoy.overload_actions.disable_http_keepalive" => DisableHttpKeepAlive,
        "envoy.overload_actions.stop_accepting_connections" => StopAcceptingConnections,
        "envoy.overload_actions.reject_incoming_connections" => RejectIncomingConnections,
        "envoy.overload_actions.shrink_heap" => ShrinkHeap,
        OverloadManagerCompiler.ReduceTimeouts => ReduceTimeouts,
        _ => null,
    };

    /// <summary>A point by its name; null for one that Weft does not have.</summary>
    public LoadShedPoint? PointOf(string name) => name switch
    {
        "envoy.load_shed_points.tcp_listener_accept" => TcpListenerAccept,
        "envoy.load_shed_points.hcm_ondata_creating_codec" => CreateCodec,
        "envoy.load_shed_points.http_connection_manager_decode_headers" => DecodeHeaders,
        _ => null,
    };
}
