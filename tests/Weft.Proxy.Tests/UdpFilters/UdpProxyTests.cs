using System.Text;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.XdsClient;
using static Weft.Proxy.Tests.Listeners.TestListener;
using static Weft.Proxy.Tests.UdpFilters.UdpSite;

namespace Weft.Proxy.Tests.UdpFilters;

/// <summary>UDP listeners and envoy.filters.udp_listener.udp_proxy, with real sockets.</summary>
public sealed class UdpProxyTests
{
    [Fact]
    public async Task Datagrams_of_a_client_are_a_session_with_one_endpoint_and_a_port_of_its_own()
    {
        using var one = new UdpServer("one");
        using var two = new UdpServer("two");
        using var running = Run(UdpProxy("cluster: backend"), Cluster("backend", one, two));
        using var first = Client(running);
        using var second = Client(running);
        var answer = await first.Ask("hello");
        Assert.Equal(answer.Replace("hello", "again", StringComparison.Ordinal), await first.Ask("again"));
        var other = await second.Ask("hello");
        Assert.NotEqual(answer, other);
        Assert.Equal((2, 2), (one.Clients.Count + two.Clients.Count - 1, one.Clients.Concat(two.Clients).Distinct().Count()));

        await ExpectStat(running, "udp.test.downstream_sess_total", 2);
        await ExpectStat(running, "udp.test.downstream_sess_active", 2);
        await ExpectStat(running, "udp.test.downstream_sess_rx_datagrams", 3);
        await ExpectStat(running, "udp.test.downstream_sess_rx_bytes", 15);
        await ExpectStat(running, "udp.test.downstream_sess_tx_datagrams", 3);
        await ExpectStat(running, "udp.test.downstream_sess_tx_bytes", 27);
        await ExpectStat(running, "cluster.backend.udp.sess_tx_datagrams", 3);
        await ExpectStat(running, "cluster.backend.udp.sess_rx_datagrams", 3);
        await ExpectStat(running, "cluster.backend.upstream_cx_tx_bytes_total", 15);
        await ExpectStat(running, "cluster.backend.upstream_cx_rx_bytes_total", 27);
    }

    [Fact]
    public async Task A_quiet_session_ends_and_is_logged()
    {
        var file = Path.GetTempFileName();
        using var server = new UdpServer("one");
        const string Format = "%DYNAMIC_METADATA(udp.proxy.session:cluster_name)% %DYNAMIC_METADATA(udp.proxy.session:bytes_received)%/%DYNAMIC_METADATA(udp.proxy.session:datagrams_received)% %DYNAMIC_METADATA(udp.proxy.session:bytes_sent)% %BYTES_RECEIVED% %BYTES_SENT% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %ACCESS_LOG_TYPE%\\n";
        using (var running = Run(
            UdpProxy($"cluster: backend, idle_timeout: 3s, access_log: [ {{ name: f, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: {file}, log_format: {{ text_format_source: {{ inline_string: \"{Format}\" }} }} }} }} ]"),
            Cluster("backend", server)))
        {
            using var client = Client(running);
            Assert.Equal("one:hello", await client.Ask("hello"));
            await Until(async () => await Stat(running, "udp.test.idle_timeout") == 1);
            await ExpectStat(running, "udp.test.downstream_sess_active", 0);
            // A new one, which the end of the server ends.
            Assert.Equal("one:more", await client.Ask("more"));
        }

        var lines = await File.ReadAllLinesAsync(file);
        File.Delete(file);
        Assert.Equal("backend 5/1 9 5 9 127.0.0.1 UdpSessionEnd", lines[0]);
        Assert.Equal("backend 4/1 8 4 8 127.0.0.1 UdpSessionEnd", lines[1]);
    }

    [Fact]
    public async Task A_session_that_goes_on_is_logged_again_and_again_with_its_duration()
    {
        var file = Path.GetTempFileName();
        using var server = new UdpServer("one");
        using (var running = Run(
            UdpProxy($"cluster: backend, access_log_options: {{ access_log_flush_interval: 0.005s }}, access_log: [ {{ name: f, filter: {{ and_filter: {{ filters: [ {{ duration_filter: {{ comparison: {{ op: GE, value: {{ default_value: 0, runtime_key: x }} }} }} }}, {{ log_type_filter: {{ types: [ UdpPeriodic ] }} }} ] }} }}, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: {file}, log_format: {{ text_format_source: {{ inline_string: \"%DURATION% %ACCESS_LOG_TYPE%\\n\" }} }} }} }} ]"),
            Cluster("backend", server)))
        {
            using var client = Client(running);
            Assert.Equal("one:hello", await client.Ask("hello"));
            await Until(() => Task.FromResult(File.ReadAllLines(file).Length >= 2));
        }

        Assert.All(await File.ReadAllLinesAsync(file), static line => Assert.Matches("^[0-9]+ UdpPeriodic$", line));
        File.Delete(file);
    }

    [Fact]
    public async Task Each_datagram_can_be_balanced_by_itself()
    {
        using var one = new UdpServer("one");
        using var two = new UdpServer("two");
        using var running = Run(UdpProxy("cluster: backend, use_per_packet_load_balancing: true"), Cluster("backend", one, two));
        using var client = Client(running);
        string[] answers = [await client.Ask("1"), await client.Ask("2"), await client.Ask("3"), await client.Ask("4")];
        Assert.Equal(2, answers.Count(answer => answer.StartsWith("one:", StringComparison.Ordinal)));
        await ExpectStat(running, "udp.test.downstream_sess_total", 2);
    }

    [Fact]
    public async Task A_hash_key_brings_all_clients_to_one_endpoint()
    {
        UdpServer[] servers = [new("1"), new("2"), new("3"), new("4")];
        using var running = Run(UdpProxy("cluster: backend, hash_policies: [ { key: together } ]"), Cluster("backend", "lb_policy: RING_HASH,", servers));
        var answers = new HashSet<string>();
        for (var i = 0; i < 8; i++)
        {
            using var client = Client(running);
            answers.Add(await client.Ask("x"));
        }

        Assert.Single(answers);
        foreach (var server in servers)
            server.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", "here:x")]
    [InlineData("127.0.0.2", "there:x")]
    public async Task A_matcher_routes_by_addresses_and_answers_come_from_the_address_that_was_asked(string asked, string expected)
    {
        using var here = new UdpServer("here");
        using var there = new UdpServer("there");
        const string Type = "type.googleapis.com/envoy.extensions.filters.udp.udp_proxy.v3.Route";
        using var running = Run(
            UdpProxy($"matcher: {{ matcher_list: {{ matchers: [ {{ predicate: {{ single_predicate: {{ input: {{ name: i, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.DestinationIPInput }} }}, value_match: {{ exact: 127.0.0.2 }} }} }}, on_match: {{ action: {{ name: r, typed_config: {{ '@type': {Type}, cluster: there }} }} }} }} ] }}, on_no_match: {{ action: {{ name: r, typed_config: {{ '@type': {Type}, cluster: here }} }} }} }}"),
            $"{Cluster("here", here)}, {Cluster("there", there)}", address: "0.0.0.0");
        using var client = Client(running, asked);
        Assert.Equal(expected, await client.Ask("x"));
    }

    [Fact]
    public async Task What_cannot_be_carried_is_counted()
    {
        using var running = Run(UdpProxy("cluster: nowhere"), listener: "udp_listener_config: { downstream_socket_config: { max_rx_datagram_size: 100 } }");
        using var client = Client(running);
        await client.SendAsync(new byte[100]);
        await client.SendAsync(new byte[101]);
        await Until(async () => await Stat(running, "udp.test.downstream_sess_no_route") == 1 && await Stat(running, "listener.datagrams.udp.downstream_rx_datagram_dropped") == 1);
        Assert.Equal(0, await Stat(running, "udp.test.downstream_sess_total"));
    }

    [Fact]
    public async Task An_endpoint_where_nobody_listens_is_an_error_of_the_cluster()
    {
        var gone = new UdpServer("gone");
        using var running = Run(UdpProxy("cluster: backend"), Cluster("backend", gone));
        gone.Dispose();
        using var client = Client(running);
        await Until(async () =>
        {
            await client.SendAsync("x"u8.ToArray());
            return await Stat(running, "cluster.backend.udp.sess_rx_errors") > 0 || await Stat(running, "cluster.backend.udp.sess_tx_errors") > 0;
        });
    }

    [Fact]
    public async Task Sessions_count_as_connections_of_the_circuit_breaker()
    {
        using var server = new UdpServer("one");
        using var running = Run(UdpProxy("cluster: backend"), Cluster("backend", "circuit_breakers: { thresholds: [ { max_connections: 1 } ] },", [server]));
        using var first = Client(running);
        using var second = Client(running);
        Assert.Equal("one:a", await first.Ask("a"));
        await second.SendAsync("b"u8.ToArray());
        await Until(async () => await Stat(running, "cluster.backend.upstream_cx_overflow") == 1);
        Assert.Equal("one:c", await first.Ask("c"));
    }

    [Fact]
    public async Task A_listener_that_is_replaced_keeps_its_socket_and_its_sessions_end()
    {
        using var one = new UdpServer("one");
        using var two = new UdpServer("two");
        using var files = new DynamicFiles();
        string Listener(string cluster) => "resources: [ { \"@type\": type.googleapis.com/envoy.config.listener.v3.Listener, name: udp, address: { socket_address: { protocol: UDP, address: 127.0.0.1, port_value: 0 } }, "
            + $"listener_filters: [ {{ name: f, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.udp.{UdpProxy($"cluster: {cluster}")} }} }} ] }} ]";
        files.Write("lds.yaml", Listener("first"));
        await files.Start($"node: {{ id: proxy, cluster: mesh }}\nstatic_resources: {{ clusters: [ {Cluster("first", one)}, {Cluster("second", two)} ] }}\ndynamic_resources: {{ lds_config: {{ path_config_source: {{ path: FOLDER/lds.yaml }} }} }}");
        using var client = Client(files.Server);
        Assert.Equal("one:a", await client.Ask("a"));
        Assert.Equal("one:b", await client.Ask("b"));

        files.Write("lds.yaml", Listener("second"));
        await Until(async () => await files.Stat("udp.test.downstream_sess_active") == 0);
        Assert.Equal("two:c", await client.Ask("c"));
        await files.ExpectStat("udp.test.downstream_sess_total", 2);
        await files.ExpectStat("listener_manager.listener_modified", 1);
        Assert.Single(one.Clients.Distinct());
    }

    [Theory]
    [InlineData("filter_chains: [ { filters: [ { name: e, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo } } ] } ]", 1, "error adding listener 'udp': 1 filter chain(s) specified for connection-less UDP listener.")]
    [InlineData("enable_reuse_port: false", 2, "Listening on UDP when concurrency is > 1 without the SO_REUSEPORT socket option results in unstable packet proxying. Configure the reuse_port listener option or set concurrency = 1.")]
    [InlineData("additional_addresses: [ { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } } ]", 1, "all addresses of a listener need the same protocol: UDP")]
    public void What_a_UDP_listener_cannot_have_is_refused(string listener, int concurrency, string fault)
    {
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = BootstrapOf(UdpProxy("cluster: c"), listener: listener), Concurrency = concurrency }, out var findings));
        Assert.Contains(findings.Errors, finding => finding.Text == fault);
    }

    [Fact]
    public async Task A_large_datagram_passes_both_ways_when_it_may()
    {
        using var server = new UdpServer("one");
        using var running = Run(
            UdpProxy("cluster: backend, upstream_socket_config: { max_rx_datagram_size: 65535 }"), Cluster("backend", server),
            "udp_listener_config: { downstream_socket_config: { max_rx_datagram_size: 65535 } }");
        using var client = Client(running);
        var large = new string('x', 60_000);
        Assert.Equal("one:" + large, await client.Ask(large));
        Assert.Equal(Encoding.ASCII.GetByteCount(large), await Stat(running, "udp.test.downstream_sess_rx_bytes"));
    }
}
