using System.Net;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Formatting;

/// <summary>A request that has been answered, with every value filled in.</summary>
internal sealed class FinishedRequest
{
    private readonly StatsStore _store = new();

    public FinishedRequest()
    {
        Request.Add(new HeaderName(":method"), "GET"u8);
        Request.Add(new HeaderName(":path"), "/rewritten?a=1&name=J%C3%BCrgen&b"u8);
        Request.Add(new HeaderName(":authority"), "www.example.com"u8);
        Request.Add(new HeaderName("x-envoy-original-path"), "/original?a=1"u8);
        Request.Add(new HeaderName("user-agent"), "curl/8.0"u8);
        Request.Add(new HeaderName("x-request-id"), "0123abcd-0000-9000-8000-000000000001"u8);
        Request.Add(new HeaderName("x-empty"), ""u8);
        Response.Add(new HeaderName(":status"), "200"u8);
        Response.Add(new HeaderName("x-envoy-upstream-service-time"), "7"u8);
        Info = new StreamInfo
        {
            StartTime = new DateTime(2018, 4, 3, 23, 6, 9, DateTimeKind.Utc).AddTicks(1234560),
            StartUs = 1_000_000,
            LastDownstreamRxByteUs = 1_002_000,
            FirstUpstreamTxByteUs = 1_003_000,
            LastUpstreamTxByteUs = 1_004_500,
            FirstUpstreamRxByteUs = 1_010_000,
            LastUpstreamRxByteUs = 1_011_000,
            FirstDownstreamTxByteUs = 1_012_000,
            LastDownstreamTxByteUs = 1_015_000,
            EndUs = 1_025_999,
            DownstreamAcceptedUs = 900_000,
            DownstreamSecuredUs = 904_000,
            UpstreamBegunUs = 1_000_500,
            UpstreamReadyUs = 1_003_000,
            UpstreamConnectUs = 950_000,
            UpstreamConnectedUs = 951_000,
            UpstreamSecuredUs = 953_000,
            UpstreamHeaderBytesSent = 120,
            UpstreamHeaderBytesReceived = 50,
            UpstreamBodyBytesReceived = 700,
            Listener = new Envoy.Config.Listener.V3.Listener { Metadata = Metadata(), TrafficDirection = Envoy.Config.Core.V3.TrafficDirection.Inbound },
            FilterChain = new Envoy.Config.Listener.V3.FilterChain { Metadata = Metadata() },
            BytesReceived = 11,
            BytesSent = 512,
            HeaderBytesReceived = 100,
            HeaderBytesSent = 60,
            ResponseCode = 200,
            ResponseCodeDetails = "via upstream",
            Protocol = HttpProtocol.Http11,
            UpstreamProtocol = HttpProtocol.Http2,
            DownstreamRemoteAddress = Address("10.0.0.9", 4321),
            DownstreamDirectRemoteAddress = Address("10.0.0.8", 999),
            DownstreamLocalAddress = Address("::1", 80),
            UpstreamLocalAddress = NetAddress.FromUnixPath("/tmp/x.sock"),
            UpstreamEndpoint = new Endpoint
            {
                Address = Address("172.31.1.2", 8080),
                AddressText = "172.31.1.2:8080",
                Hostname = "",
                Stats = new EndpointStats(),
                Metadata = Metadata(),
            },
            UpstreamCluster = Cluster(),
            Route = new Route
            {
                Name = "blue",
                Metadata = Metadata(),
                VirtualHost = new VirtualHost { Name = "vh", Metadata = Metadata() },
                RequestHeaders = HeaderMutations.None,
                ResponseHeaders = HeaderMutations.None,
            },
            ConnectionId = 5,
            UpstreamConnectionId = 6,
            AttemptCount = 2,
        };
    }

    public StreamInfo Info { get; }

    public HeaderMap Request { get; } = new();

    public HeaderMap Response { get; } = new();

    public HeaderMap Trailers { get; } = new();

    public FormatContext Context => new(Info, Request, Response, Trailers) { LocalReplyBody = "no route"u8, LogType = Envoy.Data.Accesslog.V3.AccessLogType.DownstreamEnd };

    private static NetAddress Address(string ip, int port) => NetAddress.FromIP(IPAddress.Parse(ip), port);

    private static Envoy.Config.Core.V3.Metadata Metadata() => Envoy.Config.Core.V3.Metadata.Parser.ParseJson(
        """{"filterMetadata":{"envoy.lb":{"canary":true,"version":"1.2","nested":{"b":[1,null,"x"],"a":1.5}}}}""");

    private ClusterConfig Cluster() => new()
    {
        Source = new Envoy.Config.Cluster.V3.Cluster { Metadata = Metadata() },
        Name = "web|80",
        StatName = "web",
        Discovery = DiscoveryType.Static,
        LbPolicy = LbPolicy.RoundRobin,
        StatsScope = _store.Scope("cluster.web."),
        Stats = new ClusterStats(_store.Scope("cluster.web.")),
        CircuitBreakers = CircuitBreakers.Create(null, _store.Scope("cluster.web.")),
        Runtime = null!,
    };
}
