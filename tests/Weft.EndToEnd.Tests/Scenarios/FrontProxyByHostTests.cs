using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>One address for two sites, whose servers are found by name.</summary>
public sealed class FrontProxyByHostTests
{
    [NetnsFact]
    public async Task The_host_chooses_the_service_which_learns_the_routes_timeout()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.80.2");
        var front = network.AddHost("front", "172.31.80.3");
        var one = network.AddHost("one", "172.31.80.11").AddWebServer(8000);
        var two = network.AddHost("two", "172.31.80.12").AddWebServer(8000);
        network.AddHost("dns", "172.31.80.53").AddNameServer("172.31.80.11 backend-one", "172.31.80.12 backend-two");
        front.SetNameServer("172.31.80.53");
        client.SetNames("172.31.80.3 one.weft.example two.weft.example");
        await using var weft = await WeftProcess.StartOnAsync(front, "FrontProxyByHost/envoy.yaml");

        Assert.Equal("ServerName: one\n", await client.Curl("http://one.weft.example:8080/hostname"));
        Assert.Equal("ServerName: two\n", await client.Curl("-H", "Host: two.weft.example", "http://172.31.80.3:8080/hostname"));
        Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", await client.Curl("-i", "http://172.31.80.3:8080/"), StringComparison.Ordinal);

        Assert.Contains("\r\nx-envoy-expected-rq-timeout-ms: 15000\r\n", Assert.Single(one.Requests), StringComparison.Ordinal);
        Assert.Contains("\r\nx-envoy-expected-rq-timeout-ms: 15000\r\n", Assert.Single(two.Requests), StringComparison.Ordinal);
        Assert.Contains("service_one::172.31.80.11:8000::hostname::backend-one\n", await weft.GetAdmin("/clusters"), StringComparison.Ordinal);
    }
}
