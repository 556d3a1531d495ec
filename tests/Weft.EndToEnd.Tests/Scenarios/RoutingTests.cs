using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Routes by host, path, pattern, header and query.</summary>
public sealed class RoutingTests
{
    [NetnsFact]
    public async Task Host_path_and_pattern_choose_cluster_redirect_or_text()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.30.2");
        var front = network.AddHost("front", "172.31.30.3");
        network.AddHost("blue", "172.31.30.11").AddWebServer(80);
        network.AddHost("red", "172.31.30.12").AddWebServer(80);
        network.AddHost("gray", "172.31.30.13").AddWebServer(80);
        await using var weft = await WeftProcess.StartOnAsync(front, "RouteMatching/envoy.yaml");
        Task<string> Get(string host, string path) => client.Curl("-i", "-H", "Host: " + host, "http://172.31.30.3" + path);

        Assert.Contains("path /service/blue, ClientIP: 172.31.30.3, ServerName: blue,", await Get("colours.weft.example", "/service/blue"), StringComparison.Ordinal);
        Assert.Contains("ServerName: blue,", await Get("any.weft.example", "/service/blue?a=b"), StringComparison.Ordinal);
        Assert.Contains("ServerName: blue,", await Get("colours.elsewhere", "/service/blue"), StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 301 Moved Permanently\r\nlocation: http://colours.weft.example/service/blue\r\n", await Get("colours.weft.example", "/service/darkblue"), StringComparison.Ordinal);
        var text = await Get("colours.weft.example", "/service/yellow/1");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\ncontent-length: 39\r\ncontent-type: text/plain\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nThis page will be provided soon later.\n", text, StringComparison.Ordinal);
        Assert.Contains("ServerName: red,", await Get("colours.weft.example", "/service/Blue"), StringComparison.Ordinal);
        Assert.Contains("ServerName: red,", await Get("COLOURS.weft.example", "/service/bluegray"), StringComparison.Ordinal);
        Assert.Contains("ServerName: gray,", await Get("172.31.30.3", "/service/blue"), StringComparison.Ordinal);
    }

    [NetnsFact]
    public async Task Headers_and_query_parameters_choose_the_version()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.31.2");
        var front = network.AddHost("front", "172.31.31.3");
        front.SetNames("172.31.31.10 demoappv10", "172.31.31.11 demoappv11", "172.31.31.12 demoappv12");
        network.AddHost("demoappv10", "172.31.31.10").AddWebServer(80, "v1.0");
        network.AddHost("demoappv11", "172.31.31.11").AddWebServer(80, "v1.1");
        network.AddHost("demoappv12", "172.31.31.12").AddWebServer(80, "v1.2");
        await using var weft = await WeftProcess.StartOnAsync(front, "HeaderMatching/envoy.yaml");

        Assert.Equal("v1.2\n", await client.Curl("-H", "X-Canary: true", "http://172.31.31.3/version"));
        Assert.Equal("v1.0\n", await client.Curl("-H", "X-Canary: TRUE", "http://172.31.31.3/version"));
        Assert.Equal("v1.1\n", await client.Curl("http://172.31.31.3/version?username=vip_mei"));
        Assert.Equal("v1.1\n", await client.Curl("http://172.31.31.3/version?a=b&username=vip_"));
        Assert.Equal("v1.0\n", await client.Curl("http://172.31.31.3/version?username=guest"));
        Assert.Equal("v1.0\n", await client.Curl("http://172.31.31.3/version"));
        Assert.Equal("v1.2\n", await client.Curl("-H", "x-canary: true", "http://172.31.31.3/version?username=vip_mei"));
    }
}
