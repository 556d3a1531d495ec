using Weft.Http;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.HttpFilters.Router.InternalRedirects;
using Weft.Proxy.Routing;
using Weft.Proxy.Tracing;
using Weft.Proxy.TransportSockets;

namespace Weft.Proxy.Streams;

/// <summary>
/// What is known about one request (or one TCP connection): the source of access-log lines, of formatted headers and of
/// matching by connection properties. Pooled with its stream; one worker.
/// </summary>
/// <remarks>Times are monotonic microseconds of the loop (<see cref="EventLoop.NowUs"/>); 0 means it has not happened.</remarks>
public sealed class StreamInfo
{
    /// <summary>Wall-clock time of the first byte.</summary>
    public DateTime StartTime;
    public long StartUs;
    public long LastDownstreamRxByteUs;
    public long FirstUpstreamTxByteUs;
    public long LastUpstreamTxByteUs;
    public long FirstUpstreamRxByteUs;
    public long LastUpstreamRxByteUs;
    public long FirstDownstreamTxByteUs;
    public long LastDownstreamTxByteUs;
    public long EndUs;

    /// <summary>Of the client's connection, and when its handshake was done; they stay for all its requests.</summary>
    public long DownstreamAcceptedUs;
    public long DownstreamSecuredUs;

    /// <summary>When the last attempt at an upstream began, and when it had a connection.</summary>
    public long UpstreamBegunUs;
    public long UpstreamReadyUs;

    /// <summary>Of that connection, which may be older than the request.</summary>
    public long UpstreamConnectUs;
    public long UpstreamConnectedUs;
    public long UpstreamSecuredUs;

    /// <summary>Body bytes (all bytes for TCP).</summary>
    public long BytesReceived;
    public long BytesSent;
    public long HeaderBytesReceived;
    public long HeaderBytesSent;

    /// <summary>Of the last attempt at an upstream: heads as text, without what a codec saves.</summary>
    public long UpstreamHeaderBytesSent;
    public long UpstreamHeaderBytesReceived;

    /// <summary>Body bytes of the last attempt's response.</summary>
    public long UpstreamBodyBytesReceived;

    /// <summary>0 while there is no response (printed as 0, or null in JSON).</summary>
    public int ResponseCode;

    /// <summary>Envoy's response code details (<c>via_upstream</c>, <c>route_not_found</c> ...); a constant string.</summary>
    public string? ResponseCodeDetails;
    public ResponseFlags ResponseFlags;
    public string? ConnectionTerminationDetails;
    public string? UpstreamTransportFailureReason;
    public string? DownstreamTransportFailureReason;

    /// <summary>Null for TCP.</summary>
    public HttpProtocol? Protocol;
    public HttpProtocol? UpstreamProtocol;

    /// <summary>The client as far as trusted headers tell; its port is 0 when it came from a header.</summary>
    public NetAddress DownstreamRemoteAddress;
    public NetAddress DownstreamDirectRemoteAddress;

    /// <summary>The client as the connection tells: the socket's peer, or whom a PROXY header names; headers of requests do not count.</summary>
    public NetAddress ConnectionRemoteAddress;

    public NetAddress DownstreamLocalAddress;

    /// <summary>The socket's own, where the former was restored.</summary>
    public NetAddress DownstreamDirectLocalAddress;

    /// <summary>What the client's proxy said in a PROXY header; null when it said nothing.</summary>
    public ProxyHeader? ProxyHeader;

    /// <summary>The cluster of this TCP connection instead of the configured one (Envoy's envoy.tcp_proxy.cluster); null: the configured one.</summary>
    public string? TcpProxyCluster;

    /// <summary>The port that sni_dynamic_forward_proxy goes to (Envoy's envoy.upstream.dynamic_port); 0: none said.</summary>
    public int DynamicPort;

    /// <summary>The local address is where the client wanted to go, before its connection was redirected here.</summary>
    public bool IsLocalAddressRestored;

    /// <summary>Where upstream connections shall seem to come from (original_src); null: from this host.</summary>
    public UpstreamSource? UpstreamSource;

    public NetAddress UpstreamLocalAddress;

    /// <summary>Which of the endpoint's addresses answered; none before there is a connection.</summary>
    public NetAddress UpstreamRemoteAddress;
    public Endpoint? UpstreamEndpoint;
    public ClusterConfig? UpstreamCluster;
    public Route? Route;

    /// <summary>Where the request's host has a virtual host none of whose routes matched; null where there is a route, or no virtual host.</summary>
    public VirtualHost? HostWithoutRoute;
    public string? FilterChainName;

    /// <summary>As written, for what reads their metadata; null where there is none (calls of the proxy's own).</summary>
    public Envoy.Config.Listener.V3.Listener? Listener;
    public Envoy.Config.Listener.V3.FilterChain? FilterChain;

    /// <summary>Of the virtual host's virtual clusters; null when it has none.</summary>
    public string? VirtualClusterName;

    /// <summary>The client's handshake; null in clear text.</summary>
    public TlsFacts? DownstreamTls;
    public TlsFacts? UpstreamTls;

    /// <summary>The port of a CONNECT that was taken off its authority for matching; 0: none was.</summary>
    public int ConnectPort;

    /// <summary>The name the client asked for in its TLS hello, terminated here or not; null when it named none.</summary>
    public string? RequestedServerName;

    /// <summary>The JA3 fingerprint of its TLS hello; null where tls_inspector does not take it.</summary>
    public string? Ja3Fingerprint;

    /// <summary>The JA4 fingerprint, likewise.</summary>
    public string? Ja4Fingerprint;
    public long ConnectionId;
    public long UpstreamConnectionId;

    /// <summary>Upstream attempts so far (1 without retries; 0 when none was made).</summary>
    public int AttemptCount;
    public bool IsHealthCheck;

    /// <summary>Upstreams are told the scheme of the connection to them, not of the client's (scheme_header_transformation.match_upstream).</summary>
    public bool SchemeFollowsUpstream;

    /// <summary>The span of a traced request, for %TRACE_ID%; null without tracing.</summary>
    internal Span? Span;

    /// <summary>The redirects of upstreams that were followed for it; null when there were none.</summary>
    internal RedirectHistory? InternalRedirects;

    /// <summary>The virtual host of the request's host, with or without a route; null when there is none.</summary>
    public VirtualHost? VirtualHost => Route?.VirtualHost ?? HostWithoutRoute;

    /// <summary>What filters have attached to the request.</summary>
    public DynamicMetadata DynamicMetadata { get; } = new();

    /// <summary>What filters have left for others, by Envoy's names.</summary>
    public FilterState FilterState { get; } = new();

    /// <summary>Of <see cref="FilterState"/>, what is shared with the upstream's connection; null before there is one.</summary>
    public FilterStateValue? UpstreamFilterState(string name) =>
        (UpstreamReadyUs | UpstreamConnectedUs) != 0 && FilterState.Find(name) is { Sharing: not StateSharing.None } value ? value : null;

    /// <summary>The endpoint that a filter wants the request to go to.</summary>
    public OverrideHost OverrideHost { get; } = new();

    /// <summary>How many of the endpoints that the request names for its attempts have had their turn (the balancer override_host).</summary>
    internal int NamedHostsTaken;

    /// <summary>Random bits of this request: the same for every fraction drawn for it (Envoy's stream id).</summary>
    public ulong RandomValue;

    /// <summary>Ready for the next request. Addresses of the connection are kept.</summary>
    public void Reset()
    {
        StartTime = default;
        StartUs = LastDownstreamRxByteUs = FirstUpstreamTxByteUs = LastUpstreamTxByteUs = FirstUpstreamRxByteUs = LastUpstreamRxByteUs = 0;
        FirstDownstreamTxByteUs = LastDownstreamTxByteUs = EndUs = 0;
        BytesReceived = BytesSent = HeaderBytesReceived = HeaderBytesSent = 0;
        UpstreamBegunUs = UpstreamReadyUs = UpstreamConnectUs = UpstreamConnectedUs = UpstreamSecuredUs = 0;
        UpstreamHeaderBytesSent = UpstreamHeaderBytesReceived = UpstreamBodyBytesReceived = 0;
        ResponseCode = 0;
        ResponseCodeDetails = ConnectionTerminationDetails = UpstreamTransportFailureReason = null;
        ResponseFlags = ResponseFlags.None;
        Protocol = UpstreamProtocol = null;
        UpstreamLocalAddress = UpstreamRemoteAddress = default;
        UpstreamTls = null;
        UpstreamEndpoint = null;
        UpstreamCluster = null;
        Route = null;
        HostWithoutRoute = null;
        VirtualClusterName = null;
        UpstreamConnectionId = 0;
        AttemptCount = ConnectPort = NamedHostsTaken = 0;
        InternalRedirects = null;
        IsHealthCheck = SchemeFollowsUpstream = false;
        Span = null;
        OverrideHost.Clear();
        FilterState.Clear();
        RandomValue = 0;
        if (!DynamicMetadata.IsEmpty)
            DynamicMetadata.Clear();
    }
}
