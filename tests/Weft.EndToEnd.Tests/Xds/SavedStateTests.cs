using System.Net;
using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Xds.ManagementServer;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>--xds-cache: a proxy that starts without its management server.</summary>
public sealed class SavedStateTests(XdsPeers peers) : IClassFixture<XdsPeers>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-xds-cache-").FullName;
    private readonly ScriptedUpstream _one = ScriptedUpstream.Answering(ScriptedUpstream.Ok("one"));
    private readonly ScriptedUpstream _two = ScriptedUpstream.Answering(ScriptedUpstream.Ok("two"));

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _one.Dispose();
        _two.Dispose();
    }

    [XdsTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_accepted_last_serves_after_a_restart_until_the_server_is_back(bool isDelta)
    {
        var server = await peers.StartServerAsync(FreePort.Find());
        server.Set(
            (Clusters, [DiscoveredSite.Cluster("one"), DiscoveredSite.Cluster("gone")]),
            (Endpoints, [DiscoveredSite.Endpoints("one", _one.Port), DiscoveredSite.Endpoints("gone", _one.Port)]),
            (Listeners, [DiscoveredSite.Listener()]),
            (ManagementServer.Routes, [DiscoveredSite.Routes("one")]));
        var bootstrap = DiscoveredSite.Bootstrap(server.Port, isDelta);
        await using (var first = await WeftProcess.StartAsync(bootstrap, "--xds-cache", _folder))
        {
            Assert.Equal("one", (await first.Get()).Body);
            // A refused update must not be what the next start begins with.
            server.Set((Clusters, [DiscoveredSite.Cluster("one", connectSeconds: 0), DiscoveredSite.Cluster("gone")]));
            await server.WaitForNack(Clusters);
            await first.StopAsync();
        }

        server.Dispose();
        await using var weft = await WeftProcess.StartAsync(bootstrap, "--xds-cache", _folder);
        Assert.Equal((HttpStatusCode.OK, "one"), await weft.Get());
        Assert.Contains("what was saved of it is used", weft.Log, StringComparison.Ordinal);
        Assert.Equal(2, await weft.Stat("cluster_manager.cds.update_success") + await weft.Stat("listener_manager.lds.update_success"));

        using var again = await peers.StartServerAsync(server.Port);
        again.SetAll(_two.Port);
        await Wait.Until(async () => (await weft.Get()).Body == "two", "the server's own state", () => weft.Log);
        if (isDelta)
        {
            var request = await again.WaitForRequest(request => Text(request, "type_url") == Clusters, "the first request");
            Assert.Equal("1", Text(request.GetProperty("initial_resource_versions"), "gone"));
        }
        else
        {
            await weft.WaitForStat("cluster_manager.cluster_removed", 1);
        }
    }

    [XdsFact]
    public async Task Nothing_saved_and_no_server_is_no_fault()
    {
        var server = await peers.StartServerAsync(FreePort.Find());
        server.Dispose();
        await File.WriteAllTextAsync(Path.Combine(_folder, "ADS-from-xds.CDS.pb"), "damaged");
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port, more: ", initial_fetch_timeout: 0.1s"), "--xds-cache", _folder);
        Assert.Contains("cannot be read and is ignored", weft.Log, StringComparison.Ordinal);
    }
}
