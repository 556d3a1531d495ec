using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager;

/// <summary>max_connection_duration of a client's HTTP/1 connection, on a clock that the test moves.</summary>
public sealed class ConnectionDurationTests
{
    private const string Request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    [Fact]
    public void A_safe_end_waits_for_the_next_request_and_says_so_in_its_answer()
    {
        using var bench = Start(", http1_safe_max_connection_duration: true");
        var client = bench.Send(Request);
        Assert.DoesNotContain("connection: close", client.Read(), StringComparison.Ordinal);

        bench.AdvanceMs(1_001);
        Assert.Equal((1, 1), (bench.Http("downstream_cx_max_duration_reached"), SoftDrains(bench)));
        bench.AdvanceMs(60_000);
        bench.Settle();

        client.Send(Request);
        Assert.Contains("\r\nconnection: close\r\n", client.Read(), StringComparison.Ordinal);
        client.AssertEnds();
        bench.AdvanceMs(1_001);
        bench.Until(() => SoftDrains(bench) == 0);
    }

    [Fact]
    public void Otherwise_it_ends_when_it_is_quiet()
    {
        using var bench = Start("");
        var client = bench.Send(Request);
        client.Read();
        bench.AdvanceMs(1_001);
        bench.AdvanceMs(1_000);
        client.AssertEnds();
        Assert.Equal((1, 0), (bench.Http("downstream_cx_max_duration_reached"), SoftDrains(bench)));
    }

    private static RouterBench Start(string more)
    {
        var bench = new RouterBench();
        bench.Start("- { match: { prefix: / }, direct_response: { status: 200 } }", manager: "common_http_protocol_options: { max_connection_duration: 1s }" + more.Replace(", ", "\n", StringComparison.Ordinal));
        return bench;
    }

    private static long SoftDrains(RouterBench bench) => bench.Stats.Scope("http.http.").Gauge("downstream_cx_http1_soft_drain").Value;
}
