using System.Globalization;
using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Xds.ManagementServer;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>Hot restart where everything comes from a management server.</summary>
public sealed class SuccessorTests(XdsPeers peers) : IClassFixture<XdsPeers>
{
    [XdsTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_successor_has_everything_from_the_server_before_it_takes_over(bool isDelta)
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("one"));
        using var server = await peers.StartServerAsync();
        var port = FreePort.Find();
        server.Set(
            (Clusters, [DiscoveredSite.Cluster("one")]),
            (Endpoints, [DiscoveredSite.Endpoints("one", upstream.Port)]),
            (Listeners, [DiscoveredSite.Listener(port)]),
            (ManagementServer.Routes, [DiscoveredSite.Routes("one")]));
        var baseId = port.ToString(CultureInfo.InvariantCulture);
        await using var old = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port, isDelta), "--base-id", baseId, "--drain-time-s", "2");
        await using var flow = new RequestFlow(new Uri($"http://127.0.0.1:{port}/"));
        await old.WaitForStat("http.web.downstream_rq_2xx", 20);

        await using var successor = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port, isDelta), "--base-id", baseId);

        Assert.Equal(0, await old.WaitForExitAsync());
        await successor.WaitForStat("http.web.downstream_rq_2xx", 20);
        await flow.StopAsync();
        Assert.Empty(flow.Failures);
    }
}
