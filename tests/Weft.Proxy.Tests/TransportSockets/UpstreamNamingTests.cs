using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.TransportSockets.Tls;

namespace Weft.Proxy.Tests.TransportSockets;

/// <summary>What upstream connections are asked for by the requests on them: server names, certificate names, PROXY headers.</summary>
public sealed class UpstreamNamingTests : IDisposable
{
    private const string AutoNames =
        "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: {} }, upstream_http_protocol_options: { auto_sni: true, auto_san_validation: true } } }";

    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_host_of_a_request_is_the_name_asked_for_and_demanded()
    {
        _folder.Issue("other", "CN=other", names => names.AddDnsName("other.example"));
        var certificates = $"tls_certificates: [ {_folder.Certificate("server")}, {_folder.Certificate("other")} ]";
        using var target = new RunningServer(Bootstrap($"transport_socket: {{ name: tls, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {{ {certificates} }} }} }}, filters: [ {Http("direct_response: { status: 200 }")} ]"));
        var socket = TlsFolder.Upstream(common: _folder.Trusted());
        using var running = new RunningServer(Bootstrap($"filters: [ {Http("route: { cluster: backend }")} ]", target.Listener(), $"{AutoNames}, transport_socket: {socket}"));
        Assert.Contains("x-name: server.example\r\n", await Get(running, "server.example:80"));
        Assert.Contains("x-name: other.example\r\n", await Get(running, "other.example"));
        Assert.Contains("x-name: server.example\r\n", await Get(running, "SERVER.example"));
        Assert.Contains("CERTIFICATE_VERIFY_FAILED:verify cert failed: verify SAN list:TLS_error_end", await Get(running, "nobody.example"));
        // Requests for one name share connections, those for different names never do.
        Assert.Contains("cluster.backend.upstream_cx_total: 3\n", await running.Admin!.GetStringAsync("stats?filter=backend.upstream_cx_total"));
    }

    [Theory]
    [InlineData("server.example", "x-name: server.example\r\n")]
    [InlineData("other.example", "CERTIFICATE_VERIFY_FAILED:verify cert failed: SAN matcher:TLS_error_end")]
    public async Task The_host_of_a_request_does_not_replace_the_names_that_are_configured(string configured, string expected)
    {
        using var target = new RunningServer(Bootstrap($"transport_socket: {_folder.Downstream()}, filters: [ {Http("direct_response: { status: 200 }")} ]"));
        var validation = _folder.Trusted($"match_typed_subject_alt_names: [ {{ san_type: DNS, matcher: {{ exact: {configured} }} }} ]");
        using var running = new RunningServer(Bootstrap($"filters: [ {Http("route: { cluster: backend }")} ]", target.Listener(), $"{AutoNames}, transport_socket: {TlsFolder.Upstream(common: validation)}"));
        Assert.Contains(expected, await Get(running, "server.example"));
    }

    [Fact]
    public async Task The_name_may_come_from_another_header_than_the_host()
    {
        using var target = new RunningServer(Bootstrap($"transport_socket: {_folder.Downstream()}, filters: [ {Http("direct_response: { status: 200 }")} ]"));
        var names = AutoNames.Replace("auto_sni: true", "auto_sni: true, override_auto_sni_header: x-sni", StringComparison.Ordinal);
        using var running = new RunningServer(Bootstrap($"filters: [ {Http("route: { cluster: backend }")} ]", target.Listener(), $"{names}, transport_socket: {TlsFolder.Upstream(common: _folder.Trusted())}"));
        Assert.Contains("x-name: server.example\r\n", await Get(running, "public.example\r\nx-sni: server.example"));
        // Without the header the host counts.
        Assert.Contains("CERTIFICATE_VERIFY_FAILED", await Get(running, "public.example"));
    }

    [Fact]
    public async Task A_name_that_is_demanded_cannot_be_proven_where_nobody_is_trusted()
    {
        using var target = new RunningServer(Bootstrap($"transport_socket: {_folder.Downstream()}, filters: [ {Http("direct_response: { status: 200 }")} ]"));
        using var running = new RunningServer(Bootstrap($"filters: [ {Http("route: { cluster: backend }")} ]", target.Listener(), $"{AutoNames}, transport_socket: {TlsFolder.Upstream()}"));
        Assert.Contains("CERTIFICATE_VERIFY_FAILED", await Get(running, "server.example"));
    }

    [Theory]
    [InlineData("server.example", "auto_host_sni: true", "x-name: server.example\r\n")]
    [InlineData("", "auto_host_sni: true, sni: fallback.example", "x-name: fallback.example\r\n")]
    [InlineData("server.example", "auto_host_sni: true, auto_sni_san_validation: true", "x-name: server.example\r\n")]
    [InlineData("nobody.example", "auto_host_sni: true, auto_sni_san_validation: true", "CERTIFICATE_VERIFY_FAILED")]
    [InlineData("", "sni: nobody.example, auto_sni_san_validation: true", "CERTIFICATE_VERIFY_FAILED")]
    public async Task What_an_endpoint_is_called_is_asked_for_and_demanded(string hostname, string names, string expected)
    {
        using var target = new RunningServer(Bootstrap($"transport_socket: {_folder.Downstream()}, filters: [ {Http("direct_response: { status: 200 }")} ]"));
        // The names that are configured do not count beside the one that was asked for.
        var validation = _folder.Trusted(names.Contains("san", StringComparison.Ordinal) ? "match_typed_subject_alt_names: [ { san_type: DNS, matcher: { exact: else.example } } ]" : "");
        var socket = TlsFolder.Upstream(names, validation);
        using var running = new RunningServer(Bootstrap($"filters: [ {Http("route: { cluster: backend }")} ]", target.Listener(), $"transport_socket: {socket}", hostname: hostname));
        Assert.Contains(expected, await Get(running, "some.example"));
    }

    [Theory]
    [InlineData("", "'auto_sni_san_validation' was configured without a validation context")]
    [InlineData("validation_context: { allow_expired_certificate: false }", "'auto_sni_san_validation' was configured without configuring a trusted CA")]
    public void A_name_is_demanded_only_where_somebody_is_trusted(string common, string expected)
    {
        var socket = TlsFolder.Upstream("auto_sni_san_validation: true", common);
        var bootstrap = Bootstrap($"filters: [ {Http("route: { cluster: backend }")} ]", new IPEndPoint(IPAddress.Loopback, 1), $"transport_socket: {socket}");
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = bootstrap, Concurrency = 1 }, out var findings));
        Assert.Contains(findings.Errors, finding => finding.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("V1", false, "PROXY TCP4 203.0.113.7 198.51.100.1 4711 443\r\n")]
    [InlineData("V2", true, "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x11\xcb\0\x71\x07\xc6\x33\x64\x01\x12\x67\x01\xbb\x02\0\x02hi")]
    public async Task The_upstream_hears_of_the_client_first(string version, bool tcp, string expected)
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        const string Listener = "listener_filters: [ { name: proxy, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol, pass_through_tlvs: { match_type: INCLUDE, tlv_type: [ 2 ] } } } ]";
        var socket = $"transport_socket: {{ name: p, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport, config: {{ version: {version}, pass_through_tlvs: {{ match_type: INCLUDE_ALL }} }}, transport_socket: {{ name: envoy.transport_sockets.raw_buffer, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer }} }} }} }}";
        var filter = tcp ? "{ name: tcp, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: backend } }" : Http("route: { cluster: backend }");
        using var running = new RunningServer(Bootstrap($"filters: [ {filter} ]", (IPEndPoint)upstream.LocalEndpoint, socket, Listener));
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        // What comes a second time, and what shall not be passed on.
        var header = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x1c\xcb\0\x71\x07\xc6\x33\x64\x01\x12\x67\x01\xbb\x02\0\x02hi\x02\0\x02no\x03\0\x03sec";
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(header + "GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
        using var accepted = await upstream.AcceptTcpClientAsync();
        var received = "";
        var buffer = new byte[1000];
        while (received.Length < expected.Length + 5)
        {
            var count = await accepted.GetStream().ReadAsync(buffer);
            Assert.NotEqual(0, count);
            received += Encoding.Latin1.GetString(buffer, 0, count);
        }

        Assert.StartsWith(expected + "GET / ", received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("V1", "^PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 (?<source>\\d+) (?<destination>\\d+)\r\nGET /healthy ")]
    [InlineData("V2", "^\r\n\r\n\0\r\nQUIT\n\x20\0\0\0GET /healthy ")]
    public async Task A_health_check_speaks_for_itself(string version, string expected)
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        var socket = $"transport_socket: {{ name: p, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport, config: {{ version: {version} }}, transport_socket: {{ name: envoy.transport_sockets.raw_buffer, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer }} }} }} }}";
        const string Checks = "health_checks: [ { timeout: 10s, interval: 60s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: { path: /healthy } } ]";
        using var running = new RunningServer(Bootstrap($"filters: [ {Http("route: { cluster: backend }")} ]", (IPEndPoint)upstream.LocalEndpoint, $"{Checks}, {socket}"));
        using var accepted = await upstream.AcceptTcpClientAsync();
        var received = "";
        var buffer = new byte[1000];
        while (!received.Contains("GET /healthy ", StringComparison.Ordinal))
        {
            var count = await accepted.GetStream().ReadAsync(buffer);
            Assert.NotEqual(0, count);
            received += Encoding.Latin1.GetString(buffer, 0, count);
        }

        var match = System.Text.RegularExpressions.Regex.Match(received, expected);
        Assert.True(match.Success, received);
        if (version == "V1")
        {
            Assert.Equal($"{((IPEndPoint)accepted.Client.RemoteEndPoint!).Port}", match.Groups["source"].Value);
            Assert.Equal($"{((IPEndPoint)upstream.LocalEndpoint).Port}", match.Groups["destination"].Value);
        }
    }

    private static string Http(string action) => $$"""
        { name: http, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: web,
          route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, {{action}}, response_headers_to_add: [ { header: { key: x-name, value: "%REQUESTED_SERVER_NAME%" }, append_action: ADD_IF_ABSENT } ] } ] } ] },
          http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] } }
        """;

    private static string Bootstrap(string chain, IPEndPoint? upstream = null, string cluster = "", string listener = "", string hostname = "")
    {
        var clusters = upstream is null ? "" : $", clusters: [ {{ name: backend, load_assignment: {{ cluster_name: x, endpoints: [ {{ lb_endpoints: [ {{ endpoint: {{ hostname: \"{hostname}\", address: {{ socket_address: {{ address: 127.0.0.1, port_value: {upstream.Port} }} }} }} }} ] }} ] }}, {cluster} }} ]";
        return $"admin: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }} }}\nstatic_resources: {{ listeners: [ {{ name: web, address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}, {(listener.Length > 0 ? listener + ", " : "")}filter_chains: [ {{ {chain} }} ] }} ]{clusters} }}";
    }

    private static async Task<string> Get(RunningServer running, string host)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
