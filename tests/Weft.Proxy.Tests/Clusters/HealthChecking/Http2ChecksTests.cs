using Weft.Http;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters.HealthChecking;

/// <summary>HTTP checks over HTTP/2, and gRPC checks.</summary>
public sealed class Http2ChecksTests
{
    private const string Http2 = "http2_protocol_options: {}";
    private static readonly byte[] s_serving = [0, 0, 0, 0, 2, 8, 1];
    private static readonly byte[] s_notServing = [0, 0, 0, 0, 2, 8, 2];

    [Fact]
    public void An_http_check_may_speak_HTTP2()
    {
        using var test = new CheckedCluster("http_health_check: { path: /livez, host: web.example, codec_client_type: HTTP2 }");
        using var peer = test.AcceptHttp2();
        peer.Answer(200);
        test.UntilChecked(1);
        Assert.Equal("GET http web.example /livez Envoy/HC", string.Join(' ',
            Text(peer, KnownHeader.Method), Text(peer, KnownHeader.Scheme), Text(peer, KnownHeader.Authority), Text(peer, KnownHeader.Path), Text(peer, KnownHeader.UserAgent)));
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Answer(503);
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
    }

    [Fact]
    public void A_service_that_serves_is_healthy_and_the_call_is_as_gRPC_wants_it()
    {
        using var test = new CheckedCluster("grpc_health_check: { service_name: shop, authority: shop.example, initial_metadata: [ { header: { key: x-probe, value: a } } ] }", cluster: Http2);
        using var peer = test.AcceptHttp2();
        peer.Answer(200, "content-type=application/grpc", s_serving, "grpc-status=0");
        test.UntilChecked(1);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        Assert.Equal("POST shop.example /grpc.health.v1.Health/Check trailers application/grpc 1000m", string.Join(' ',
            Text(peer, KnownHeader.Method), Text(peer, KnownHeader.Authority), Text(peer, KnownHeader.Path), Text(peer, KnownHeader.Te), Text(peer, KnownHeader.ContentType), Text(peer, KnownHeader.GrpcTimeout)));
        Assert.Equal("a", System.Text.Encoding.ASCII.GetString(peer.Request.Get(new HeaderName("x-probe"))));
        Assert.Equal([0, 0, 0, 0, 6, 10, 4, .. "shop"u8], peer.Body);
    }

    [Theory]
    [InlineData(200, "content-type=application/grpc", true, "grpc-status=0")]
    [InlineData(200, "content-type=application/grpc|grpc-status=12", false, null)]
    [InlineData(200, "content-type=text/html", true, "grpc-status=0")]
    [InlineData(503, "content-type=application/grpc", false, null)]
    public void Anything_else_fails_at_once(int status, string headers, bool hasBody, string? trailers)
    {
        using var test = new CheckedCluster("grpc_health_check: {}", cluster: Http2);
        using var peer = test.AcceptHttp2();
        peer.Answer(200, "content-type=application/grpc", s_serving, "grpc-status=0");
        test.UntilChecked(1);
        Assert.Equal([0, 0, 0, 0, 0], peer.Body);
        test.Loop.AdvanceMs(10_000);
        peer.Answer(status, headers, hasBody ? s_notServing : null, trailers);
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
        Assert.Equal(0, test.Counter("network_failure"));
    }

    [Fact]
    public void A_stream_that_is_reset_is_a_failure_of_the_network()
    {
        using var test = new CheckedCluster("grpc_health_check: {}", cluster: Http2);
        using var peer = test.AcceptHttp2();
        peer.Reset();
        test.UntilChecked(1);
        Assert.Equal(1, test.Counter("network_failure"));
    }

    [Fact]
    public void After_a_GOAWAY_the_next_check_takes_another_connection()
    {
        using var test = new CheckedCluster("http_health_check: { path: /, codec_client_type: HTTP2 }");
        using var first = test.AcceptHttp2();
        first.Answer(200);
        test.UntilChecked(1);
        first.GoAway();
        test.Loop.Settle();
        test.Loop.AdvanceMs(10_000);
        using var second = test.AcceptHttp2();
        second.Answer(200);
        test.UntilChecked(2);
        Assert.Equal((2, 0), (test.Counter("success"), test.Counter("failure")));
    }

    [Fact]
    public void A_timeout_closes_the_connection_and_the_next_check_takes_another()
    {
        using var test = new CheckedCluster("grpc_health_check: {}", cluster: Http2);
        using var first = test.AcceptHttp2();
        first.Read();
        test.Loop.AdvanceMs(1_001);
        test.UntilChecked(1);
        Assert.Equal("/failed_active_hc/active_hc_timeout", test.Flags.ToText());
        test.Loop.AdvanceMs(10_000);
        using var second = test.AcceptHttp2();
        second.Answer(200, "content-type=application/grpc", s_serving, "grpc-status=0");
        test.UntilChecked(2);
        Assert.Equal(1, test.Counter("success"));
    }

    [Fact]
    public void A_cluster_without_HTTP2_cannot_be_checked_by_gRPC()
    {
        var test = new TestClusters(new TestLoop().Loop);
        test.Compile("{ name: web, health_checks: [ { timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {} } ] }");
        Assert.Contains(test.Faults, fault => fault.EndsWith("web cluster must support HTTP/2 for gRPC healthchecking", StringComparison.Ordinal));
    }

    private static string Text(Http2CheckPeer peer, KnownHeader name) => System.Text.Encoding.ASCII.GetString(peer.Request.Get(name));
}
