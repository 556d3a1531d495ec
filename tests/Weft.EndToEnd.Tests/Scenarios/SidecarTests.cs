using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Proxies that share a host with the application (ingress) or with the client (egress).</summary>
public sealed class SidecarTests
{
    [NetnsFact]
    public async Task Ingress_answers_for_the_application_on_its_own_loopback()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.3.2");
        var host = network.AddHost("webserver01", "172.31.3.11");
        var application = host.AddWebServer(8080, address: "127.0.0.1");
        await using var weft = await WeftProcess.StartOnAsync(host, "SidecarIngress/envoy.yaml");

        var answer = await client.Curl("-i", "http://172.31.3.11/");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nserver: envoy\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\ncontent-type: text/html; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n", answer, StringComparison.Ordinal);
        Assert.Matches("\r\nx-envoy-upstream-service-time: [0-9]+\r\n", answer);
        Assert.DoesNotContain("Werkzeug", answer, StringComparison.Ordinal);
        Assert.Contains("ClientIP: 127.0.0.1, ServerName: webserver01, ServerIP: 127.0.0.1\n", answer, StringComparison.Ordinal);

        var request = Assert.Single(application.Requests);
        Assert.StartsWith("GET / HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nhost: 172.31.3.11\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nx-forwarded-proto: http\r\n", request, StringComparison.Ordinal);
        Assert.Matches("\r\nx-request-id: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\r\n", request);
    }

    [NetnsFact]
    public async Task Egress_sends_the_clients_requests_to_both_servers_in_turn()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.4.2");
        network.AddHost("webserver01", "172.31.4.11").AddWebServer(80);
        network.AddHost("webserver02", "172.31.4.12").AddWebServer(80);
        await using var weft = await WeftProcess.StartOnAsync(client, "SidecarEgress/envoy.yaml");

        // One connection is served by one worker, which takes the servers in turn.
        var lines = (await client.Curl([.. Enumerable.Repeat("http://127.0.0.1/", 6)])).Trim().Split('\n');

        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => Assert.Contains("ClientIP: 172.31.4.2, ", line, StringComparison.Ordinal));
        var servers = lines.Select(line => line.Contains("ServerName: webserver01, ServerIP: 172.31.4.11", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, lines.Count(line => line.Contains("ServerName: webserver02, ServerIP: 172.31.4.12", StringComparison.Ordinal)));
        Assert.Equal(3, servers.Count(first => first));
        Assert.All(servers.Zip(servers.Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
    }
}
