using Weft.Proxy.Clusters;
using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.Clusters.ConnectionPools;

/// <summary>Pools as requests through a proxy see them.</summary>
public sealed class HttpPoolTests
{
    private const string Common = """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: { http_protocol_options: {} }
            common_http_protocol_options:
        """;

    [Fact]
    public void Connections_are_opened_ahead_of_need_by_the_preconnect_ratio()
    {
        using var upstream = new TestUpstream();
        using var bench = Start(upstream, "preconnect_policy: { per_upstream_preconnect_ratio: 1.5 }");
        bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        var ready = upstream.Accept(bench);
        bench.Until(() => bench.Counter("upstream_cx_total") == 2);
        bench.Get();
        ready.Read();
        // Two requests under way ask for three connections.
        upstream.Accept(bench);
        bench.Until(() => bench.Gauge("upstream_rq_active") == 2);
        bench.Settle();
        Assert.Equal((3, 2), (bench.Counter("upstream_cx_total"), bench.Gauge("upstream_rq_active")));
    }

    [Fact]
    public void Endpoints_of_the_next_requests_are_connected_to_ahead()
    {
        using var first = new TestUpstream();
        using var second = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [first, second], "lb_policy: ROUND_ROBIN\npreconnect_policy: { predictive_preconnect_ratio: 2 }");
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }");

        bench.Get();
        bench.Until(() => bench.Counter("upstream_cx_total") == 2);
        var ready = new[] { first, second }.ToDictionary(upstream => upstream, upstream => upstream.Accept(bench));
        bench.Settle();
        var used = ready.Values.Single(peer => !peer.HasNothing());
        used.Read();

        // The turn that was taken ahead is kept: the other endpoint's connection was made for this request.
        bench.Get();
        ready.Values.Single(peer => peer != used).Read();
        Assert.Equal(2, bench.Gauge("upstream_rq_active"));
    }

    [Fact]
    public void Without_a_policy_that_knows_the_next_endpoint_none_is_connected_to_ahead()
    {
        using var first = new TestUpstream();
        using var second = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [first, second], "lb_policy: RING_HASH\npreconnect_policy: { predictive_preconnect_ratio: 2 }");
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }");
        bench.Get();
        bench.Settle();
        Assert.Equal(1, bench.Counter("upstream_cx_total"));
    }

    [Fact]
    public void A_connection_is_closed_after_its_share_of_requests()
    {
        using var upstream = new TestUpstream();
        using var bench = Start(upstream, $"{Common} {{ max_requests_per_connection: 2 }}");
        var peer = Serve(bench, upstream);
        Serve(bench, upstream, peer);
        peer.AssertEnds();
        Assert.Equal((1, 1), (bench.Counter("upstream_cx_max_requests"), bench.Counter("upstream_cx_destroy_local")));
        Serve(bench, upstream);
        Assert.Equal(2, bench.Counter("upstream_cx_total"));
    }

    [Fact]
    public void A_connection_without_requests_is_closed_after_the_idle_timeout()
    {
        using var upstream = new TestUpstream();
        using var bench = Start(upstream, $"{Common} {{ idle_timeout: 2s }}");
        var peer = Serve(bench, upstream);
        bench.AdvanceMs(1_999);
        Serve(bench, upstream, peer);
        bench.AdvanceMs(1_999);
        Assert.True(peer.HasNothing());
        bench.AdvanceMs(2);
        peer.AssertEnds();
        Assert.Equal(1, bench.Counter("upstream_cx_idle_timeout"));
    }

    [Fact]
    public void A_connection_that_is_old_closes_behind_its_request()
    {
        using var upstream = new TestUpstream();
        using var bench = Start(upstream, $"{Common} {{ max_connection_duration: 1s }}");
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        bench.AdvanceMs(1_001);
        peer.Answer(200, "late");
        Assert.EndsWith("late", client.Read(), StringComparison.Ordinal);
        peer.AssertEnds();
        Assert.Equal(1, bench.Counter("upstream_cx_max_duration_reached"));
    }

    [Fact]
    public void Two_clients_share_no_connection_where_each_has_its_pool()
    {
        using var upstream = new TestUpstream();
        using var bench = Start(upstream, "connection_pool_per_downstream_connection: true", out var config);
        var first = bench.Get();
        var firstPeer = upstream.Accept(bench);
        firstPeer.Read();
        firstPeer.Answer(200);
        first.Read();
        var second = bench.Get();
        var secondPeer = upstream.Accept(bench);
        secondPeer.Read();
        secondPeer.Answer(200);
        second.Read();
        first.Send("GET /again HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.StartsWith("GET /again ", firstPeer.Read(), StringComparison.Ordinal);
        firstPeer.Answer(200);
        first.Read();
        Assert.Equal(2, config.CircuitBreakers.Default.ConnectionPools.Current);
        firstPeer.Abort();
        secondPeer.Abort();
        bench.Until(() => config.CircuitBreakers.Default.ConnectionPools.Current == 0);
    }

    [Fact]
    public void Beyond_the_limit_of_pools_there_is_no_upstream()
    {
        TestUpstream[] upstreams = [new(), new()];
        using var bench = new RouterBench();
        bench.AddCluster("web", upstreams, "circuit_breakers: { thresholds: [{ max_connection_pools: 1 }] }");
        bench.Start("- { match: { prefix: / }, route: { cluster: web, retry_policy: { retry_on: 5xx } } }");
        bench.Get();
        bench.Until(() => bench.Gauge("upstream_rq_active") == 1);
        Assert.EndsWith("no healthy upstream|UH|no_healthy_upstream", bench.Get().Read(), StringComparison.Ordinal);
        Assert.Equal((1, 0), (bench.Counter("upstream_cx_pool_overflow"), bench.Counter("upstream_rq_retry")));
    }

    [Fact]
    public void A_pool_without_connections_makes_room_for_another()
    {
        TestUpstream[] upstreams = [new(), new()];
        using var bench = new RouterBench();
        bench.AddCluster("web", upstreams, "circuit_breakers: { thresholds: [{ max_connection_pools: 1 }] }");
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }");
        for (var i = 0; i < 4; i++)
        {
            var client = bench.Get();
            bench.Until(() => upstreams.Any(static upstream => upstream.HasConnection));
            var peer = upstreams.First(static upstream => upstream.HasConnection).Accept(bench);
            peer.Read();
            peer.Fail(200);
            client.Read();
        }

        Assert.Equal(0, bench.Counter("upstream_cx_pool_overflow"));
    }

    [Fact]
    public void An_endpoint_has_no_more_connections_than_the_limit_per_host()
    {
        using var upstream = new TestUpstream();
        using var bench = Start(upstream, "circuit_breakers: { per_host_thresholds: [{ max_connections: 1 }] }");
        var first = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        var second = bench.Get();
        bench.Until(() => bench.Counter("upstream_cx_overflow") == 1);
        peer.Answer(200, "first");
        Assert.EndsWith("first", first.Read(), StringComparison.Ordinal);
        peer.Read();
        peer.Answer(200, "second");
        Assert.EndsWith("second", second.Read(), StringComparison.Ordinal);
        Assert.Equal(1, bench.Counter("upstream_cx_total"));
    }

    [Fact]
    public void An_endpoint_that_refuses_at_one_address_is_reached_at_another()
    {
        var second = new TestUpstream();
        using var upstream = new TestUpstream { Others = [second] }.Refusing();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start(
            "- { match: { prefix: / }, route: { cluster: web } }",
            host: "response_headers_to_add: [ { header: { key: x-upstream, value: \"%UPSTREAM_HOST% %UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_REMOTE_PORT%\" } } ]");
        var client = bench.Get();
        var peer = second.Accept(bench);
        peer.Read();
        peer.Answer(200, "here");
        var answer = client.Read();
        Assert.EndsWith("here", answer, StringComparison.Ordinal);
        // The endpoint has its first address for a name; who answered is another matter.
        Assert.Contains($"x-upstream: 127.0.0.1:{upstream.Port} 127.0.0.1:{second.Port} {second.Port}\r\n", answer, StringComparison.Ordinal);
        Assert.Equal((1, 0), (bench.Counter("upstream_cx_total"), bench.Counter("upstream_cx_connect_fail")));
    }

    private static RouterBench Start(TestUpstream upstream, string cluster) => Start(upstream, cluster, out _);

    private static RouterBench Start(TestUpstream upstream, string cluster, out ClusterConfig config)
    {
        var bench = new RouterBench();
        config = bench.AddCluster("web", [upstream], cluster);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }");
        return bench;
    }

    private static TestPeer Serve(RouterBench bench, TestUpstream upstream, TestPeer? peer = null)
    {
        var client = bench.Get();
        peer ??= upstream.Accept(bench);
        peer.Read();
        peer.Answer(200, "ok");
        Assert.EndsWith("ok", client.Read(), StringComparison.Ordinal);
        return peer;
    }
}
