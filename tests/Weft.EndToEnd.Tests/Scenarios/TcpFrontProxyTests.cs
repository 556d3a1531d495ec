using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A front proxy that only carries bytes.</summary>
public sealed class TcpFrontProxyTests
{
    [NetnsFact]
    public async Task Connections_go_to_the_servers_in_turn_and_their_bytes_are_not_touched()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.1.2");
        var front = network.AddHost("front", "172.31.1.3");
        var first = network.AddHost("webserver01", "172.31.1.11").AddWebServer(8080);
        var second = network.AddHost("webserver02", "172.31.1.12").AddWebServer(8080);
        await using var weft = await WeftProcess.StartOnAsync(front, "TcpFrontProxy/envoy.yaml", "--concurrency", "1");

        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
            answers.Add(await client.Curl("-i", "http://172.31.1.3/", "http://172.31.1.3/"));

        Assert.All(answers, answer => Assert.StartsWith(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ", answer, StringComparison.Ordinal));
        Assert.All(answers, answer => Assert.Contains("\r\nServer: Werkzeug/2.0\r\n", answer, StringComparison.Ordinal));
        Assert.All(answers, answer => Assert.Contains("ClientIP: 172.31.1.3,", answer, StringComparison.Ordinal));
        // Both requests of a connection reach the same server; the next connection goes to the other one.
        var servers = answers.Select(answer => (First: Count(answer, "webserver01"), Second: Count(answer, "webserver02"))).ToList();
        Assert.All(servers, count => Assert.True(count is (2, 0) or (0, 2), $"one connection was answered by {count}"));
        Assert.All(servers.Zip(servers.Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(2, first.Connections);
        Assert.Equal(2, second.Connections);
        Assert.Contains("\r\nUser-Agent: curl/", first.Requests[0], StringComparison.Ordinal);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
