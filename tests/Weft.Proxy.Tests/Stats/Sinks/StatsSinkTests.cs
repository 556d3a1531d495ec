using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.Stats.Sinks;

/// <summary>Sinks in a running server that flushes when its statistics are asked for, against real sockets.</summary>
public sealed class StatsSinkTests
{
    private const string Base = """
        node: { id: here, cluster: mine }
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        stats_flush_on_admin: true
        stats_sinks:
        """;

    [Fact]
    public async Task Statsd_by_udp_sends_a_datagram_for_each_statistic()
    {
        using var statsd = Udp();
        using var server = new RunningServer($$"""
            {{Base}}
            - name: envoy.statsd
              typed_config: { "@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, prefix: front, address: { socket_address: { protocol: UDP, address: 127.0.0.1, port_value: {{Port(statsd)}} } } }
            """);
        await server.Admin!.GetStringAsync("stats");
        await UntilAsync(statsd, text => text == "front.server.live:1|g");
        await server.Admin!.GetStringAsync("stats");
        await UntilAsync(statsd, text => text.StartsWith("front.http.admin.downstream_rq_2xx:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dog_statsd_and_graphite_fill_datagrams()
    {
        using var dog = Udp();
        using var graphite = Udp();
        using var server = new RunningServer($$"""
            {{Base}}
            - name: envoy.dog_statsd
              typed_config: { "@type": type.googleapis.com/envoy.config.metrics.v3.DogStatsdSink, max_bytes_per_datagram: 1400, address: { socket_address: { address: 127.0.0.1, port_value: {{Port(dog)}} } } }
            - name: envoy.stat_sinks.graphite_statsd
              typed_config: { "@type": type.googleapis.com/envoy.extensions.stat_sinks.graphite_statsd.v3.GraphiteStatsdSink, prefix: g, max_bytes_per_datagram: 600, address: { socket_address: { address: 127.0.0.1, port_value: {{Port(graphite)}} } } }
            """);
        await server.Admin!.GetStringAsync("stats");
        await server.Admin!.GetStringAsync("stats");
        await UntilAsync(dog, text => text.Length <= 1400 && text.Split('\n').Contains("envoy.http.downstream_rq_total:1|c|#envoy.http_conn_manager_prefix:admin"));
        await UntilAsync(graphite, text => text.Length <= 600 && text.Split('\n').Any(line => line.StartsWith("g.http.downstream_rq;envoy.http_conn_manager_prefix=admin;envoy.response_code_class=2:", StringComparison.Ordinal)
            || line.StartsWith("g.http.downstream_rq_xx;", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Dog_statsd_finds_the_Unix_socket_of_an_agent_also_when_it_comes_later_and_comes_back()
    {
        var folder = Directory.CreateTempSubdirectory("weft-statsd-");
        try
        {
            var path = Path.Combine(folder.FullName, "dsd.socket");
            // Few statistics: the kernel keeps few datagrams for who does not read them.
            using var server = new RunningServer($$"""
                stats_config: { stats_matcher: { inclusion_list: { patterns: [ { prefix: http.admin.downstream_rq_total } ] } } }
                {{Base}}
                - name: envoy.stat_sinks.dog_statsd
                  typed_config: { "@type": type.googleapis.com/envoy.config.metrics.v3.DogStatsdSink, max_bytes_per_datagram: 1400, address: { pipe: { path: {{path}} } } }
                """);
            await server.Admin!.GetStringAsync("stats");
            for (var agent = 0; agent < 2; agent++)
            {
                using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                // The first flush may only find out that the agent before is gone.
                await server.Admin!.GetStringAsync("stats");
                await server.Admin!.GetStringAsync("stats");
                await UntilAsync(socket, text => text.Split('\n').Any(line => line.StartsWith("envoy.http.downstream_rq_total:", StringComparison.Ordinal) && line.EndsWith("|c|#envoy.http_conn_manager_prefix:admin", StringComparison.Ordinal)));
                File.Delete(path);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Statsd_by_tcp_goes_through_a_cluster_and_connects_again()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var server = new RunningServer($$"""
            {{Base}}
            - name: envoy.stat_sinks.statsd
              typed_config: { "@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, tcp_cluster_name: exporter, prefix: service }
            static_resources:
              clusters:
              - name: exporter
                load_assignment: { cluster_name: exporter, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{Port(listener)}} } } } } ] } ] }
            """);
        for (var connection = 0; connection < 2; connection++)
        {
            // A flush may find out only by sending that the connection has ended.
            var accepted = listener.AcceptAsync();
            while (!accepted.IsCompleted)
                await server.Admin!.GetStringAsync("stats");
            using var peer = await accepted;
            var text = new StringBuilder();
            var buffer = new byte[64 * 1024];
            while (!text.ToString().Contains("\nservice.cluster.exporter.membership_total:1|g\n", StringComparison.Ordinal))
            {
                var count = await peer.ReceiveAsync(buffer);
                Assert.NotEqual(0, count);
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }

        Assert.Matches("cluster.exporter.upstream_cx_total: [2-9]", await server.Admin!.GetStringAsync("stats"));
    }

    [Fact]
    public async Task Hystrix_dashboards_get_every_cluster_at_each_flush()
    {
        using var server = new RunningServer($$"""
            {{Base}}
            - name: envoy.stat_sinks.hystrix
              typed_config: { "@type": type.googleapis.com/envoy.config.metrics.v3.HystrixSink, num_buckets: 5 }
            static_resources:
              clusters:
              - name: web
                load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } } } ] } ] }
            """);
        using var answer = await server.Admin!.GetAsync("hystrix_event_stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.ToString());
        using var events = new StreamReader(await answer.Content.ReadAsStreamAsync());
        await server.Admin!.GetStringAsync("stats");
        var command = await events.ReadLineAsync();
        Assert.StartsWith("""data: {"type": "HystrixCommand", "name": "web", "group": "NA", "currentTime": """, command, StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse(command!["data: ".Length..]);
        Assert.Equal((0, 1, 1024), (json.RootElement.GetProperty("requestCount").GetInt32(), json.RootElement.GetProperty("reportingHosts").GetInt32(),
            json.RootElement.GetProperty("propertyValue_executionIsolationSemaphoreMaxConcurrentRequests").GetInt32()));
        Assert.Equal("", await events.ReadLineAsync());
        Assert.Contains("\"HystrixThreadPool\"", await events.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_work_is_refused_in_Envoys_words()
    {
        Assert.Contains("tcp statsd: unknown cluster 'nowhere'", Fault("node: { id: a, cluster: b }", "tcp_cluster_name: nowhere"), StringComparison.Ordinal);
        Assert.Contains("tcp statsd: node 'id' and 'cluster' are required", Fault("node: { id: a }", "tcp_cluster_name: nowhere"), StringComparison.Ordinal);
        Assert.Contains("malformed IP address: statsd.local", Fault("node: { id: a }", "address: { socket_address: { address: statsd.local, port_value: 1 } }"), StringComparison.Ordinal);
    }

    private static string Fault(string node, string sink)
    {
        var yaml = $$"""
            {{node}}
            stats_sinks:
            - name: envoy.stat_sinks.statsd
              typed_config: { "@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, {{sink}} }
            """;
        using var server = Server.Create(new ServerOptions { ConfigYaml = yaml, Mode = ServerMode.Validate, Concurrency = 1 }, out var findings);
        return string.Join('\n', findings.Errors);
    }

    private static Socket Udp()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 * 1024 * 1024 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static async Task UntilAsync(Socket socket, Func<string, bool> wanted)
    {
        var buffer = new byte[64 * 1024];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, limit.Token);
            if (wanted(Encoding.UTF8.GetString(buffer, 0, count)))
                return;
        }
    }
}
