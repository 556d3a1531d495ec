namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>CONNECT and upgrades over HTTP/1.1: passed on to an upstream, or ended here and carried on as TCP.</summary>
public sealed class ConnectTests
{
    private const string Forwarding = "- { match: { connect_matcher: {} }, route: { cluster: web, upgrade_configs: [ { upgrade_type: CONNECT } ] } }";
    private const string Terminating = "- { match: { connect_matcher: {} }, route: { cluster: web, upgrade_configs: [ { upgrade_type: CONNECT, connect_config: {} } ] } }";

    private static RouterBench Bench(string routes, TestUpstream upstream)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start(routes);
        return bench;
    }

    [Fact]
    public void A_connect_is_passed_on_and_becomes_a_stream_when_the_upstream_agrees()
    {
        var upstream = new TestUpstream();
        using var bench = Bench(Forwarding, upstream);
        var client = bench.Send("CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n");
        var server = upstream.Accept(bench);
        Assert.StartsWith("CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n", server.Read(), StringComparison.Ordinal);
        server.Send("HTTP/1.1 200 Connection established\r\n\r\n");
        var answer = client.ReadUntil("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("transfer-encoding", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("content-length", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("connection: close", answer, StringComparison.Ordinal);

        client.Send("GET / HTTP/1.1\r\n\r\n\0\xff");
        Assert.Equal("GET / HTTP/1.1\r\n\r\n\0\xff", server.ReadCount(20));
        server.Send("0\r\n\r\nHTTP/1.1 400\r\n");
        Assert.Equal("0\r\n\r\nHTTP/1.1 400\r\n", client.ReadCount(19));
        Assert.Equal(1, bench.Printed("http.http.downstream_cx_upgrades_active"));

        server.Dispose();
        client.AssertEnds();
        Assert.Equal((1, 0), (bench.Http("downstream_cx_upgrades_total"), bench.Printed("http.http.downstream_cx_upgrades_active")));
    }

    [Fact]
    public void What_a_client_sends_ahead_waits_for_the_agreement()
    {
        var upstream = new TestUpstream();
        using var bench = Bench(Forwarding, upstream);
        var client = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n");
        var server = upstream.Accept(bench);
        server.ReadUntil("\r\n\r\n");
        Assert.True(server.HasNothing());
        server.Send("HTTP/1.1 200 OK\r\n\r\n");
        client.ReadUntil("\r\n\r\n");
        Assert.Equal("GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n", server.ReadCount(35));
    }

    [Fact]
    public void A_connect_that_the_upstream_refuses_is_an_ordinary_response_behind_which_nothing_comes()
    {
        var upstream = new TestUpstream();
        using var bench = Bench(Forwarding, upstream);
        var client = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n");
        var server = upstream.Accept(bench);
        server.ReadUntil("\r\n\r\n");
        server.Answer(407, "no");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 407 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nconnection: close\r\n", answer, StringComparison.Ordinal);
        client.AssertEnds();
        server.AssertEnds();
    }

    [Fact]
    public void An_upgrade_that_is_sent_ahead_waits_for_the_101()
    {
        var upstream = new TestUpstream();
        using var bench = Bench("- { match: { prefix: / }, route: { cluster: web, upgrade_configs: [ { upgrade_type: spdy/3.1 } ] } }", upstream);
        var client = bench.Send("GET /exec HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: SPDY/3.1\r\n\r\nframes");
        var server = upstream.Accept(bench);
        server.ReadUntil("\r\n\r\n");
        Assert.True(server.HasNothing());
        server.Send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: SPDY/3.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", client.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal("frames", server.ReadCount(6));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_route_timeout_of_a_websocket_is_about_the_101_alone(bool isAnswered)
    {
        var upstream = new TestUpstream();
        using var bench = Bench("- { match: { prefix: / }, route: { cluster: web, timeout: 1s, upgrade_configs: [ { upgrade_type: websocket } ] } }", upstream);
        var client = bench.Send("GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
        var server = upstream.Accept(bench);
        server.ReadUntil("\r\n\r\n");
        if (isAnswered)
        {
            server.Send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
            client.ReadUntil("\r\n\r\n");
        }

        bench.AdvanceMs(1_100);
        if (isAnswered)
            Assert.True(client.HasNothing());
        else
            Assert.Contains("|UT|response_timeout", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_upgrade_that_is_not_enabled_is_403_and_the_connection_ends()
    {
        var upstream = new TestUpstream();
        using var bench = Bench("- { match: { prefix: / }, route: { cluster: web } }", upstream);
        var client = bench.Send("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", client.Read(), StringComparison.Ordinal);
        client.AssertEnds();
        Assert.Equal(1, bench.Http("downstream_rq_ws_on_non_ws_route"));
    }

    [Theory]
    [InlineData("- { match: { prefix: / }, route: { cluster: web } }", "404", "|NR|route_not_found")]
    [InlineData("- { match: { connect_matcher: {} }, route: { cluster: web } }", "403", "|-|upgrade_failed")]
    public void A_connect_that_no_route_wants_reaches_nobody(string route, string status, string reply)
    {
        var upstream = new TestUpstream();
        using var bench = Bench(route, upstream);
        var client = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n");
        var answer = client.Read();
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.EndsWith(reply, answer, StringComparison.Ordinal);
        client.AssertEnds();
        Assert.False(upstream.HasConnection);
    }

    [Fact]
    public void A_connect_that_ends_here_goes_on_as_tcp()
    {
        var upstream = new TestUpstream();
        using var bench = Bench(Terminating, upstream);
        var client = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\nearly");
        var server = upstream.Accept(bench);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", client.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal("early", server.ReadCount(5));
        server.Send("greeting");
        Assert.Equal("greeting", client.ReadCount(8));
        client.EndSending();
        server.AssertEnds();
        server.Send("last words");
        Assert.Equal("last words", client.ReadCount(10));
        server.Dispose();
        client.AssertEnds();
        Assert.Equal((1, 0), (bench.Counter("upstream_cx_total"), bench.Gauge("upstream_cx_active")));
        Assert.Equal(1, bench.Printed("cluster.web.upstream_rq_200"));
    }

    [Fact]
    public void The_clients_abort_ends_the_tcp_connection()
    {
        var upstream = new TestUpstream();
        using var bench = Bench(Terminating, upstream);
        var client = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n");
        var server = upstream.Accept(bench);
        client.ReadUntil("\r\n\r\n");
        client.Abort();
        server.AssertEnds();
        bench.Until(() => bench.Gauge("upstream_cx_active") == 0);
    }

    [Fact]
    public void A_refused_tcp_connection_is_503_UF()
    {
        var upstream = new TestUpstream().Refusing();
        using var bench = Bench(Terminating, upstream);
        var client = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("|UF|upstream_reset_before_response_started{remote_connection_failure|", answer, StringComparison.Ordinal);
        client.AssertEnds();
        Assert.Equal(1, bench.Counter("upstream_cx_connect_fail"));
    }

    [Fact]
    public void A_full_circuit_breaker_is_503_UO()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream], "circuit_breakers: { thresholds: [ { max_connections: 1 } ] }");
        bench.Start(Terminating);
        var first = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n");
        first.ReadUntil("\r\n\r\n");
        var second = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n");
        Assert.Contains("|UO|", second.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_upstream_is_told_of_the_client_in_front_of_the_payload()
    {
        var upstream = new TestUpstream();
        using var bench = Bench(
            "- { match: { connect_matcher: {} }, route: { cluster: web, upgrade_configs: [ { upgrade_type: CONNECT, connect_config: { proxy_protocol_config: { version: V1 } } } ] } }",
            upstream);
        bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\nearly");
        var server = upstream.Accept(bench);
        var header = server.ReadUntil("\r\n");
        Assert.StartsWith("PROXY TCP4 127.0.0.1 127.0.0.1 ", header, StringComparison.Ordinal);
        Assert.EndsWith($" {bench.Port}\r\n", header, StringComparison.Ordinal);
        Assert.Equal("early", server.ReadCount(5));
    }

    [Fact]
    public void The_body_of_a_post_goes_on_as_tcp_where_that_is_allowed()
    {
        var upstream = new TestUpstream();
        using var bench = Bench("- { match: { prefix: / }, route: { cluster: web, upgrade_configs: [ { upgrade_type: CONNECT, connect_config: { allow_post: true } } ] } }", upstream);
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
        var server = upstream.Accept(bench);
        Assert.Equal("hello", server.ReadCount(5));
        var answer = client.ReadUntil("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\ntransfer-encoding: chunked\r\n", answer, StringComparison.Ordinal);
        server.Send("world");
        Assert.Equal("5\r\nworld\r\n", client.ReadCount(10));
        client.Send("0\r\n\r\n");
        server.AssertEnds();
        server.Dispose();
        Assert.Equal("0\r\n\r\n", client.ReadCount(5));
    }

    [Fact]
    public void A_connect_is_tried_elsewhere_when_the_connection_fails()
    {
        var dead = new TestUpstream().Refusing();
        var alive = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [dead, alive]);
        bench.Start("- { match: { connect_matcher: {} }, route: { cluster: web, retry_policy: { retry_on: connect-failure, num_retries: 3 }, upgrade_configs: [ { upgrade_type: CONNECT, connect_config: {} } ] } }");
        var client = bench.Send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\nearly");
        var server = bench.AcceptRetry(alive, withinMs: 300);
        Assert.Equal("early", server.ReadCount(5));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", client.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("upgrade_type: CONNECT-UDP", "CONNECT-UDP is not implemented yet")]
    [InlineData("upgrade_type: websocket, connect_config: {}", "Non-CONNECT upgrade type websocket has ConnectConfig")]
    public void What_is_no_stream_of_bytes_is_refused_by_name(string upgrade, string error)
    {
        using var bench = new RouterBench();
        bench.AddCluster("web", []);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => bench.Start($"- {{ match: {{ connect_matcher: {{}} }}, route: {{ cluster: web, upgrade_configs: [ {{ {upgrade} }} ] }} }}"));
        Assert.Contains(bench.Config.Findings.All, finding => finding.Text.Contains(error, StringComparison.Ordinal));
    }
}
