namespace Weft.Proxy.Tests.HttpFilters.Router;

public sealed class StatusCountTests
{
    [Theory]
    [InlineData("", "application/grpc", 1L, 1L)]
    [InlineData("suppress_grpc_request_failure_code_stats: true", "application/grpc", null, 1L)]
    [InlineData("suppress_grpc_request_failure_code_stats: true", "text/plain", 1L, 1L)]
    [InlineData("dynamic_stats: false", "text/plain", null, null)]
    public void The_router_says_whether_responses_are_counted_by_status(string router, string type, long? plain, long? external)
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }", router: router);
        var client = bench.Send($"POST / HTTP/1.1\r\nhost: a\r\ncontent-type: {type}\r\ncontent-length: 0\r\n\r\n");
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(503);
        client.Read();
        Assert.Equal((plain, external), (bench.Printed("cluster.web.upstream_rq_503"), bench.Printed("cluster.web.external.upstream_rq_503")));
    }
}
