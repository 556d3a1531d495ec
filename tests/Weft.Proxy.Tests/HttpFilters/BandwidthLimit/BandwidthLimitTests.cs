using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.HttpFilters.BandwidthLimit;

public sealed class BandwidthLimitTests
{
    private const int IntervalBytes = 1024;

    /// <summary>What comes in the milliseconds between the steps of a test.</summary>
    private const int Spare = 200;

    [Fact]
    public void A_response_comes_in_the_portions_that_the_limit_allows()
    {
        using var upstream = new TestUpstream();
        using var bench = With("enable_mode: RESPONSE, limit_kbps: 10, fill_interval: 0.1s", upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(200, new string('x', 3 * IntervalBytes));
        client.ReadUntil("\r\n\r\n");
        bench.AdvanceMs(1);
        Assert.InRange(Received(IntervalBytes), IntervalBytes, IntervalBytes + Spare);
        Assert.Equal(1L, bench.Printed(Pending));
        bench.AdvanceMs(100);
        Assert.InRange(Received(2 * IntervalBytes), 2 * IntervalBytes, (2 * IntervalBytes) + Spare);
        bench.AdvanceMs(100);
        bench.AdvanceMs(100);
        Assert.Equal(3 * IntervalBytes, Received(3 * IntervalBytes));
        Assert.Equal((1L, 0L, 0L, 3L * IntervalBytes, 3L * IntervalBytes), (Count("response_enabled"), Count("request_enabled"), Count("response_pending"), Count("response_incoming_total_size"), Count("response_allowed_total_size")));
        Assert.True(Count("response_enforced") >= 2);
        Assert.NotNull(bench.Printed("lim.http_bandwidth_limit.response_allowed_size"));

        long Count(string name) => bench.Printed("lim.http_bandwidth_limit." + name) ?? -1;

        int Received(int least)
        {
            bench.Until(() => client.Peek()!.Length >= least);
            bench.Settle();
            return client.Peek()!.Length;
        }
    }

    [Fact]
    public void A_request_waits_too_and_its_client_is_not_read_beyond_the_buffer_limit()
    {
        using var upstream = new TestUpstream();
        using var bench = With("enable_mode: REQUEST, limit_kbps: 10, fill_interval: 0.1s", upstream, bufferLimitBytes: 2048);
        const int Length = 5 * IntervalBytes;
        bench.Send($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {Length}\r\n\r\n{new string('x', Length)}");
        var peer = upstream.Accept(bench);
        peer.ReadUntil("\r\n\r\n");
        bench.AdvanceMs(1);
        for (var intervals = 1; intervals < 5; intervals++)
        {
            bench.Until(() => peer.Peek()!.Length >= intervals * IntervalBytes);
            bench.Settle();
            Assert.InRange(peer.Peek()!.Length, intervals * IntervalBytes, (intervals * IntervalBytes) + Spare);
            bench.AdvanceMs(100);
        }

        peer.ReadCount(Length);
    }

    [Fact]
    public void A_body_within_the_limit_passes_at_once()
    {
        using var upstream = new TestUpstream();
        using var bench = With("enable_mode: REQUEST_AND_RESPONSE, limit_kbps: 10, fill_interval: 0.1s", upstream);
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
        var peer = upstream.Accept(bench);
        Assert.EndsWith("hello", peer.Read(), StringComparison.Ordinal);
        peer.Answer(200, "done");
        Assert.EndsWith("done", client.Read(), StringComparison.Ordinal);
        Assert.Equal((0L, 0L), (bench.Printed("lim.http_bandwidth_limit.request_enforced"), bench.Printed("lim.http_bandwidth_limit.response_enforced")));
    }

    [Fact]
    public void All_streams_of_a_configuration_share_its_limit()
    {
        using var upstream = new TestUpstream();
        using var bench = With("enable_mode: RESPONSE, limit_kbps: 10, fill_interval: 0.1s", upstream);
        var first = bench.Get();
        var one = upstream.Accept(bench);
        one.Read();
        var second = bench.Get();
        var two = upstream.Accept(bench);
        two.Read();
        one.Answer(200, new string('x', IntervalBytes));
        first.ReadUntil("\r\n\r\n");
        first.ReadCount(IntervalBytes);
        two.Answer(200, new string('y', IntervalBytes));
        second.ReadUntil("\r\n\r\n");
        bench.AdvanceMs(1);
        bench.Settle();
        Assert.True(second.Peek()!.Length < IntervalBytes);
        bench.AdvanceMs(100);
        bench.AdvanceMs(100);
        second.ReadCount(IntervalBytes);
    }

    [Theory]
    [InlineData("", "my-")]
    [InlineData("x-own: 1\r\n", "")]
    public void Trailers_wait_for_the_body_and_tell_the_delays_behind_those_of_the_upstream(string own, string prefix)
    {
        const string Enabled = "http_protocol_options: { enable_trailers: true }";
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream], Enabled);
        bench.Start(
            "- { match: { prefix: / }, route: { cluster: web } }",
            manager: Enabled,
            filters: Filter($"enable_mode: REQUEST_AND_RESPONSE, limit_kbps: 10, fill_interval: 0.1s, enable_response_trailers: true, response_trailer_prefix: '{prefix.TrimEnd('-')}'"));
        var client = bench.Get("te: trailers");
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Send($"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n600\r\n{new string('x', 0x600)}\r\n0\r\n{own}\r\n");
        client.ReadUntil("\r\n\r\n");
        bench.Settle();
        bench.AdvanceMs(1);
        bench.AdvanceMs(100);
        bench.AdvanceMs(100);
        var end = client.ReadUntil("\r\n0\r\n") + client.ReadUntil("\r\n\r\n");
        Assert.Contains($"\r\n0\r\n{own}", end, StringComparison.Ordinal);
        Assert.Contains($"\r\n{prefix}bandwidth-response-delay-ms: ", end, StringComparison.Ordinal);
        Assert.Contains($"\r\n{prefix}bandwidth-response-filter-delay-ms: 100", end, StringComparison.Ordinal);
        Assert.DoesNotContain("request", end, StringComparison.Ordinal);
    }

    [Fact]
    public void A_response_that_is_paused_when_its_end_has_come_leaves_a_connection_that_serves_the_next()
    {
        using var upstream = new TestUpstream();
        using var bench = With("enable_mode: RESPONSE, limit_kbps: 10, fill_interval: 0.1s", upstream, bufferLimitBytes: 1024);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Send($"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n600\r\n{new string('x', 0x600)}\r\n600\r\n{new string('x', 0x600)}\r\n0\r\n\r\n");
        client.ReadUntil("\r\n\r\n");
        for (var i = 0; i < 6; i++)
            bench.AdvanceMs(100);
        client.ReadUntil("\r\n0\r\n\r\n");
        client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        peer.Read();
        peer.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_leaves_is_no_longer_pending()
    {
        using var upstream = new TestUpstream();
        using var bench = With("enable_mode: RESPONSE, limit_kbps: 1", upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(200, new string('x', 4096));
        client.ReadUntil("\r\n\r\n");
        bench.Until(() => bench.Printed(Pending) == 1);
        client.Abort();
        bench.Until(() => bench.Printed(Pending) == 0);
    }

    [Fact]
    public void Runtime_switches_it_off_and_routes_have_limits_of_their_own()
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start(
            $$"""
            - match: { prefix: /slow }
              route: { cluster: web }
              typed_per_filter_config: { tested: { "@type": {{Filters.Type("bandwidth_limit.v3.BandwidthLimit")}}, stat_prefix: route, enable_mode: RESPONSE, limit_kbps: 1 } }
            - { match: { prefix: / }, route: { cluster: web } }
            """,
            filters: Filter("enable_mode: RESPONSE, limit_kbps: 1, runtime_enabled: { runtime_key: limited, default_value: false }"));
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(200, new string('x', 4096));
        client.Read();
        client.Send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n");
        peer.Read();
        peer.Answer(200, new string('x', 4096));
        bench.Until(() => bench.Printed("route.http_bandwidth_limit.response_pending") == 1);
        Assert.Equal(0L, bench.Printed("lim.http_bandwidth_limit.response_enabled"));
    }

    [Theory]
    [InlineData("stat_prefix: a, enable_mode: RESPONSE, fill_interval: 0.01s")]
    [InlineData("stat_prefix: a, limit_kbps: 0")]
    [InlineData("enable_mode: RESPONSE, limit_kbps: 1")]
    public void What_the_API_s_rules_forbid_is_refused(string config) => Assert.NotEmpty(Filters.FaultsOfOne("bandwidth_limit.v3.BandwidthLimit", config));

    private const string Pending = "lim.http_bandwidth_limit.response_pending";

    private static RouterBench With(string config, TestUpstream upstream, int bufferLimitBytes = 1024 * 1024)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }", bufferLimitBytes: bufferLimitBytes, filters: Filter(config));
        return bench;
    }

    private static string Filter(string config) => $"- {{ name: tested, typed_config: {{ \"@type\": {Filters.Type("bandwidth_limit.v3.BandwidthLimit")}, stat_prefix: lim, {config} }} }}";
}
