using System.Net;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.Clusters;

public sealed class NamedEndpointsTests
{
    [Fact]
    public void Endpoints_have_statistics_where_that_is_asked_for()
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream], "track_cluster_stats: { per_endpoint_stats: true }");
        bench.AddCluster("other", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }");
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        Assert.Equal((1L, 1L, 1L, 0L), (Of("rq_total"), Of("rq_active"), Of("cx_active"), Of("rq_success")));
        peer.Answer(200);
        client.Read();
        Assert.Equal((1L, 0L, 1L, 1L, 0L, 0L, 0L), (Of("cx_total"), Of("rq_active"), Of("healthy"), Of("rq_success"), Of("rq_error"), Of("rq_timeout"), Of("cx_connect_fail")));
        Assert.Null(bench.Printed($"cluster.other.endpoint.127.0.0.1_{upstream.Port}.rq_total"));

        long? Of(string name) => bench.Printed($"cluster.web.endpoint.127.0.0.1_{upstream.Port}.{name}");
    }

    [Fact]
    public void What_is_sent_to_sinks_is_what_a_counter_grew_by()
    {
        var store = new StatsStore();
        using var scope = store.Scope("cluster.web.");
        using var named = new NamedEndpoints(scope);
        var endpoint = EndpointOf(1, store);
        named.Update([endpoint]);
        endpoint.Stats.RqTotal.Inc();
        Assert.Equal((1L, 0L), (Delta(), Delta()));
        endpoint.Stats.RqTotal.Inc();
        Assert.Equal(1L, Delta());

        long Delta()
        {
            var all = new List<Statistic>();
            store.List(all);
            return all.Single(static statistic => statistic.Name.EndsWith(".rq_total", StringComparison.Ordinal)).TakeDelta();
        }
    }

    [Fact]
    public void The_names_go_with_the_endpoint()
    {
        var store = new StatsStore();
        using var scope = store.Scope("cluster.web.");
        using var named = new NamedEndpoints(scope);
        var (first, second) = (EndpointOf(1, store), EndpointOf(2, store));
        named.Update([first, second]);
        Assert.Equal(2, Count());
        named.Update([second]);
        Assert.Equal(1, Count());
        named.Dispose();
        Assert.Equal(0, Count());

        int Count()
        {
            var all = new List<Statistic>();
            store.List(all);
            return all.Count(static statistic => statistic.Name.EndsWith(".healthy", StringComparison.Ordinal));
        }
    }

    private static Endpoint EndpointOf(byte number, StatsStore store) => new()
    {
        Address = NetAddress.FromIP(new IPAddress([10, 0, 0, number]), 80),
        Hostname = "",
        Stats = EndpointStats.Create(store),
    };
}
