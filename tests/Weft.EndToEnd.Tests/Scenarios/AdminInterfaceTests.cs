using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Wildcard domains with a redirect by host, and what the admin interface then tells, text by text.</summary>
public sealed class AdminInterfaceTests
{
    private static readonly string[] Endpoints =
    [
        "/", "/certs", "/clusters", "/config_dump", "/contention", "/cpuprofiler", "/drain_listeners", "/explain", "/healthcheck/fail", "/healthcheck/ok",
        "/heapprofiler", "/help", "/hot_restart_version", "/init_dump", "/listeners", "/logging", "/memory", "/quitquitquit", "/ready",
        "/reopen_logs", "/reset_counters", "/runtime", "/runtime_modify", "/server_info", "/stats", "/stats/prometheus", "/stats/recentlookups",
        "/stats/recentlookups/clear", "/stats/recentlookups/disable", "/stats/recentlookups/enable",
    ];

    [NetnsFact]
    public async Task Texts_are_exact_and_hosts_are_redirected()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.5.2");
        var front = network.AddHost("front", "172.31.5.3");
        network.AddHost("webserver01", "172.31.5.11").AddWebServer(80);
        network.AddHost("webserver02", "172.31.5.12").AddWebServer(80);
        await using var weft = await WeftProcess.StartOnAsync(front, "AdminInterface/envoy.yaml", "--concurrency", "1");

        await HostsAreRoutedAndRedirected(client);
        Task<string> Admin(string path) => client.Curl("http://172.31.5.3:9901" + path);
        Assert.Equal("LIVE\n", await Admin("/ready"));
        Assert.Equal("listener_0::0.0.0.0:80\n", await Admin("/listeners"));
        Assert.Equal("{\n \"certificates\": []\n}\n", await Admin("/certs"));
        var help = await Admin("/help");
        Assert.StartsWith("admin commands are:\n", help, StringComparison.Ordinal);
        Assert.All(Endpoints, path => Assert.Matches($"\n  {path}(: | \\(POST\\): )", help));
        Assert.Equal(ClustersText("172.31.5.11:80", 1) + EndpointText("172.31.5.12:80", 1), await Admin("/clusters"));
        await JsonFormsTellTheSame(client);
        await OrdersNeedPost(client);
    }

    private static async Task HostsAreRoutedAndRedirected(NetworkHost client)
    {
        // One connection, so that each server gets exactly one of the two requests.
        var served = await client.Curl("-H", "Host: www.weft.example", "http://172.31.5.3/hostname", "http://172.31.5.3/hostname");
        Assert.Equal(["ServerName: webserver01", "ServerName: webserver02"], served.Trim().Split('\n').Order());
        var redirected = await client.Curl("-i", "-H", "Host: www.weft.test", "http://172.31.5.3/a?b=c");
        Assert.StartsWith("HTTP/1.1 301 Moved Permanently\r\nlocation: http://www.weft.example/a?b=c\r\n", redirected, StringComparison.Ordinal);
        Assert.Contains("\r\nserver: envoy\r\n", redirected, StringComparison.Ordinal);
        Assert.Contains("\r\ncontent-length: 0\r\n", redirected, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", await client.Curl("-i", "-H", "Host: weft.other", "http://172.31.5.3/"), StringComparison.Ordinal);
    }

    private static async Task JsonFormsTellTheSame(NetworkHost client)
    {
        using var listeners = JsonDocument.Parse(await client.Curl("http://172.31.5.3:9901/listeners?format=json"));
        var listener = Assert.Single(listeners.RootElement.GetProperty("listener_statuses").EnumerateArray());
        Assert.Equal("listener_0", listener.GetProperty("name").GetString());
        Assert.Equal(80, listener.GetProperty("local_address").GetProperty("socket_address").GetProperty("port_value").GetInt32());
        using var clusters = JsonDocument.Parse(await client.Curl("http://172.31.5.3:9901/clusters?format=json"));
        var cluster = Assert.Single(clusters.RootElement.GetProperty("cluster_statuses").EnumerateArray());
        Assert.Equal("web_cluster_01", cluster.GetProperty("name").GetString());
        Assert.Equal(2, cluster.GetProperty("host_statuses").GetArrayLength());
        using var dump = JsonDocument.Parse(await client.Curl("http://172.31.5.3:9901/config_dump"));
        var types = dump.RootElement.GetProperty("configs").EnumerateArray().Select(section => section.GetProperty("@type").GetString()!.Split('.')[^1]).ToList();
        Assert.Equal(["BootstrapConfigDump", "ClustersConfigDump", "ListenersConfigDump", "RoutesConfigDump", "SecretsConfigDump"], types.Order().Except(["EcdsConfigDump", "ScopedRoutesConfigDump"]));
        using var info = JsonDocument.Parse(await client.Curl("http://172.31.5.3:9901/server_info"));
        Assert.Equal("LIVE", info.RootElement.GetProperty("state").GetString());
    }

    private static async Task OrdersNeedPost(NetworkHost client)
    {
        async Task<string> Status(params string[] arguments) => await client.Curl(["-o", "/dev/null", "-w", "%{http_code}", .. arguments]);
        Assert.Equal("405", await Status("http://172.31.5.3:9901/healthcheck/fail"));
        Assert.Equal("OK\n", await client.Curl("-X", "POST", "http://172.31.5.3:9901/healthcheck/fail"));
        Assert.Equal("503", await Status("http://172.31.5.3:9901/ready"));
        Assert.Equal("OK\n", await client.Curl("-X", "POST", "http://172.31.5.3:9901/healthcheck/ok"));
        Assert.Equal("200", await Status("http://172.31.5.3:9901/ready"));
        Assert.Equal("404", await Status("http://172.31.5.3:9901/nonesuch"));
    }

    private static string ClustersText(string endpoint, int requests) =>
        string.Concat(new[] { "default", "high" }.Select(priority => $"""
            web_cluster_01::{priority}_priority::max_connections::1024
            web_cluster_01::{priority}_priority::max_pending_requests::1024
            web_cluster_01::{priority}_priority::max_requests::1024
            web_cluster_01::{priority}_priority::max_retries::3

            """)).Insert(0, "web_cluster_01::observability_name::web_cluster_01\n") + "web_cluster_01::added_via_api::false\n" + EndpointText(endpoint, requests);

    private static string EndpointText(string address, int requests) =>
        string.Concat(new[]
        {
            "cx_active::1", "cx_connect_fail::0", "cx_total::1", "rq_active::0", "rq_error::0", $"rq_success::{requests}", "rq_timeout::0", $"rq_total::{requests}",
            "hostname::", "health_flags::healthy", "weight::1", "region::", "zone::", "sub_zone::", "canary::false", "priority::0",
            "success_rate::-1", "local_origin_success_rate::-1",
        }.Select(fact => $"web_cluster_01::{address}::{fact}\n"));
}
