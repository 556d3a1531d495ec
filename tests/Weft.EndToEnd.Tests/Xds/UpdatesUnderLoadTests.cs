using System.Globalization;
using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Xds.ManagementServer;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>Valid updates in any order, while requests flow.</summary>
public sealed class UpdatesUnderLoadTests(XdsPeers peers) : IClassFixture<XdsPeers>
{
    private const int Updates = 1000;
    private const int Seed = 20240518;

    private readonly Random _random = new(Seed);
    /// <summary>The first four are taken over by the cluster as it is, the others make another one.</summary>
    private static readonly string[] s_settings =
    [
        "", ", \"lb_policy\": \"LEAST_REQUEST\"", ", \"lb_policy\": \"MAGLEV\", \"outlier_detection\": { \"consecutive_5xx\": { \"value\": 3 } }",
        ", \"circuit_breakers\": { \"thresholds\": [{ \"max_connections\": { \"value\": 900 } }] }",
        ", \"upstream_connection_options\": { \"tcp_keepalive\": {} }", ", \"alt_stat_name\": \"other\"",
    ];

    private readonly int[] _connectSeconds = [5, 5, 5];
    private readonly string[] _settings = ["", "", ""];

    [XdsTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thousand_random_updates_lose_no_request(bool isDelta)
    {
        var upstreams = Enumerable.Range(0, 4).Select(number => ScriptedUpstream.Answering(ScriptedUpstream.Ok(number.ToString(CultureInfo.InvariantCulture)))).ToArray();
        int[] ports = [.. upstreams.Select(upstream => upstream.Port)];
        using var server = await peers.StartServerAsync();
        server.Set(All(ports));
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port, isDelta));
        await using var flow = new RequestFlow(new Uri($"http://127.0.0.1:{await weft.Port("web")}/"));
        for (var i = 0; i < Updates; i++)
        {
            var version = server.Set(Change(ports));
            // So that updates neither pile up nor wait for each other: some come together.
            if (i % 3 == 0)
                await WaitForVersion(server, version);
        }

        await WaitForVersion(server, server.Set(All(ports)));
        await flow.StopAsync();
        Assert.True(flow.Answered > 100, "too few requests to say anything");
        Assert.True(flow.Failures.Count == 0, $"seed {Seed}: {flow.Failures.Count} of {flow.Answered} failed: {string.Join('\n', flow.Failures.Take(3))}");
        Assert.Equal(0, await weft.Stat("cluster_manager.cds.update_rejected") + await weft.Stat("listener_manager.lds.update_rejected"));
        foreach (var upstream in upstreams)
            upstream.Dispose();
    }

    /// <summary>Each nonce begins with the version.</summary>
    private static Task WaitForVersion(ManagementServer server, string version) =>
        server.WaitForRequest(request => Text(request, "response_nonce").StartsWith(version + "/", StringComparison.Ordinal), $"an answer to version {version}");

    private (string Type, IEnumerable<string> Resources)[] All(int[] ports) =>
    [
        (Clusters, ClusterList()), (Endpoints, EndpointList(ports)), (Listeners, [DiscoveredSite.Listener()]), (ManagementServer.Routes, [DiscoveredSite.Routes("c0", "c1", "c2")]),
    ];

    private (string Type, IEnumerable<string> Resources)[] Change(int[] ports)
    {
        switch (_random.Next(4))
        {
            case 0:
                _connectSeconds[_random.Next(3)] = _random.Next(1, 60);
                _settings[_random.Next(3)] = s_settings[_random.Next(s_settings.Length)];
                return [(Clusters, ClusterList()), (Endpoints, EndpointList(ports))];
            case 1:
                return [(Endpoints, EndpointList(ports))];
            case 2:
                return [(Listeners, [DiscoveredSite.Listener(statPrefix: $"web{_random.Next(5)}")])];
            default:
                string[] names = [.. new[] { "c0", "c1", "c2" }.Where(_ => _random.Next(2) == 0)];
                return [(ManagementServer.Routes, [DiscoveredSite.Routes(names.Length > 0 ? names : ["c1"])])];
        }
    }

    private IEnumerable<string> ClusterList() => _connectSeconds.Select((seconds, number) => DiscoveredSite.Cluster($"c{number}", seconds, _settings[number]));

    /// <summary>Each cluster has at least one of them.</summary>
    private IEnumerable<string> EndpointList(int[] ports) => Enumerable.Range(0, 3).Select(number =>
    {
        var some = ports.Where(_ => _random.Next(2) == 0).ToArray();
        return DiscoveredSite.Endpoints($"c{number}", some.Length > 0 ? some : [ports[number]]);
    }).ToArray();
}
