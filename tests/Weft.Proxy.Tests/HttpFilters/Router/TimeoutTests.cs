namespace Weft.Proxy.Tests.HttpFilters.Router;

public sealed class TimeoutTests
{
    [Fact]
    public void The_route_timeout_is_504_UT()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("timeout: 1s", upstream);
        var client = bench.Get();
        var only = upstream.Accept(bench);
        Assert.Contains("\r\nx-envoy-expected-rq-timeout-ms: 1000\r\n", only.Read(), StringComparison.Ordinal);
        bench.AdvanceMs(999);
        Assert.True(client.HasNothing());
        bench.AdvanceMs(2);
        Assert.EndsWith("\r\n\r\nupstream request timeout|UT|response_timeout", client.Read(), StringComparison.Ordinal);
        Assert.Equal((1, 1), (bench.Counter("upstream_rq_timeout"), bench.Printed("cluster.web.upstream_rq_504")));
    }

    [Fact]
    public void A_retry_does_not_make_the_route_timeout_longer()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("timeout: 0.1s, retry_policy: { retry_on: 5xx, num_retries: 9 }", upstream);
        var client = bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        bench.AdvanceMs(50);
        first.Fail();
        var second = bench.AcceptRetry(upstream);
        second.Read();
        bench.AdvanceMs(60);
        Assert.EndsWith("|UT|response_timeout", client.Read(), StringComparison.Ordinal);
        second.AssertEnds();
    }

    [Fact]
    public void A_try_that_takes_too_long_is_given_up_for_another()
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web, retry_policy: { retry_on: 5xx, per_try_timeout: 0.2s } } }", "include_is_timeout_retry_header: true");
        var client = bench.Get();
        var first = upstream.Accept(bench);
        Assert.Contains("\r\nx-envoy-expected-rq-timeout-ms: 200\r\n", first.Read(), StringComparison.Ordinal);
        bench.AdvanceMs(201);
        first.AssertEnds();
        var second = bench.AcceptRetry(upstream);
        Assert.Contains("\r\nx-envoy-is-timeout-retry: true\r\n", second.Read(), StringComparison.Ordinal);
        second.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
        Assert.Equal((1, 1, 0), (bench.Counter("upstream_rq_per_try_timeout"), bench.Counter("upstream_rq_retry_success"), bench.Counter("upstream_rq_timeout")));
    }

    [Fact]
    public void The_last_try_that_takes_too_long_is_504()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("", upstream);
        var client = bench.Get("x-envoy-upstream-rq-per-try-timeout-ms: 50");
        Assert.DoesNotContain("per-try", upstream.Accept(bench).Read(), StringComparison.Ordinal);
        bench.AdvanceMs(51);
        Assert.EndsWith("|UT|upstream_per_try_timeout", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_try_without_a_byte_for_too_long_is_given_up()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("retry_policy: { per_try_idle_timeout: 0.1s }", upstream);
        var client = bench.Get();
        var only = upstream.Accept(bench);
        only.Read();
        bench.AdvanceMs(80);
        only.Send("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na");
        client.ReadUntil("\r\n\r\na");
        bench.AdvanceMs(80);
        only.Send("b");
        client.ReadUntil("b");
        bench.AdvanceMs(101);
        bench.AdvanceMs(101);
        client.AssertEnds();
        Assert.Equal(1, bench.Counter("upstream_rq_per_try_idle_timeout"));
    }

    [Fact]
    public void Headers_change_the_timeout_and_the_status()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("", upstream);
        var client = bench.Get("x-envoy-upstream-rq-timeout-ms: 30", "x-envoy-upstream-rq-timeout-alt-response: 1");
        Assert.Contains("\r\nx-envoy-expected-rq-timeout-ms: 30\r\n", upstream.Accept(bench).Read(), StringComparison.Ordinal);
        bench.AdvanceMs(31);
        Assert.StartsWith("HTTP/1.1 204 ", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_may_be_limited_to_its_last_byte()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To("", upstream);
        var client = bench.Get("x-envoy-upstream-stream-duration-ms: 40");
        upstream.Accept(bench).Read();
        bench.AdvanceMs(41);
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 504 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("upstream max stream duration reached|UMSDR|upstream_max_stream_duration_reached", answer, StringComparison.Ordinal);
        Assert.Equal(1, bench.Counter("upstream_rq_max_duration_reached"));
    }

    [Theory]
    [InlineData("grpc_timeout_header_max: 0s", "500m", "500m", 500)]
    [InlineData("grpc_timeout_header_max: 0.2s", "500m", "200m", 200)]
    [InlineData("grpc_timeout_header_max: 0s, grpc_timeout_header_offset: 0.1s", "500m", "400m", 400)]
    [InlineData("max_stream_duration: 0.3s", "500m", "300m", 300)]
    public void A_grpc_client_can_say_how_long_it_waits(string duration, string asked, string told, long limitMs)
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To($"max_stream_duration: {{ {duration} }}", upstream);
        var client = bench.Get("content-type: application/grpc", $"grpc-timeout: {asked}");
        Assert.Contains($"\r\ngrpc-timeout: {told}\r\n", upstream.Accept(bench).Read(), StringComparison.Ordinal);
        bench.AdvanceMs(limitMs - 1);
        Assert.True(client.HasNothing());
        bench.AdvanceMs(2);
        Assert.Contains("downstream duration timeout", client.Read(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("max_grpc_timeout: 0s", "150m", 150)]
    [InlineData("max_grpc_timeout: 0.1s", "150m", 100)]
    [InlineData("max_grpc_timeout: 0.1s", "", 100)]
    [InlineData("max_grpc_timeout: 0s, grpc_timeout_offset: 0.05s", "150m", 100)]
    public void The_older_way_to_heed_grpc_timeout_limits_the_upstream(string action, string asked, long limitMs)
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To(action, upstream);
        var client = bench.Get("content-type: application/grpc", asked.Length > 0 ? $"grpc-timeout: {asked}" : "x: y");
        Assert.Contains($"\r\ngrpc-timeout: {limitMs}m\r\n", upstream.Accept(bench).Read(), StringComparison.Ordinal);
        bench.AdvanceMs(limitMs + 1);
        Assert.Contains("upstream request timeout", client.Read(), StringComparison.Ordinal);
    }
}
