using System.Text.Json;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tests.Admin;

public class ServerEndpointsTests
{
    [Fact]
    public void The_version_of_hot_restart_is_told_where_it_is_on()
    {
        Assert.Equal("disabled", new TestAdmin().Get("/hot_restart_version"));
        Assert.Equal("weft.2", new TestAdmin(options: new ServerOptions { HotRestart = true }).Get("/hot_restart_version"));
    }

    [Fact]
    public void Server_info_tells_state_command_line_and_node()
    {
        var admin = new TestAdmin("node: { id: n1, cluster: c1, locality: { zone: z1 } }", new ServerOptions { Concurrency = 3, ServiceNode = "given", DrainTimeSeconds = 7 });
        var json = JsonDocument.Parse(admin.Get("/server_info")).RootElement;
        Assert.Equal(VersionInfo.Text, json.GetProperty("version").GetString());
        Assert.Equal("PRE_INITIALIZING", json.GetProperty("state").GetString());
        Assert.Equal("disabled", json.GetProperty("hot_restart_version").GetString());
        Assert.EndsWith("s", json.GetProperty("uptime_current_epoch").GetString(), StringComparison.Ordinal);
        var command = json.GetProperty("command_line_options");
        Assert.Equal((3, "7s", "Gradual", "Serve"), (command.GetProperty("concurrency").GetInt32(), command.GetProperty("drain_time").GetString(), command.GetProperty("drain_strategy").GetString(), command.GetProperty("mode").GetString()));
        Assert.Equal("", command.GetProperty("log_path").GetString());
        var node = json.GetProperty("node");
        Assert.Equal(("given", "c1", "z1"), (node.GetProperty("id").GetString(), node.GetProperty("cluster").GetString(), node.GetProperty("locality").GetProperty("zone").GetString()));
    }

    [Fact]
    public void Listeners_are_named_with_their_addresses()
    {
        var admin = new TestAdmin("""
            static_resources:
              listeners:
              - { name: one, address: { socket_address: { address: 127.0.0.1, port_value: 80 } }, additional_addresses: [{ address: { socket_address: { address: "::1", port_value: 81 } } }], filter_chains: [{}] }
              - { name: two, address: { pipe: { path: /tmp/two.sock } }, filter_chains: [{}] }
            """);
        Assert.Equal("one::127.0.0.1:80\none::[::1]:81\ntwo::/tmp/two.sock\n", admin.Get("/listeners"));
        var json = JsonDocument.Parse(admin.Get("/listeners?format=json")).RootElement.GetProperty("listener_statuses");
        Assert.Equal(80, json[0].GetProperty("local_address").GetProperty("socket_address").GetProperty("port_value").GetInt32());
        Assert.Equal("::1", json[0].GetProperty("additional_local_addresses")[0].GetProperty("socket_address").GetProperty("address").GetString());
        Assert.Equal("/tmp/two.sock", json[1].GetProperty("local_address").GetProperty("pipe").GetProperty("path").GetString());
    }

    [Fact]
    public void Statistics_are_printed_filtered_and_refused()
    {
        var admin = new TestAdmin();
        admin.Stats.Scope("a.").Counter("b").Add(5);
        admin.Stats.Scope("a.").Gauge("c").Set(2);
        admin.Stats.Scope("a.").Counter("unused");
        Assert.Equal("a.b: 5\na.c: 2\n", admin.Get("/stats?filter=^a%5C.[bc]$"));
        Assert.Equal("a.b: 5\n", admin.Get("/stats?usedonly&type=Counters&filter=^a"));
        Assert.Contains("\"stats\":", admin.Get("/stats?format=json"), StringComparison.Ordinal);
        Assert.Contains("# TYPE envoy_a_b counter\nenvoy_a_b{} 5\n", admin.Get("/stats/prometheus?filter=a.b"), StringComparison.Ordinal);
        Assert.Equal((400, "Invalid re2 regex"), admin.Call("GET", "/stats?filter=("));
    }

    [Fact]
    public void Many_statistics_come_in_pieces()
    {
        var admin = new TestAdmin();
        for (var i = 0; i < 5_000; i++)
            admin.Stats.Scope("some.rather.long.prefix.").Counter($"number_{i:D4}");
        var lines = admin.Get("/stats?filter=prefix").TrimEnd('\n').Split('\n');
        Assert.Equal(5_000, lines.Length);
        Assert.Equal("some.rather.long.prefix.number_4999: 0", lines[^1]);
        Assert.NotNull(admin.Handlers.Handle(Weft.Proxy.Admin.AdminRequest.Parse("GET", "/stats")).NextPiece);
    }

    [Fact]
    public void Help_is_sorted_and_complete()
    {
        var paths = new TestAdmin().Get("/help").Split('\n').Where(line => line.StartsWith("  /", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ', ':')[0]).ToList();
        Assert.Equal(paths.Order(StringComparer.Ordinal), paths);
        string[] expected =
        [
            "/", "/allocprofiler", "/certs", "/clusters", "/config_dump", "/contention", "/cpuprofiler", "/drain_listeners", "/explain", "/healthcheck/fail", "/healthcheck/ok",
            "/heap_dump", "/heapprofiler", "/help", "/hot_restart_version", "/init_dump", "/listeners", "/logging", "/memory", "/quitquitquit", "/ready", "/reopen_logs",
            "/reset_counters", "/runtime", "/runtime_modify", "/server_info", "/stats", "/stats/prometheus", "/stats/recentlookups", "/stats/recentlookups/clear",
            "/stats/recentlookups/disable", "/stats/recentlookups/enable",
        ];
        Assert.Equal(expected, paths);
    }
}
