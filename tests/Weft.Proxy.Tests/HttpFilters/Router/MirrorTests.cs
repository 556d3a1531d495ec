using Weft.Config;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Router;

public sealed class MirrorTests : IDisposable
{
    private readonly TestUpstream _web = new();
    private readonly TestUpstream _test = new();

    public void Dispose()
    {
        _web.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void A_mirrored_request_is_a_copy_with_a_marked_host_and_its_answer_is_dropped()
    {
        using var bench = Start("request_mirror_policies: [{ cluster: test }]");
        var client = bench.Send("GET /x HTTP/1.1\r\nhost: a:8080\r\nx-some: thing\r\n\r\n");
        var mirror = _test.Accept(bench);
        var copy = mirror.Read();
        Assert.StartsWith("GET /x HTTP/1.1\r\nhost: a-shadow:8080\r\n", copy, StringComparison.Ordinal);
        Assert.Contains("\r\nx-some: thing\r\n", copy, StringComparison.Ordinal);
        mirror.Answer(500, "bad");
        var real = _web.Accept(bench);
        Assert.StartsWith("GET /x HTTP/1.1\r\nhost: a:8080\r\n", real.Read(), StringComparison.Ordinal);
        real.Answer(200, "good");
        Assert.EndsWith("good", client.Read(), StringComparison.Ordinal);
        bench.Until(() => bench.Gauge("upstream_rq_active", "test") == 0);
        Assert.Equal((1L, 1L), (bench.Printed("cluster.test.upstream_rq_500"), bench.Printed("cluster.web.upstream_rq_200")));
    }

    [Fact]
    public void The_copy_can_have_other_headers_and_a_host_of_its_own()
    {
        using var bench = Start("request_mirror_policies: [{ cluster: test, host_rewrite_literal: copies.test, request_headers_mutations: [{ append: { header: { key: x-copy-of, value: '%REQ(:path)%' } } }, { remove: x-secret }] }]");
        var client = bench.Send("GET /x HTTP/1.1\r\nhost: a\r\nx-secret: s\r\n\r\n");
        var copy = _test.Accept(bench).Read();
        Assert.StartsWith("GET /x HTTP/1.1\r\nhost: copies.test\r\n", copy, StringComparison.Ordinal);
        Assert.Contains("\r\nx-copy-of: /x\r\n", copy, StringComparison.Ordinal);
        Assert.DoesNotContain("x-secret", copy, StringComparison.Ordinal);
        var real = _web.Accept(bench);
        Assert.Contains("\r\nx-secret: s\r\n", real.Read(), StringComparison.Ordinal);
        real.Answer(200);
        client.Read();
    }

    [Fact]
    public void A_body_goes_to_both_in_the_pieces_in_which_it_comes()
    {
        using var bench = Start("request_mirror_policies: [{ cluster: test, disable_shadow_host_suffix_append: true }]");
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabc");
        var (real, mirror) = (_web.Accept(bench), _test.Accept(bench));
        real.ReadUntil("abc");
        Assert.Contains("\r\nhost: a\r\n", mirror.ReadUntil("abc"), StringComparison.Ordinal);
        client.Send("def");
        real.ReadUntil("def");
        mirror.ReadUntil("def");
        real.Answer(200);
        client.Read();
        mirror.Answer(200);
        bench.Until(() => bench.Gauge("upstream_rq_active", "test") == 0);
    }

    [Fact]
    public void A_mirror_that_answers_never_or_late_does_not_touch_the_client()
    {
        using var bench = Start("timeout: 1s, request_mirror_policies: [{ cluster: test }]");
        var client = bench.Get();
        var (real, mirror) = (_web.Accept(bench), _test.Accept(bench));
        real.Read();
        mirror.Read();
        real.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
        Assert.Equal(1, bench.Gauge("upstream_rq_active", "test"));
        bench.AdvanceMs(1_001);
        mirror.AssertEnds();
        Assert.Equal((1, 0, 1L), (bench.Counter("upstream_rq_timeout", "test"), bench.Gauge("upstream_rq_active", "test"), bench.Printed("cluster.test.upstream_rq_504")));
    }

    [Fact]
    public void A_mirror_that_takes_no_body_is_given_up_at_the_limit_and_the_client_never_waits()
    {
        var bench = new RouterBench();
        using var owner = bench;
        bench.AddCluster("web", [_web]);
        bench.AddCluster("test", [_test], "per_connection_buffer_limit_bytes: 16384");
        bench.Start("- { match: { prefix: / }, per_request_buffer_limit_bytes: 100000, route: { cluster: web, request_mirror_policies: [{ cluster: test }] } }");
        const int Length = 16 * 1024 * 1024;
        var client = bench.Send($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {Length}\r\n\r\n");
        var (real, mirror) = (_web.Accept(bench), _test.Accept(bench));
        real.ReadUntil("\r\n\r\n");
        mirror.ReadUntil("\r\n\r\n");
        var piece = new string('x', 64 * 1024);
        for (var sent = 0; sent < Length; sent += piece.Length)
        {
            client.Send(piece);
            real.ReadCount(piece.Length);
        }

        real.Answer(200);
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
        Assert.Equal((1, 0), (bench.Counter("retry_or_shadow_abandoned", "test"), bench.Gauge("upstream_rq_active", "test")));
    }

    [Fact]
    public void A_client_that_leaves_within_its_body_ends_the_mirror()
    {
        using var bench = Start("request_mirror_policies: [{ cluster: test }]");
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabc");
        var mirror = _test.Accept(bench);
        mirror.ReadUntil("abc");
        client.Abort();
        mirror.AssertEnds();
    }

    [Fact]
    public void A_share_of_requests_is_mirrored_and_runtime_changes_it()
    {
        using var bench = Start("request_mirror_policies: [{ cluster: test, runtime_fraction: { default_value: { numerator: 0 }, runtime_key: mirror } }]");
        Serve(bench);
        Assert.Equal(0, bench.Counter("upstream_rq_total", "test"));
        bench.Context.Runtime.Modify([KeyValuePair.Create("mirror", "100")]);
        Serve(bench);
        _test.Accept(bench).Read();
    }

    [Fact]
    public void A_header_can_name_the_mirror()
    {
        using var bench = Start("request_mirror_policies: [{ cluster_header: x-mirror }]");
        bench.Get("x-mirror: nowhere");
        bench.Get("x-mirror: test");
        Assert.Contains("\r\nx-mirror: test\r\n", _test.Accept(bench).Read(), StringComparison.Ordinal);
        Assert.False(_test.HasConnection);
    }

    [Fact]
    public void A_mirror_without_an_upstream_is_only_counted()
    {
        _test.Refusing();
        using var bench = Start("request_mirror_policies: [{ cluster: test }]");
        Serve(bench);
        Assert.Equal(1, bench.Counter("upstream_cx_connect_fail", "test"));
        Assert.Equal(1L, bench.Printed("cluster.test.upstream_rq_503"));
    }

    [Theory]
    [InlineData("{ }", "Exactly one of cluster or cluster_header in request mirror policy need to be specified")]
    [InlineData("{ cluster: a, cluster_header: b }", "Only one of cluster or cluster_header in request mirror policy can be specified")]
    public void Wrong_policies_are_reported(string policy, string fault)
        => Assert.Contains(fault, Routes.FaultsOfRoutes($"- match: {{ prefix: / }}\n  route: {{ cluster: c, request_mirror_policies: [{policy}] }}"));

    [Fact]
    public void A_mirror_cluster_that_does_not_exist_is_reported()
    {
        var table = Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c, request_mirror_policies: [{ cluster: m }] } }");
        var context = new ConfigContext();
        table.CheckClusters(static name => name == "c", byDefault: true, context);
        Assert.Equal(["route: unknown shadow cluster 'm'"], context.Findings.Errors.Select(static fault => fault.Text));
    }

    private RouterBench Start(string route)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [_web]);
        bench.AddCluster("test", [_test]);
        bench.Start($"- {{ match: {{ prefix: / }}, route: {{ cluster: web, {route} }} }}");
        return bench;
    }

    private void Serve(RouterBench bench)
    {
        var client = bench.Get();
        var real = _web.Accept(bench);
        real.Read();
        real.Answer(200, "", "connection: close");
        Assert.StartsWith("HTTP/1.1 200 ", client.Read(), StringComparison.Ordinal);
    }
}
