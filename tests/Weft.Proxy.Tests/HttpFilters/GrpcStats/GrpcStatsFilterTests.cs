using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.HttpFilters.GrpcStats;

/// <summary>Calls as they come through a proxy.</summary>
public sealed class GrpcStatsFilterTests
{
    private const string Counting = "- { name: stats, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig, stats_for_all_methods: true } }";
    private const string Failing = "- { name: fault, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, abort: { grpc_status: 14, percentage: { numerator: 100 } } } }";
    private const string Call = "POST /pkg.S/Method HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\ncontent-length: 6\r\n\r\n\0\0\0\0\u0001x";

    [Fact]
    public void Messages_and_status_of_a_call_are_counted_by_its_method()
    {
        using var upstream = new TestUpstream();
        using var bench = Start(upstream, Counting);
        var client = bench.Send(Call);
        var peer = upstream.Accept(bench);
        peer.ReadUntil("x");
        peer.Answer(200, "", "content-type: application/grpc", "grpc-status: 0");
        client.ReadUntil("\r\n\r\n");
        Assert.Equal((1, 1, 1), (Printed(bench, "request_message_count"), Printed(bench, "0"), Printed(bench, "success")));
        Assert.Null(Printed(bench, "failure"));
    }

    [Fact]
    public void A_call_that_a_filter_answers_counts_for_the_cluster_of_its_route()
    {
        using var upstream = new TestUpstream();
        using var bench = Start(upstream, Counting + "\n" + Failing);
        bench.Send(Call).ReadUntil("\r\n\r\n");
        Assert.Equal((1, 1, 1), (Printed(bench, "14"), Printed(bench, "failure"), Printed(bench, "total")));
    }

    private static RouterBench Start(TestUpstream upstream, string filters)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }", filters: filters);
        return bench;
    }

    /// <summary>Names of methods are made on the main thread, which here is the worker's.</summary>
    private static long? Printed(RouterBench bench, string name)
    {
        bench.Settle();
        return bench.Printed("cluster.web.grpc.pkg.S.Method." + name);
    }
}
