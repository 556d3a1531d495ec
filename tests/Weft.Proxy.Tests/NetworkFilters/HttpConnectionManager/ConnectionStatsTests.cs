using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager;

/// <summary>What is counted of a client's connection: how it ends, and what waits to be sent on it.</summary>
public sealed class ConnectionStatsTests
{
    [Fact]
    public void A_client_that_leaves_within_its_request_is_counted_as_such()
    {
        using var upstream = new TestUpstream();
        using var bench = RouterBench.To("", upstream);
        var client = bench.Get();
        upstream.Accept(bench).Read();
        client.Abort();
        bench.Until(() => bench.Http("downstream_cx_destroy_remote_active_rq") == 1);
        Assert.Equal((1, 0), (bench.Http("downstream_cx_destroy_active_rq"), bench.Http("downstream_cx_destroy_local_active_rq")));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (iPhone; iOS 18)", "ios", "android")]
    [InlineData("okhttp/4 (android)", "android", "ios")]
    public void What_kind_of_device_a_connection_belongs_to_its_first_request_says(string agent, string device, string other)
    {
        using var upstream = new TestUpstream();
        using var bench = RouterBench.To("", upstream);
        var client = bench.Get("user-agent: " + agent);
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(200);
        client.Read();
        client.Send("GET / HTTP/1.1\r\nhost: a\r\nuser-agent: curl\r\n\r\n");
        peer.Read();
        client.Abort();
        bench.Until(() => bench.Printed($"http.http.user_agent.{device}.downstream_cx_destroy_remote_active_rq") == 1);
        Assert.Equal((1, 2), (bench.Printed($"http.http.user_agent.{device}.downstream_cx_total"), bench.Printed($"http.http.user_agent.{device}.downstream_rq_total")));
        Assert.Null(bench.Printed($"http.http.user_agent.{other}.downstream_rq_total"));
    }

    [Fact]
    public void A_client_that_leaves_after_its_answer_is_not()
    {
        using var upstream = new TestUpstream();
        using var bench = RouterBench.To("", upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(200, "done");
        client.Read();
        client.Abort();
        bench.Until(() => bench.Http("downstream_cx_destroy_remote") == 1);
        Assert.Equal(0, bench.Http("downstream_cx_destroy_active_rq"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void A_client_that_keeps_the_connection_that_was_ended_loses_it_after_delayed_close_timeout(int seconds)
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, direct_response: { status: 200 } }", manager: $"delayed_close_timeout: {seconds}s");
        bench.Get("connection: close").Read();
        bench.AdvanceMs(999);
        Assert.Equal(0, bench.Http("downstream_cx_delayed_close_timeout"));
        bench.AdvanceMs(1);
        bench.Until(() => bench.Http("downstream_cx_destroy_local") == 1);
        Assert.Equal(seconds, bench.Http("downstream_cx_delayed_close_timeout"));
    }

    [Fact]
    public void What_a_slow_client_has_not_taken_is_in_a_gauge()
    {
        const string Gauge = "http.http.downstream_cx_tx_bytes_buffered";
        const int Bytes = 32 * 1024 * 1024;
        using var upstream = new TestUpstream();
        using var bench = RouterBench.To("", upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Send($"HTTP/1.1 200 OK\r\ncontent-length: {Bytes}\r\n\r\n");
        var piece = new string('x', 64 * 1024);
        // Until the sockets between are full.
        while (bench.Printed(Gauge) is not > 0)
        {
            peer.Send(piece);
            bench.RunTurn(0);
        }

        client.Abort();
        bench.Until(() => bench.Printed(Gauge) == 0);
        Assert.Equal(0, bench.Printed("cluster.web.upstream_cx_tx_bytes_buffered") ?? 0);
    }

    [Fact]
    public void A_request_of_which_nobody_can_say_where_it_comes_from_is_counted()
    {
        const string Extension = "original_ip_detection_extensions: [ { name: custom, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig, header_name: x-client, reject_with_status: { code: Unauthorized } } } ]";
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, direct_response: { status: 200 } }", manager: Extension);
        Assert.StartsWith("HTTP/1.1 401 ", bench.Get().Read(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", bench.Get("x-client: 10.0.0.1").Read(), StringComparison.Ordinal);
        Assert.Equal(1, bench.Http("downstream_rq_rejected_via_ip_detection"));
    }

    [Theory]
    [InlineData("DROP_HEADER", "200", 3, 0)]
    [InlineData("REJECT_REQUEST", "400", 0, 1)]
    [InlineData("ALLOW", "200", 0, 0)]
    public void Headers_with_underscores_are_counted_by_what_is_done_with_them(string action, string status, int dropped, int rejected)
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, direct_response: { status: 200 } }", manager: $"common_http_protocol_options: {{ headers_with_underscores_action: {action} }}");
        var client = bench.Get("a_b: 1", "c: 2", "d_e: 3");
        Assert.StartsWith($"HTTP/1.1 {status} ", client.Read(), StringComparison.Ordinal);
        if (rejected == 0)
        {
            client.Send("GET / HTTP/1.1\r\nhost: a\r\nf_g: 1\r\n\r\n");
            client.Read();
        }

        Assert.Equal((dropped, rejected), (bench.Printed("http1.dropped_headers_with_underscores"), bench.Printed("http1.requests_rejected_with_underscores_in_headers")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Informational_responses_count_as_responses(bool isForwarded)
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }", manager: $"proxy_100_continue: {(isForwarded ? "true" : "false")}");
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n");
        var peer = upstream.Accept(bench);
        peer.ReadUntil("\r\n\r\n");
        if (isForwarded)
            peer.Send("HTTP/1.1 100 Continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", client.Read());
        client.Send("x");
        peer.ReadCount(1);
        peer.Answer(200);
        bench.Until(() => bench.Http("downstream_rq_2xx") == 1);
        Assert.Equal((1, 2), (bench.Http("downstream_rq_1xx"), bench.Http("downstream_rq_completed")));
    }

    [Fact]
    public void A_source_address_that_this_host_does_not_have_is_a_bind_error()
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        // A documentation address (RFC 5737).
        bench.AddCluster("web", [upstream], "upstream_bind_config: { source_address: { address: 192.0.2.1, port_value: 0 } }");
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }");
        Assert.StartsWith("HTTP/1.1 503 ", bench.Get().Read(), StringComparison.Ordinal);
        Assert.Equal((1, 1), (bench.Counter("bind_errors"), bench.Counter("upstream_cx_connect_fail")));
    }
}
