namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>strict_check_headers.</summary>
public sealed class StrictHeadersTests
{
    [Theory]
    [InlineData("x-envoy-upstream-rq-timeout-ms: 5s", "invalid header 'x-envoy-upstream-rq-timeout-ms' with value '5s'|IH|request_headers_failed_strict_check")]
    [InlineData("x-envoy-retry-on: 5xx,whenever", "invalid header 'x-envoy-retry-on' with value '5xx,whenever'|IH|request_headers_failed_strict_check")]
    [InlineData("x-envoy-retry-grpc-on: 5xx", "invalid header 'x-envoy-retry-grpc-on' with value '5xx'|IH|request_headers_failed_strict_check")]
    [InlineData("x-envoy-upstream-rq-timeout-ms: 500", "fine")]
    [InlineData("x-envoy-retry-on: 5xx,connect-failure", "fine")]
    [InlineData("x-envoy-max-retries: many", "fine")]
    public void Values_that_make_no_sense_are_400(string header, string answer)
    {
        var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start(
            "- { match: { prefix: / }, route: { cluster: web } }",
            router: "strict_check_headers: [ x-envoy-upstream-rq-timeout-ms, x-envoy-retry-on, x-envoy-retry-grpc-on ]");
        var client = bench.Get(header);
        if (answer == "fine")
        {
            var server = upstream.Accept(bench);
            server.Read();
            server.Answer(200, answer);
        }

        Assert.EndsWith(answer, client.Read(), StringComparison.Ordinal);
    }
}
