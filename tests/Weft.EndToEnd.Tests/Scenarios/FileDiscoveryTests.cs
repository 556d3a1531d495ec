using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Endpoints, listeners and clusters from files that are renamed into place while requests flow; none is lost.</summary>
public sealed class FileDiscoveryTests
{
    [NetnsFact]
    public async Task A_second_endpoint_appears_without_a_restart_and_a_wrong_file_changes_nothing()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.11.2");
        var front = network.AddHost("front", "172.31.11.3");
        var one = network.AddHost("webserver01", "172.31.11.11").AddWebServer(80);
        var two = network.AddHost("webserver02", "172.31.11.12").AddWebServer(80);
        await using var weft = await WeftProcess.StartInEtcOnAsync(front, "EdsFromFile");
        Assert.Equal("ServerName: webserver01\n", await client.Curl("http://172.31.11.3/hostname"));
        Assert.Contains("webcluster::172.31.11.11:80::health_flags::healthy\n", await client.Curl("http://172.31.11.3:9901/clusters"), StringComparison.Ordinal);

        await using var flow = new RequestFlow(client, new Uri("http://172.31.11.3/hostname"));
        Rewrite(weft, "eds-v2.yaml");
        await Wait.Until(() => Task.FromResult(two.Requests.Count > 10), "requests at the second server", () => weft.Log);
        var before = one.Requests.Count;
        await Wait.Until(() => Task.FromResult(one.Requests.Count > before), "requests at the first server", () => weft.Log);
        Assert.Equal((2, 0), (await StatFrom(client, "cluster.webcluster.membership_total"), await StatFrom(client, "cluster.webcluster.update_failure")));

        Rewrite(weft, "eds-wrong.yaml");
        await Wait.Until(async () => await StatFrom(client, "cluster.webcluster.update_rejected") >= 1, "a rejected update", () => weft.Log);
        Assert.Contains("webcluster: /etc/envoy/eds.conf.d/eds.yaml:4:3  resources[0].cluster_name  Unexpected EDS cluster (expecting webcluster): otherservice", weft.Log, StringComparison.Ordinal);
        Assert.Equal(2, await StatFrom(client, "cluster.webcluster.membership_total"));
        await flow.StopAsync();
        Assert.True(flow.Answered > 20, "too few requests to say anything");
        Assert.Empty(flow.Failures);
    }

    [NetnsFact]
    public async Task Listener_and_cluster_appear_from_files_and_change_under_load()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.12.2");
        var front = network.AddHost("front", "172.31.12.3");
        front.SetNames("172.31.12.11 webserver01", "172.31.12.12 webserver02");
        network.AddHost("webserver01", "172.31.12.11").AddWebServer(80);
        network.AddHost("webserver02", "172.31.12.12").AddWebServer(80);
        await using var weft = await WeftProcess.StartInEtcOnAsync(front, "LdsCdsFromFiles");
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 4; i++)
            names.Add(await client.Curl("http://172.31.12.3/hostname"));
        Assert.Equal(["ServerName: webserver01\n", "ServerName: webserver02\n"], names);
        using (var dump = JsonDocument.Parse(await client.Curl("http://172.31.12.3:9901/config_dump?resource=dynamic_active_clusters")))
            Assert.Equal("webcluster", dump.RootElement.GetProperty("configs")[0].GetProperty("cluster").GetProperty("name").GetString());
        Assert.Equal("listener_http::0.0.0.0:80\n", await client.Curl("http://172.31.12.3:9901/listeners"));

        await using var flow = new RequestFlow(client, new Uri("http://172.31.12.3/hostname"));
        for (var version = 2; version < 7; version++)
        {
            Edit(weft, "conf.d/lds.yaml", text => text.Replace("stat_prefix: ingress", $"stat_prefix: v{version}_ingress", StringComparison.Ordinal));
            Edit(weft, "conf.d/cds.yaml", text => text.Replace("connect_timeout: 1s", $"connect_timeout: 1.{version}s", StringComparison.Ordinal));
            await Wait.Until(async () => await StatFrom(client, "listener_manager.listener_modified") == version - 1 && await StatFrom(client, "cluster_manager.cluster_modified") == version - 1, "the change", () => weft.Log);
        }

        await flow.StopAsync();
        Assert.True(flow.Answered > 20, "too few requests to say anything");
        Assert.Empty(flow.Failures);
        Assert.Equal(1, await StatFrom(client, "listener_manager.total_listeners_active"));

        static void Edit(WeftProcess weft, string name, Func<string, string> change)
        {
            var path = Path.Combine(weft.EtcEnvoy, name);
            var original = path + ".original";
            if (!File.Exists(original))
                File.Copy(path, original);
            File.WriteAllText(path + ".tmp", change(File.ReadAllText(original)));
            File.Move(path + ".tmp", path, overwrite: true);
        }
    }

    /// <summary>As people do it: over the file, and then away and back, which is what Envoy looks for.</summary>
    private static void Rewrite(WeftProcess weft, string with) =>
        Shell.Run("sh", ["-ec", $"cd {weft.EtcEnvoy}/eds.conf.d; cat {with} > eds.yaml; mv eds.yaml temp; mv temp eds.yaml"]);

    private static async Task<long> StatFrom(NetworkHost client, string name)
    {
        var text = await client.Curl($"http://{client.Address[..client.Address.LastIndexOf('.')]}.3:9901/stats?filter=^{name.Replace(".", "%5C.", StringComparison.Ordinal)}$");
        return text.Split(": ") is [_, var value] ? long.Parse(value, System.Globalization.CultureInfo.InvariantCulture) : 0;
    }
}
