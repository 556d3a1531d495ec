using System.Net;
using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Xds.ManagementServer;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>What a management server can do wrong: the proxy keeps what it has, says why, and goes on when the server does.</summary>
public sealed class ManagementServerFaultTests(XdsPeers peers) : IClassFixture<XdsPeers>, IDisposable
{
    private readonly ScriptedUpstream _one = ScriptedUpstream.Answering(ScriptedUpstream.Ok("one"));
    private readonly ScriptedUpstream _two = ScriptedUpstream.Answering(ScriptedUpstream.Ok("two"));

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
    }

    [XdsTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clusters_endpoints_listeners_and_routes_come_and_change(bool isDelta)
    {
        using var server = await peers.StartServerAsync();
        var first = server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port, isDelta));
        Assert.Equal((HttpStatusCode.OK, "one"), await weft.Get());
        if (!isDelta)
            await server.WaitForAck(Clusters, first);

        server.Set((Endpoints, [DiscoveredSite.Endpoints("one", _two.Port)]));
        await Wait.Until(async () => (await weft.Get()).Body == "two", "the changed endpoint", () => weft.Log);
        server.Set((Clusters, [DiscoveredSite.Cluster("one", connectSeconds: 3)]), (Endpoints, [DiscoveredSite.Endpoints("one", _two.Port)]));
        await weft.WaitForStat("cluster_manager.cluster_updated", 1);
        // EDS is asked for again, or known already: the changed cluster is warm.
        Assert.Equal((HttpStatusCode.OK, "two"), await weft.Get());
        await weft.ExpectStat("cluster_manager.warming_clusters", 0);
        await weft.ExpectStat("control_plane.connected_state", 1);
    }

    [XdsTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_is_killed_changes_nothing_and_is_found_again(bool isDelta)
    {
        var server = await peers.StartServerAsync(FreePort.Find());
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port, isDelta));
        Assert.Equal("one", (await weft.Get()).Body);
        server.Dispose();
        await Wait.Until(async () => await weft.Stat("control_plane.connected_state") == 0, "the loss of the stream", () => weft.Log);
        Assert.Equal((HttpStatusCode.OK, "one"), await weft.Get());

        using var again = await peers.StartServerAsync(server.Port);
        again.SetAll(_two.Port);

        await Wait.Until(async () => (await weft.Get()).Body == "two", "the state of the new server", () => weft.Log);
        var request = await again.WaitForRequest(request => Text(request, "type_url") == Clusters, "the first request");
        // What is known is said: the version, or those of the resources.
        Assert.Equal("1", isDelta ? Text(request.GetProperty("initial_resource_versions"), "one") : Text(request, "version_info"));
    }

    [XdsFact]
    public async Task A_frozen_server_delays_neither_the_start_nor_requests()
    {
        using var server = await peers.StartServerAsync();
        server.SetAll(_one.Port);
        server.Signal("STOP");
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port, more: ", initial_fetch_timeout: 0.2s"));
        await weft.WaitForStat("cluster_manager.cds.init_fetch_timeout", 1);

        server.Signal("CONT");
        await Wait.Until(async () => await weft.Stat("listener_manager.total_listeners_active") == 1, "the listener", () => weft.Log);
        Assert.Equal("one", (await weft.Get()).Body);

        server.Signal("STOP");
        server.Set((Endpoints, [DiscoveredSite.Endpoints("one", _two.Port)]));
        Assert.Equal((HttpStatusCode.OK, "one"), await weft.Get());
        server.Signal("CONT");
        await Wait.Until(async () => (await weft.Get()).Body == "two", "the change", () => weft.Log);
    }

    [XdsFact]
    public async Task After_garbage_everything_is_asked_for_again_on_another_stream()
    {
        using var server = await peers.StartServerAsync();
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port));
        server.PushRaw([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]);
        await Wait.Until(() => Task.FromResult(weft.Log.Contains("stream closed: 13, a message cannot be read", StringComparison.Ordinal)), "a log line", () => weft.Log);
        await Wait.Until(() => Task.FromResult(FirstRequests(server) == 2), "a second stream", () => weft.Log);
        Assert.Equal((HttpStatusCode.OK, "one"), await weft.Get());
        // A response that can be read, with a resource that cannot.
        server.Push($$"""{ "type_url": "{{Endpoints}}", "version_info": "bad", "nonce": "n", "resources": [{ "type_url": "{{Endpoints}}", "value": "/////w==" }] }""");
        await server.WaitForNack(Endpoints);
        Assert.Equal((HttpStatusCode.OK, "one"), await weft.Get());

        server.Set((Endpoints, [DiscoveredSite.Endpoints("one", _two.Port)]));
        await Wait.Until(async () => (await weft.Get()).Body == "two", "the change", () => weft.Log);

        static int FirstRequests(ManagementServer server) => server.Requests.Count(request => Text(request, "type_url") == Clusters && Text(request, "response_nonce").Length == 0);
    }

    [XdsFact]
    public async Task A_response_of_100_MB_is_taken_over_and_requests_go_on()
    {
        using var server = await peers.StartServerAsync();
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port));
        await using var flow = new RequestFlow(new Uri($"http://127.0.0.1:{await weft.Port("web")}/"));
        // Built there: so long a line would have to pass through a pipe here.
        var big = DiscoveredSite.Cluster("one").Trim()[..^1] + ", \"metadata\": { \"filter_metadata\": { \"big\": { \"fields\": { \"x\": { \"string_value\": { \"repeat\": 100 } } } } } } }";
        var version = server.Set((Clusters, [big]));
        await server.WaitForAck(Clusters, version);
        await flow.StopAsync();
        Assert.Empty(flow.Failures);
        Assert.Equal("one", (await weft.Get()).Body);
    }

    [XdsFact]
    public async Task A_response_that_is_cut_off_counts_for_nothing()
    {
        using var server = await peers.StartServerAsync();
        using var relay = new CuttingRelay(server.Port);
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(relay.Port));
        Assert.Equal("one", (await weft.Get()).Body);

        relay.CutAfter(5000);
        var more = Enumerable.Range(0, 200).Select(number => DiscoveredSite.Cluster($"more{number}"));
        server.Set((Clusters, [DiscoveredSite.Cluster("one"), .. more]), (Endpoints, [DiscoveredSite.Endpoints("one", _two.Port)]));

        await Wait.Until(async () => relay.Cuts == 1 && (await weft.Get()).Body == "two", "the change by another stream", () => weft.Log);
        await Wait.Until(async () => await weft.Stat("cluster_manager.cluster_added") == 202, "all clusters", () => weft.Log);
    }

    [XdsFact]
    public async Task Names_that_stand_twice_are_refused_and_named()
    {
        using var server = await peers.StartServerAsync();
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port));
        server.Set((Clusters, [DiscoveredSite.Cluster("one"), DiscoveredSite.Cluster("one", connectSeconds: 2)]));
        Assert.Contains("duplicate cluster one found", await server.WaitForNack(Clusters), StringComparison.Ordinal);
        server.Set((Listeners, [DiscoveredSite.Listener(), DiscoveredSite.Listener(statPrefix: "again")]));
        Assert.Contains("duplicate listener web found", await server.WaitForNack(Listeners), StringComparison.Ordinal);
        server.Set((Endpoints, [DiscoveredSite.Endpoints("one", _one.Port), DiscoveredSite.Endpoints("one", _two.Port)]));
        Assert.Contains("duplicate name one found among added/updated resources", await server.WaitForNack(Endpoints), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "one"), await weft.Get());
        await weft.ExpectStat("cluster_manager.cds.update_rejected", 1);
    }

    [XdsTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_deprecated_is_said_once_however_many_resources_have_it(bool isDelta)
    {
        using var server = await peers.StartServerAsync();
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port, isDelta));
        const string old = ", \"http2_protocol_options\": {}";
        server.Set((Clusters, [DiscoveredSite.Cluster("one"), DiscoveredSite.Cluster("old1", more: old), DiscoveredSite.Cluster("old2", more: old)]));
        await Wait.Until(() => Task.FromResult(weft.Log.Contains("http2_protocol_options", StringComparison.Ordinal)), "the warning", () => weft.Log);
        server.Set((Clusters, [DiscoveredSite.Cluster("one"), DiscoveredSite.Cluster("old1", connectSeconds: 6, more: old), DiscoveredSite.Cluster("old2", more: old)]));
        await weft.WaitForStat("cluster_manager.cluster_modified", 1);
        var line = Assert.Single(weft.Log.Split('\n'), static line => line.Contains("http2_protocol_options", StringComparison.Ordinal));
        Assert.Contains("old1: http2_protocol_options", line, StringComparison.Ordinal);
    }

    [XdsFact]
    public async Task Endpoints_of_a_cluster_that_nobody_has_are_passed_over()
    {
        using var server = await peers.StartServerAsync();
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port));
        server.Push($$"""{ "type_url": "{{Endpoints}}", "version_info": "9", "nonce": "n9", "resources": [{ "@type": "{{Endpoints}}", {{DiscoveredSite.Endpoints("nobody", _two.Port)[1..]}}] }""");
        await server.WaitForAck(Endpoints, "9");
        Assert.Equal((HttpStatusCode.OK, "one"), await weft.Get());
    }

    [XdsFact]
    public async Task No_clusters_at_all_is_a_state_and_routes_without_their_cluster_answer_503()
    {
        using var server = await peers.StartServerAsync();
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port));
        var version = server.Set((Clusters, []));
        await server.WaitForAck(Clusters, version);
        await weft.WaitForStat("cluster_manager.cluster_removed", 1);
        await Wait.Until(async () => (await weft.Get()).Status == HttpStatusCode.ServiceUnavailable, "requests without the cluster", () => weft.Log);
        server.SetAll(_two.Port);
        await Wait.Until(async () => (await weft.Get()).Body == "two", "the cluster again", () => weft.Log);
        version = server.Set((ManagementServer.Routes, [DiscoveredSite.Routes("missing")]));
        await server.WaitForAck(ManagementServer.Routes, version);
        await Wait.Until(async () => (await weft.Get()).Status == HttpStatusCode.ServiceUnavailable, "requests by the other routes", () => weft.Log);
    }

    [XdsFact]
    public async Task Each_response_is_answered_with_its_own_nonce_even_an_old_one()
    {
        using var server = await peers.StartServerAsync();
        server.SetAll(_one.Port);
        await using var weft = await WeftProcess.StartAsync(DiscoveredSite.Bootstrap(server.Port));
        foreach (var (version, nonce, port) in ((string, string, int)[])[("8", "old", _two.Port), ("9", "new", _one.Port), ("8", "old", _two.Port)])
            server.Push($$"""{ "type_url": "{{Endpoints}}", "version_info": "{{version}}", "nonce": "{{nonce}}", "resources": [{ "@type": "{{Endpoints}}", {{DiscoveredSite.Endpoints("one", port)[1..]}}] }""");
        await Wait.Until(() => Task.FromResult(Nonces(server).Count >= 3), "three answers", () => weft.Log);
        Assert.Equal(["old", "new", "old"], Nonces(server));
        await Wait.Until(async () => (await weft.Get()).Body == "two", "the last one", () => weft.Log);

        static List<string> Nonces(ManagementServer server) =>
            [.. server.Requests.Where(request => Text(request, "type_url") == Endpoints).Select(request => Text(request, "response_nonce")).Where(nonce => nonce is "old" or "new")];
    }
}
