using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.XdsClient;
using static Weft.Proxy.Tests.Listeners.TestListener;

namespace Weft.Proxy.Tests.Listeners;

/// <summary>internal_listener: connections of the process's own clusters, and what they bring along.</summary>
public sealed class InternalListenerTests
{
    private const string Extension = "bootstrap_extensions: [ { name: envoy.bootstrap.internal_listener, typed_config: { '@type': type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener } } ]\n";
    private const string OriginalDst = "listener_filters: [ { name: o, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst } } ]";

    [Fact]
    public async Task A_listener_that_does_not_exist_refuses_connections()
    {
        using var running = new RunningServer(Bootstrap(TcpProxy("a"), Internal("other", Direct("never")), Cluster("a", "nowhere")));
        Assert.Equal("", await Send(running, "x"));
        await ExpectStat(running, "cluster.a.upstream_cx_connect_fail", 1);
        await ExpectStat(running, "tcp.outside.downstream_cx_total", 1);
        Assert.Equal(0, await Stat(running, "listener.envoy_internal_other.downstream_cx_total"));
    }

    [Fact]
    public async Task Listeners_may_follow_one_another()
    {
        using var running = new RunningServer(Bootstrap(TcpProxy("a"),
            $"{Internal("first", TcpProxy("b"))}, {Internal("second", Direct("from the second"))}", $"{Cluster("a", "first")}, {Cluster("b", "second")}"));
        Assert.Equal("from the second", await Send(running, "x"));
        await ExpectStat(running, "listener.envoy_internal_first.downstream_cx_total", 1);
        await ExpectStat(running, "listener.envoy_internal_second.downstream_cx_total", 1);
        await ExpectStat(running, "cluster.a.upstream_cx_total", 1);
        await ExpectStat(running, "cluster.b.upstream_cx_total", 1);
    }

    [Fact]
    public async Task What_filters_share_goes_along_once_or_all_the_way()
    {
        const string Set = "{ name: s, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.network.set_filter_state.v3.Config, on_new_connection: [ "
            + "{ object_key: once, factory_key: envoy.string, format_string: { text_format_source: { inline_string: 'first hop' } }, shared_with_upstream: ONCE }, "
            + "{ object_key: always, factory_key: envoy.string, format_string: { text_format_source: { inline_string: 'every hop' } }, shared_with_upstream: TRANSITIVE }, "
            + "{ object_key: never, factory_key: envoy.string, format_string: { text_format_source: { inline_string: here } } } ] } }";
        var file = Path.GetTempFileName();
        var log = $"access_log: [ {{ name: f, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: {file}, "
            + "log_format: { text_format_source: { inline_string: \"%DOWNSTREAM_LOCAL_ADDRESS% %FILTER_STATE(once:PLAIN)% %FILTER_STATE(always:PLAIN)% %FILTER_STATE(never:PLAIN)% %DYNAMIC_METADATA(m:k)%\\n\" } } } } ]";
        using (var running = new RunningServer(Bootstrap($"{Set}, {TcpProxy("a")}",
            $"{Internal("first", TcpProxy("b"), log)}, {Internal("second", Direct("done"), log)}", $"{Cluster("a", "first", passes: true)}, {Cluster("b", "second", passes: true)}")))
        {
            Assert.Equal("done", await Send(running, "x"));
            await ExpectStat(running, "cluster.a.internal_upstream.no_metadata", 2);
        }

        var lines = await File.ReadAllLinesAsync(file);
        File.Delete(file);
        Assert.Contains("envoy://first/ first hop every hop - of the endpoint", lines);
        Assert.Contains("envoy://second/ - every hop - of the endpoint", lines);
    }

    [Fact]
    public async Task The_original_destination_comes_with_the_endpoint_or_with_shared_state()
    {
        using var server = new TcpListener(System.Net.IPAddress.Loopback, 0);
        server.Start();
        var port = ((System.Net.IPEndPoint)server.LocalEndpoint).Port;
        var original = "{ name: o, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED }";
        var fromState = "{ name: s, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.network.set_filter_state.v3.Config, on_new_connection: [ "
            + $"{{ object_key: envoy.filters.listener.original_dst.local_ip, format_string: {{ text_format_source: {{ inline_string: '127.0.0.1:{port}' }} }}, shared_with_upstream: ONCE }} ] }} }}";
        foreach (var (filters, metadata) in new[] { (TcpProxy("a"), $"127.0.0.1:{port}"), ($"{fromState}, {TcpProxy("a")}", "") })
        {
            using var running = new RunningServer(Bootstrap(filters, Internal("inside", TcpProxy("o"), OriginalDst), $"{Cluster("a", "inside", passes: true, local: metadata)}, {original}"));
            using var client = new TcpClient();
            await client.ConnectAsync(running.Listener());
            await client.GetStream().WriteAsync("hello"u8.ToArray());
            using var arrived = await server.AcceptTcpClientAsync();
            var buffer = new byte[5];
            await arrived.GetStream().ReadExactlyAsync(buffer);
            Assert.Equal("hello", Encoding.ASCII.GetString(buffer));
        }
    }

    [Fact]
    public async Task A_filter_may_choose_the_cluster_of_a_tcp_proxy()
    {
        const string Choose = "{ name: s, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.network.set_filter_state.v3.Config, on_new_connection: [ "
            + "{ object_key: envoy.tcp_proxy.cluster, format_string: { text_format_source: { inline_string: b } } } ] } }";
        using var running = new RunningServer(Bootstrap($"{Choose}, {TcpProxy("a")}",
            $"{Internal("first", Direct("configured"))}, {Internal("second", Direct("chosen"))}", $"{Cluster("a", "first")}, {Cluster("b", "second")}"));
        Assert.Equal("chosen", await Send(running, "x"));
    }

    [Fact]
    public async Task Requests_share_connections_only_when_they_share_state()
    {
        const string Set = "{ name: s, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config, on_request_headers: [ "
            + "{ object_key: tenant, factory_key: envoy.string, format_string: { text_format_source: { inline_string: '%REQ(x-tenant)%' } }, shared_with_upstream: ONCE } ] } }";
        var manager = "{ name: http, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: outside, "
            + "route_config: { virtual_hosts: [ { name: all, domains: ['*'], routes: [ { match: { prefix: / }, route: { cluster: a } } ] } ] }, "
            + $"http_filters: [ {Set}, {{ name: router, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }} }} ] }} }}";
        var inner = "{ name: http, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: inside, "
            + "route_config: { virtual_hosts: [ { name: all, domains: ['*'], routes: [ { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: 'tenant %FILTER_STATE(tenant:PLAIN)%' } } } ] } ], "
            + "response_headers_to_add: [ { header: { key: x-seen, value: '%FILTER_STATE(tenant:PLAIN)%' } } ] }, "
            + "http_filters: [ { name: router, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] } }";
        using var running = new RunningServer(Bootstrap(manager, Internal("inside", inner), Cluster("a", "inside", passes: true)));
        using var client = new HttpClient { BaseAddress = new Uri($"http://{running.Listener()}/") };
        foreach (var tenant in (string[])["one", "two", "one", "two"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "x-tenant", tenant } } };
            using var response = await client.SendAsync(request);
            Assert.Equal(tenant, Assert.Single(response.Headers.GetValues("x-seen")));
        }

        await ExpectStat(running, "cluster.a.upstream_cx_total", 2);
        await ExpectStat(running, "http.inside.downstream_rq_total", 4);
    }

    [Theory]
    [InlineData(false, "name: i, internal_listener: {}", "error adding listener named 'i': InternalListener bootstrap extension is mandatory")]
    [InlineData(true, "internal_listener: {}", "an internal listener needs a name, by which endpoints find it")]
    [InlineData(true, "name: i, internal_listener: {}, address: { socket_address: { address: 127.0.0.1, port_value: 0 } }", "error adding listener 'i': address should not be used when an internal listener config is provided")]
    [InlineData(true, "name: i, internal_listener: {}, enable_mptcp: true", "error adding listener named 'i': has unsupported tcp listener feature")]
    [InlineData(true, "name: i, address: { pipe: { path: '@mptcp' } }, enable_mptcp: true", "listener i: enable_mptcp can only be used with IP addresses")]
    [InlineData(true, "name: i, internal_listener: {}, tcp_backlog_size: 5", "error adding listener named 'i': has unsupported tcp listener feature")]
    [InlineData(true, "name: i, internal_listener: {}, connection_balance_config: { exact_balance: {} }", "error adding listener named 'i': has unsupported tcp listener feature")]
    [InlineData(true, "name: i, internal_listener: {}, socket_options: [ { level: 1, name: 2, int_value: 1 } ]", "error adding listener named 'i': does not support socket option")]
    [InlineData(true, "name: i, address: { envoy_internal_address: { server_listener_name: i } }", "use internal_listener field instead of address for internal listeners")]
    public void What_an_internal_listener_cannot_have_is_refused(bool hasExtension, string listener, string fault)
    {
        var bootstrap = $"{(hasExtension ? Extension : "")}static_resources: {{ listeners: [ {{ {listener}, filter_chains: [ {{ filters: [ {Direct("x")} ] }} ] }} ] }}";
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = bootstrap, Concurrency = 1 }, out var findings));
        Assert.Contains(findings.Errors, finding => finding.Text == fault);
    }

    [Theory]
    [InlineData("request", "metadata type is not supported: request")]
    [InlineData("route", "metadata type is not supported: route")]
    public void Metadata_of_requests_cannot_be_passed_through(string kind, string fault)
    {
        var bootstrap = Bootstrap(TcpProxy("a"), Internal("i", Direct("x")), Cluster("a", "i", passes: true).Replace("kind: { host: {} }", $"kind: {{ {kind}: {{}} }}", StringComparison.Ordinal));
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = bootstrap, Concurrency = 1 }, out var findings));
        Assert.Contains(findings.Errors, finding => finding.Text == fault);
    }

    [Fact]
    public async Task A_listener_that_is_replaced_goes_on_taking_connections_and_one_that_is_removed_refuses_them()
    {
        using var files = new DynamicFiles();
        files.Write("lds.yaml", Resources(Internal("inside", Direct("before"))));
        await files.Start(Extension + "node: { id: proxy, cluster: mesh }\n"
            + $"static_resources: {{ listeners: [ {Outside(TcpProxy("a"))} ], clusters: [ {Cluster("a", "inside")} ] }}\n"
            + $"dynamic_resources: {{ lds_config: {{ path_config_source: {{ path: FOLDER/lds.yaml }} }} }}\n");
        var running = files.Server;
        Assert.Equal("before", await Send(running, "x"));
        files.Write("lds.yaml", Resources(Internal("inside", Direct("after"), "per_connection_buffer_limit_bytes: 4096")));
        await Until(async () => await Send(running, "x") == "after");
        files.Write("lds.yaml", "resources: []");
        await Until(async () => await Send(running, "x") == "");
        await Until(async () => await Stat(running, "listener_manager.total_listeners_draining") == 0);
    }

    private static string Resources(string listener) => $"resources: [ {{ '@type': type.googleapis.com/envoy.config.listener.v3.Listener, {listener[2..]} ]";

    private static string TcpProxy(string cluster) => $"{{ name: t, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: outside, cluster: {cluster} }} }}";

    private static string Internal(string name, string filters, string more = "") =>
        $"{{ name: {name}, internal_listener: {{}}, {(more.Length > 0 ? more + ", " : "")}filter_chains: [ {{ filters: [ {filters} ] }} ] }}";

    private static string Outside(string filters) => $"{{ name: outside, address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}, filter_chains: [ {{ filters: [ {filters} ] }} ] }}";

    private static string Cluster(string name, string listener, bool passes = false, string local = "")
    {
        var socket = "transport_socket: { name: i, typed_config: { '@type': type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport, "
            + "passthrough_metadata: [ { name: m, kind: { host: {} } }, { name: absent, kind: { cluster: {} } }, { name: envoy.filters.listener.original_dst, kind: { host: {} } } ], "
            + "transport_socket: { name: r, typed_config: { '@type': type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer } } } }, ";
        var original = local.Length > 0 ? $", envoy.filters.listener.original_dst: {{ local: '{local}' }}" : "";
        var metadata = $"metadata: {{ filter_metadata: {{ m: {{ k: of the endpoint }}{original} }} }}, ";
        return $"{{ name: {name}, {(passes ? socket : "")}load_assignment: {{ cluster_name: {name}, endpoints: [ {{ lb_endpoints: [ {{ {metadata}endpoint: {{ address: {{ envoy_internal_address: {{ server_listener_name: {listener} }} }} }} }} ] }} ] }} }}";
    }

    private static string Bootstrap(string outside, string listeners, string clusters) =>
        $"{Extension}admin: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }} }}\nstatic_resources: {{ listeners: [ {Outside(outside)}, {listeners} ], clusters: [ {clusters} ] }}";
}
