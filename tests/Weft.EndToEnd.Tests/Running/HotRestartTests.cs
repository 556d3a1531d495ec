using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Running;

/// <summary>A proxy started with the base id of one that runs takes over its sockets; the old one drains.</summary>
public sealed class HotRestartTests
{
    private readonly int _port = FreePort.Find();
    private readonly int _admin = FreePort.Find();
    private readonly string _baseId;

    public HotRestartTests() => _baseId = _port.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_new_process_takes_over_without_a_lost_request_and_the_old_one_drains_and_ends()
    {
        await using var old = await WeftProcess.StartAsync(Config("old"), "--base-id", _baseId, "--drain-time-s", "2");
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => LoadAsync(stop.Token)).ToArray();
        using var kept = new HttpClient();
        Assert.Equal("old", await kept.GetStringAsync(Url));

        await using var successor = await WeftProcess.StartAsync(Config("new"), "--base-id", _baseId);
        await Wait.Until(async () => await GetFreshAsync() == "new", "the new process to answer");
        Assert.Contains("taking over from epoch 0", successor.Log);
        // A connection that the old process has gets its answer there, and is asked to close.
        Assert.Contains(await kept.GetStringAsync(Url), new[] { "old", "new" });
        Assert.Equal(0, await old.WaitForExitAsync());
        for (var i = 0; i < 20; i++)
            Assert.Equal("new", await GetFreshAsync());
        await stop.CancelAsync();
        var answers = (await Task.WhenAll(load)).SelectMany(static a => a).ToList();
        Assert.Contains("old", answers);
        Assert.Contains("new", answers);
        Assert.DoesNotContain(answers, static answer => answer is not ("old" or "new"));
        Assert.Contains("\"restart_epoch\": 1", await successor.GetAdmin("/server_info"));
        // Whole seconds: those of a start less than a second earlier differ for a part of each.
        await Wait.Until(
            async () =>
            {
                var info = await successor.GetAdmin("/server_info");
                return Seconds(info, "uptime_all_epochs") > Seconds(info, "uptime_current_epoch");
            },
            "the older epoch's time to be told");
        Assert.Equal("weft.2", await successor.GetAdmin("/hot_restart_version"));
    }

    [Fact]
    public async Task What_the_old_process_still_counts_shows_in_the_new_one()
    {
        // So long that no response asks for the end of its connection: the share of those that do grows over it.
        await using var old = await WeftProcess.StartAsync(Config("old"), "--base-id", _baseId, "--drain-time-s", "1000000");
        using var kept = new HttpClient();
        Assert.Equal("old", await kept.GetStringAsync(Url));
        await old.ExpectStat("server.hot_restart_generation", 1);

        // With an admin address of its own: the other one has connections to the old process.
        await using var successor = await WeftProcess.StartAsync(Config("new").Replace($"port_value: {_admin}", "port_value: 0", StringComparison.Ordinal), "--base-id", _baseId);
        await Wait.Until(async () => await successor.Stat("server.parent_connections") == 1, "the connection of the old process to be told", () => old.Log + successor.Log);
        Assert.Equal("old", await kept.GetStringAsync(Url));
        await successor.WaitForStat("http.http.downstream_rq_2xx", 1);
        await Wait.Until(async () => await successor.Stat("http.http.downstream_cx_active") == 1, "the connection of the old process to be counted");
        await successor.ExpectStat("server.total_connections", 1);
        await successor.ExpectStat("http.http.downstream_rq_total", 1);
        await successor.ExpectStat("server.hot_restart_generation", 2);

        kept.Dispose();
        Assert.Equal(0, await old.WaitForExitAsync());
        await Wait.Until(async () => await successor.Stat("server.parent_connections") == 0, "the end of the old process to be noticed");
        await successor.ExpectStat("http.http.downstream_cx_active", 0);
        await successor.ExpectStat("http.http.downstream_rq_total", 1);
    }

    [Fact]
    public async Task A_successor_that_does_not_start_costs_nothing()
    {
        await using var old = await WeftProcess.StartAsync(Config("old"), "--base-id", _baseId, "--drain-time-s", "2");
        var faulty = Path.Combine(old.WorkingDirectory, "faulty.yaml");
        await File.WriteAllTextAsync(faulty, Config("new").Replace("stat_prefix", "stat_prefx", StringComparison.Ordinal));
        var (exit, _, error) = await WeftProcess.RunAsync("proxy", "-c", faulty, "--base-id", _baseId);
        Assert.Equal(1, exit);
        Assert.Contains("did you mean stat_prefix?", error);
        await Wait.Until(() => Task.FromResult(old.Log.Contains("the new process ended before it took over", StringComparison.Ordinal)), "the old process to notice", () => old.Log);
        Assert.Equal("old", await GetFreshAsync());

        await using var successor = await WeftProcess.StartAsync(Config("new"), "--base-id", _baseId);
        Assert.Equal(0, await old.WaitForExitAsync());
        Assert.Equal("new", await GetFreshAsync());
    }

    [Fact]
    public async Task A_third_process_takes_over_from_the_second()
    {
        await using var first = await WeftProcess.StartAsync(Config("1"), "--base-id", _baseId, "--drain-strategy", "immediate");
        await using var second = await WeftProcess.StartAsync(Config("2"), "--base-id", _baseId, "--restart-epoch", "1", "--concurrency", "1", "--drain-strategy", "immediate");
        Assert.Equal(0, await first.WaitForExitAsync());
        await using var third = await WeftProcess.StartAsync(Config("3"), "--base-id", _baseId, "--concurrency", "3");
        Assert.Equal(0, await second.WaitForExitAsync());
        for (var i = 0; i < 20; i++)
            Assert.Equal("3", await GetFreshAsync());
        Assert.Contains("\"restart_epoch\": 2", await third.GetAdmin("/server_info"));
    }

    [Fact]
    public async Task Sockets_of_datagrams_are_handed_over_too()
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var yaml = UdpConfig(((IPEndPoint)server.Client.LocalEndPoint!).Port);
        await using var old = await WeftProcess.StartAsync(yaml, "--base-id", _baseId, "--concurrency", "1", "--drain-strategy", "immediate");
        var session = await Ask("one");
        Assert.Equal(session, await Ask("two"));
        var socket = Assert.Single(UdpSockets());

        await using var successor = await WeftProcess.StartAsync(yaml, "--base-id", _baseId, "--concurrency", "1");
        // The same socket, so that nothing that waits in it is lost; the sessions end with the old process, as in Envoy.
        Assert.Equal(socket, Assert.Single(UdpSockets()));
        Assert.Equal(0, await old.WaitForExitAsync());
        await Ask("three");
        await successor.ExpectStat("udp.datagrams.downstream_sess_total", 1);

        async Task<IPEndPoint> Ask(string text)
        {
            await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(text), "127.0.0.1", _port, limit.Token);
            return (await server.ReceiveAsync(limit.Token)).RemoteEndPoint;
        }
    }

    /// <summary>The inodes of the sockets that are bound to the port.</summary>
    private List<string> UdpSockets() => [.. File.ReadLines("/proc/net/udp").Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words[1].EndsWith($":{_port:X4}", StringComparison.Ordinal)).Select(static words => words[9])];

    [Fact]
    public async Task An_epoch_without_a_process_to_take_over_from_is_refused()
    {
        var (exit, _, error) = await WeftProcess.RunAsync("proxy", "--config-yaml", "{}", "--base-id", _baseId, "--restart-epoch", "1");
        Assert.Equal(1, exit);
        Assert.Contains($"no process runs with base id {_baseId}, so there is no epoch 0 to take over from", error);
    }

    private Uri Url => new($"http://127.0.0.1:{_port}/");

    /// <summary>Requests on connections of their own, until told to stop: every answer, or what went wrong.</summary>
    private async Task<List<string>> LoadAsync(CancellationToken stop)
    {
        var answers = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                answers.Add(await GetFreshAsync());
            }
            catch (HttpRequestException e)
            {
                answers.Add(e.ToString());
            }
        }

        return answers;
    }

    private async Task<string> GetFreshAsync()
    {
        using var client = new HttpClient { Timeout = Patience.Limit };
        client.DefaultRequestHeaders.ConnectionClose = true;
        return await client.GetStringAsync(Url);
    }

    private static int Seconds(string json, string duration) =>
        int.Parse(JsonDocument.Parse(json).RootElement.GetProperty(duration).GetString()!.TrimEnd('s'), CultureInfo.InvariantCulture);

    private string UdpConfig(int server) => $$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{_admin}} } } }
        static_resources:
          listeners:
          - name: udp
            address: { socket_address: { protocol: UDP, address: 127.0.0.1, port_value: {{_port}} } }
            listener_filters:
            - name: envoy.filters.udp_listener.udp_proxy
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig, stat_prefix: datagrams, cluster: server }
          clusters:
          - name: server
            load_assignment: { cluster_name: server, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{server}} } } } } ] } ] }
        """;

    private string Config(string body) => $$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{_admin}} } } }
        static_resources:
          listeners:
          - name: http
            address: { socket_address: { address: 127.0.0.1, port_value: {{_port}} } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: http
                  route_config:
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                      - match: { prefix: / }
                        direct_response: { status: 200, body: { inline_string: "{{body}}" } }
                  http_filters:
                  - name: envoy.filters.http.router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
        """;
}
