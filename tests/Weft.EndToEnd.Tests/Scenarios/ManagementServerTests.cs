using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A proxy that knows nothing but its management server: <c>weft xds-server</c> with a short file.</summary>
public sealed class ManagementServerTests
{
    [NetnsTheory]
    [InlineData("envoy.yaml", false)]
    [InlineData("ads.yaml", true)]
    [InlineData("delta-ads.yaml", true)]
    public async Task Everything_comes_from_the_server_and_a_second_endpoint_is_pushed(string bootstrap, bool isAds)
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.15.2");
        var front = network.AddHost("front", "172.31.15.3");
        var xds = network.AddHost("xdsserver", "172.31.15.5");
        front.SetNames("172.31.15.5 xdsserver");
        network.AddHost("webserver01", "172.31.15.11").AddWebServer(8080);
        var two = network.AddHost("webserver02", "172.31.15.12").AddWebServer(8080);
        var file = Path.Combine(Directory.CreateTempSubdirectory("weft-xds-").FullName, "config.yaml");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Scenarios", "ManagementServer", "config.yaml"), file);
        string[] mode = isAds ? ["--ads"] : [];
        await using var server = ServerProcess.StartOn(xds, WeftProcess.Binary, ["xds-server", "--resources", file, "--node-id", "envoy_front_proxy", "--port", "18000", .. mode]);
        await server.WaitForLog("management server listening");
        await using var weft = await WeftProcess.StartInEtcOnAsync(front, "ManagementServer", bootstrap);

        await Wait.Until(async () => await TryHostname(client) == "ServerName: webserver01\n", "the first endpoint", () => weft.Log + server.Log);
        using (var dump = JsonDocument.Parse(await client.Curl("http://172.31.15.3:9901/config_dump?resource=dynamic_active_clusters")))
        {
            var active = Assert.Single(dump.RootElement.GetProperty("configs").EnumerateArray());
            Assert.Equal("webcluster", active.GetProperty("cluster").GetProperty("name").GetString());
            // Incremental versions are numbers of the content.
            Assert.Matches(bootstrap == "delta-ads.yaml" ? "^[0-9]+$" : "^1$", active.GetProperty("version_info").GetString());
            Assert.Equal("EDS", active.GetProperty("cluster").GetProperty("type").GetString());
        }

        await using var flow = new RequestFlow(client, new Uri("http://172.31.15.3/hostname"));
        // In place, as an editor may write it.
        await File.AppendAllTextAsync(file, "    - address: 172.31.15.12\n      port: 8080\n");
        await Wait.Until(() => Task.FromResult(two.Requests.Count > 10), "requests at the second server", () => weft.Log + server.Log);
        await flow.StopAsync();
        Assert.Empty(flow.Failures);

        // Without the server everything goes on; the server is found again.
        await server.DisposeAsync();
        Assert.StartsWith("ServerName: webserver", await client.Curl("http://172.31.15.3/hostname"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("    - address: 172.31.15.11\n      port: 8080\n", "", StringComparison.Ordinal));
        await using var again = ServerProcess.StartOn(xds, WeftProcess.Binary, ["xds-server", "--resources", file, "--node-id", "envoy_front_proxy", "--port", "18000", .. mode]);
        await Wait.Until(async () => (await client.Curl("http://172.31.15.3:9901/stats?filter=cluster.webcluster.membership_total")).EndsWith(": 1\n", StringComparison.Ordinal), "the change of the restarted server", () => weft.Log + again.Log);
        Assert.Equal("ServerName: webserver02\n", await client.Curl("http://172.31.15.3/hostname"));
    }

    private static async Task<string> TryHostname(NetworkHost client)
    {
        try
        {
            return await client.Curl("http://172.31.15.3/hostname");
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}
