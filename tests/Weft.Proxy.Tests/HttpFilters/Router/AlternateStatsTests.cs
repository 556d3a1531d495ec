namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>x-envoy-upstream-alt-stat-name: responses counted once more, under a name that the request brings.</summary>
public sealed class AlternateStatsTests : IDisposable
{
    private readonly TestUpstream _upstream = new();

    [Fact]
    public void A_response_counts_under_the_requests_name_too_and_the_upstream_does_not_hear_of_it()
    {
        using var bench = RouterBench.To("", _upstream);
        Assert.DoesNotContain("alt-stat-name", Serve(bench, "checkout", 201), StringComparison.Ordinal);
        bench.Until(() => bench.Printed("cluster.web.checkout.upstream_rq_201") == 1);
        Serve(bench, "checkout", 503);
        Assert.Equal((2, 1, 2), (bench.Printed("cluster.web.checkout.upstream_rq_completed"), bench.Printed("cluster.web.checkout.upstream_rq_5xx"), bench.Printed("cluster.web.checkout.internal.upstream_rq_completed")));
        Assert.Equal((2, 1), (bench.Printed("cluster.web.upstream_rq_completed"), bench.Printed("cluster.web.upstream_rq_201")));
    }

    [Fact]
    public void There_are_only_so_many_names()
    {
        using var bench = RouterBench.To("", _upstream);
        for (var i = 0; i < 101; i++)
            Serve(bench, "name" + i, 200);
        bench.Until(() => bench.Printed("cluster.web.alt_stat_names_dropped") == 1);
        Assert.Equal((1, null), (bench.Printed("cluster.web.name99.upstream_rq_200"), bench.Printed("cluster.web.name100.upstream_rq_200")));
    }

    [Fact]
    public void A_client_from_outside_has_no_say()
    {
        using var bench = RouterBench.To("", _upstream);
        var client = bench.Send("GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 8.8.8.8\r\nx-envoy-upstream-alt-stat-name: mine\r\n\r\n");
        var peer = _upstream.Accept(bench);
        peer.Read();
        peer.Answer(200);
        client.Read();
        bench.Settle();
        Assert.Null(bench.Printed("cluster.web.mine.upstream_rq_200"));
    }

    public void Dispose() => _upstream.Dispose();

    private string Serve(RouterBench bench, string name, int status)
    {
        var client = bench.Get("x-envoy-upstream-alt-stat-name: " + name, "connection: close");
        var peer = _upstream.Accept(bench);
        var request = peer.Read();
        peer.Answer(status, "", "connection: close");
        client.Read();
        return request;
    }
}
