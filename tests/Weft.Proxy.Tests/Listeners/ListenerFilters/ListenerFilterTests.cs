using System.Net;
using System.Net.Sockets;
using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.TransportSockets.Tls;
using static Weft.Proxy.Tests.Listeners.TestListener;

namespace Weft.Proxy.Tests.Listeners.ListenerFilters;

/// <summary>Listener filters, the filter chains they choose and the small network filters, by a server in this process.</summary>
public sealed class ListenerFilterTests : IDisposable
{
    private const string TlsInspector = "{ name: tls, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } }";
    private const string HttpInspector = "{ name: http, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector } }";

    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tls_clients_get_the_chain_of_the_name_they_ask_for_and_others_that_for_clear_text()
    {
        _folder.Issue("other", "CN=other", names => names.AddDnsName("other.example"));
        using var running = Run($"listener_filters: [ {TlsInspector} ]",
            $"filter_chain_match: {{ server_names: [ server.example ] }}, transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]",
            $"filter_chain_match: {{ server_names: [ '*.example' ] }}, transport_socket: {_folder.Downstream(certificate: "other")}, filters: [ {HttpFilter("two")} ]",
            $"filter_chain_match: {{ transport_protocol: raw_buffer }}, filters: [ {HttpFilter("clear")} ]");
        Assert.Contains("x-chain: one server.example", await _folder.Get(running.Listener()));
        var other = await _folder.Get(running.Listener(), host: "other.example");
        Assert.Contains("x-chain: two other.example", other);
        Assert.Contains("(certificate CN=other)", other);
        var clear = await Send(running, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        Assert.Contains("x-chain: clear", clear);
        Assert.Contains("x-not-tls: ClientHelloNotDetected\r\n", clear);
        Assert.DoesNotContain("x-not-tls", other);
        Assert.Null(await _folder.Get(running.Listener(), host: "nobody.test"));
        await ExpectStat(running, "tls_inspector.tls_found", 3);
        await ExpectStat(running, "tls_inspector.tls_not_found", 1);
        await ExpectStat(running, "no_filter_chain_match", 1);
    }

    [Theory]
    [InlineData("", "x-chain: one server.example\r\nx-client: ")]
    [InlineData(", enable_ja3_fingerprinting: true", "x-ja3: [0-9a-f]{32}\r\nx-client: ")]
    [InlineData(", enable_ja4_fingerprinting: true", "x-ja4: t1[23]d[0-9]{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}")]
    public async Task Fingerprints_of_tls_clients_are_taken_where_they_are_wanted(string more, string expected)
    {
        using var running = Run($"listener_filters: [ {TlsInspector.Replace(".TlsInspector", ".TlsInspector" + more, StringComparison.Ordinal)} ]", $"transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]");
        Assert.Matches(expected, await _folder.Get(running.Listener()));
    }

    [Fact]
    public async Task The_tls_inspector_comes_by_itself_when_chains_need_it()
    {
        using var running = Run("", $"filter_chain_match: {{ server_names: [ server.example ] }}, transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]");
        Assert.Contains("x-chain: one", await _folder.Get(running.Listener()));
    }

    [Theory]
    [InlineData("destination_port_range: { start: PORT, end: END }", false)]
    [InlineData("destination_port_range: { start: 1, end: PORT }", true)]
    [InlineData("not_match: { destination_port_range: { start: PORT, end: END } }", true)]
    [InlineData("or_match: { rules: [ { destination_port_range: { start: 1, end: 2 } }, { destination_port_range: { start: PORT, end: END } } ] }", false)]
    [InlineData("and_match: { rules: [ { destination_port_range: { start: 1, end: 2 } }, { any_match: true } ] }", true)]
    [InlineData("any_match: true", false)]
    public async Task A_filter_may_be_disabled_for_some_ports(string condition, bool asks)
    {
        var port = FreePort.Find();
        var disabled = condition.Replace("PORT", $"{port}", StringComparison.Ordinal).Replace("END", $"{port + 1}", StringComparison.Ordinal);
        // The filter waits for the client to say something; nobody else does.
        using var running = new RunningServer(BootstrapOf($"listener_filters_timeout: 0s, listener_filters: [ {HttpInspector[..^1]}, filter_disabled: {{ {disabled} }} }} ]", [$"filters: [ {Direct("greeting")} ]"])
            .Replace("port_value: 0 } }, listener_filters_timeout", $"port_value: {port} }} }}, listener_filters_timeout", StringComparison.Ordinal));
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        if (asks)
        {
            await Until(async () => await Stat(running, "downstream_pre_cx_active") == 1);
            await client.GetStream().WriteAsync("x"u8.ToArray());
        }

        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("greeting", await reader.ReadToEndAsync());
        await ExpectStat(running, "http_inspector.http_not_found", asks ? 1 : 0);
    }

    [Fact]
    public async Task A_request_line_without_end_is_not_waited_for()
    {
        using var running = Run($"listener_filters: [ {HttpInspector} ]", $"filters: [ {HttpFilter("one")} ]");
        Assert.Equal("", await Send(running, "GET /" + new string('a', 70_000)));
        await ExpectStat(running, "http_inspector.read_error", 1);
        await ExpectStat(running, "http.one.downstream_rq_total", 0);
    }

    [Fact]
    public async Task Filters_with_the_same_key_and_bucket_share_it()
    {
        string Limit(string prefix, int tokens) => "{ name: l, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit, "
            + $"stat_prefix: {prefix}, share_key: together, token_bucket: {{ max_tokens: {tokens}, fill_interval: 3600s }} }} }}";
        using var running = Run($"listener_filters: [ {HttpInspector} ]",
            $"filter_chain_match: {{ application_protocols: [ http/1.1 ] }}, filters: [ {Limit("one", 1)}, {HttpFilter("one")} ]",
            $"filter_chain_match: {{ application_protocols: [ http/1.0 ] }}, filters: [ {Limit("two", 1)}, {HttpFilter("two", "http_protocol_options: { accept_http_10: true },")} ]",
            $"filters: [ {Limit("three", 2)}, {Direct("three")} ]");
        Assert.Contains("x-chain: one", await Send(running, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
        Assert.Equal("", await Send(running, "GET / HTTP/1.0\r\n\r\n"));
        Assert.Equal("three", await Send(running, "anything else\r\n"));
        await ExpectStat(running, "local_rate_limit.one.rate_limited", 0);
        await ExpectStat(running, "local_rate_limit.two.rate_limited", 1);
        await ExpectStat(running, "local_rate_limit.three.rate_limited", 0);
    }

    [Fact]
    public async Task Tls_is_passed_through_to_the_cluster_of_its_name()
    {
        using var target = Run("", $"transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("target")} ]");
        using var running = new RunningServer(BootstrapOf($"listener_filters: [ {TlsInspector} ]",
            ["filters: [ { name: sni, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.sni_cluster.v3.SniCluster } }, { name: tcp, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: nowhere } } ]"],
            $"clusters: [ {{ name: server.example, load_assignment: {{ cluster_name: x, endpoints: [ {{ lb_endpoints: [ {{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {target.Listener().Port} }} }} }} }} ] }} ] }} }} ]"));
        Assert.Contains("x-chain: target", await _folder.Get(running.Listener()));
        Assert.Null(await _folder.Get(running.Listener(), host: "unknown.example"));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", "x-chain: h1")]
    [InlineData("GET / HTTP/1.0\r\nhost: a\r\n\r\n", "x-chain: any")]
    [InlineData("SSH-2.0-client\r\n", "raw bytes")]
    public async Task Http_in_clear_text_is_told_from_other_protocols(string request, string expected)
    {
        using var running = Run($"listener_filters: [ {HttpInspector} ]",
            $"filter_chain_match: {{ application_protocols: [ 'http/1.1' ] }}, filters: [ {HttpFilter("h1")} ]",
            $"filter_chain_match: {{ application_protocols: [ 'http/1.0' ] }}, filters: [ {HttpFilter("any", "http_protocol_options: { accept_http_10: true },")} ]",
            $"filters: [ {Direct("raw bytes")} ]");
        Assert.Contains(expected, await Send(running, request));
    }

    [Fact]
    public async Task The_client_behind_a_proxy_is_the_one_its_header_names()
    {
        using var running = Run($"listener_filters: [ {Proxy("rules: [ { tlv_type: 2, on_tlv_present: { key: authority } } ]")} ]", $"filters: [ {HttpFilter("one", "use_remote_address: true,")} ]");
        const string Request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        var first = await Send(running, "PROXY TCP4 203.0.113.7 198.51.100.1 4711 443\r\n" + Request);
        Assert.Contains("x-client: 203.0.113.7:4711 198.51.100.1:443 203.0.113.7 127.0.0.1\r\n", first);
        var second = await Send(running, "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x11\xcb\0\x71\x09\xc6\x33\x64\x01\x12\x67\x01\xbb\x02\0\x02hi" + Request);
        Assert.Contains("x-client: 203.0.113.9:4711 198.51.100.1:443 203.0.113.9 127.0.0.1\r\n", second);
        Assert.Contains("x-tlv: hi\r\n", second);
        var datagrams = await Send(running, "\r\n\r\n\0\r\nQUIT\n\x21\x12\0\x0c\xcb\0\x71\x0a\xc6\x33\x64\x01\x12\x67\x01\xbb" + Request);
        Assert.Contains("x-client: 203.0.113.10:4711 198.51.100.1:443 203.0.113.10 127.0.0.1\r\n", datagrams);
        Assert.Contains("x-client: 127.0.0.1:", await Send(running, "PROXY UNKNOWN\r\n" + Request));
        await ExpectStat(running, "proxy_proto.versions.v1.found", 2);
        await ExpectStat(running, "proxy_proto.versions.v2.found", 2);
    }

    [Fact]
    public async Task The_deprecated_field_of_a_chain_asks_for_the_header_too()
    {
        using var running = Run("", $"use_proxy_proto: true, filters: [ {HttpFilter("one", "use_remote_address: true,")} ]");
        Assert.Contains("x-client: 203.0.113.7:4711 ", await Send(running, "PROXY TCP4 203.0.113.7 198.51.100.1 4711 443\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
        Assert.Equal("", await Send(running, "GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\n\r\n", "proxy_proto.not_found_disallowed")]
    [InlineData("PROXY TCP4 203.0.113.7 198.51.100.1 99999 443\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", "proxy_proto.versions.v1.error")]
    [InlineData("PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "proxy_proto.not_found_disallowed")]
    [InlineData("PROXY TCP4 0.0.0.0 198.51.100.1 1 443\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", "proxy_proto.versions.v1.error")]
    [InlineData("PROXY TCP4 224.0.0.1 198.51.100.1 1 443\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", "proxy_proto.versions.v1.error")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x31\0\0GET / HTTP/1.1\r\nhost: a\r\n\r\n", "proxy_proto.versions.v2.error")]
    public async Task What_is_no_good_proxy_header_is_never_taken_for_a_request(string bytes, string statistic)
    {
        using var running = Run($"listener_filters: [ {Proxy()} ]", $"filters: [ {HttpFilter("one")} ]");
        Assert.Equal("", await Send(running, bytes));
        await ExpectStat(running, statistic, 1);
        await ExpectStat(running, "downstream_cx_proxy_proto_error", 1);
        await ExpectStat(running, "listener_filter_error", 1);
        Assert.Equal(0, await Stat(running, "http.one.downstream_rq_total"));
    }

    [Theory]
    [InlineData("", "203.0.113.7", "", "proxy_proto.versions.v1.disallowed")]
    [InlineData("", "nobody", "", "proxy_proto.versions.v1.disallowed")]
    [InlineData(", allow_requests_without_proxy_protocol: true", "203.0.113.7", "HTTP/1.1 400 Bad Request", "proxy_proto.not_found_allowed")]
    public async Task A_header_of_a_version_that_is_not_wanted_is_refused_or_where_none_is_needed_is_none(string more, string source, string answer, string statistic)
    {
        using var running = Run($"listener_filters: [ {Proxy("disallowed_versions: [ V1 ]" + more)} ]", $"filters: [ {HttpFilter("one")} ]");
        Assert.StartsWith(answer, await Send(running, $"PROXY TCP4 {source} 198.51.100.1 1 443\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n"), StringComparison.Ordinal);
        await ExpectStat(running, statistic, 1);
        await ExpectStat(running, "proxy_proto.versions.v1.error", 0);
    }

    [Fact]
    public async Task Clients_without_a_proxy_header_are_let_in_where_that_is_allowed()
    {
        using var running = Run($"listener_filters: [ {Proxy("allow_requests_without_proxy_protocol: true")} ]", $"filters: [ {HttpFilter("one")} ]");
        Assert.Contains("x-chain: one", await Send(running, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
        await ExpectStat(running, "proxy_proto.not_found_allowed", 1);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "late")]
    public async Task A_client_that_says_nothing_is_closed_or_goes_on_after_the_timeout(bool goesOn, string expected)
    {
        using var running = Run($"listener_filters: [ {TlsInspector} ], listener_filters_timeout: 0.1s, continue_on_listener_filters_timeout: {(goesOn ? "true" : "false")}", $"filters: [ {Direct("late")} ]");
        Assert.Equal(expected, await Send(running, ""));
        await ExpectStat(running, "downstream_pre_cx_timeout", 1);
        await ExpectStat(running, "downstream_pre_cx_active", 0);
    }

    [Fact]
    public async Task Connections_beyond_a_rate_are_closed_by_the_listener_or_by_the_chain()
    {
        const string Bucket = "token_bucket: { max_tokens: 1, fill_interval: 3600s }";
        using var early = Run($"listener_filters: [ {{ name: r, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit, stat_prefix: p, {Bucket} }} }} ]", $"filters: [ {Direct("in")} ]");
        Assert.Equal(("in", ""), (await Send(early, ""), await Send(early, "")));
        await ExpectStat(early, "listener_local_ratelimit.p.rate_limited", 1);
        using var late = Run("", $"filters: [ {{ name: r, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit, stat_prefix: p, {Bucket} }} }}, {Direct("in")} ]");
        Assert.Equal(("in", ""), (await Send(late, ""), await Send(late, "")));
        await ExpectStat(late, "local_rate_limit.p.rate_limited", 1);
    }

    [Fact]
    public async Task Connections_beyond_a_number_are_closed_and_places_are_given_back()
    {
        using var running = Run("", "filters: [ { name: l, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit, stat_prefix: p, max_connections: 1 } }, { name: e, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo } } ]");
        using (var first = new TcpClient())
        {
            await first.ConnectAsync(running.Listener());
            await first.GetStream().WriteAsync("x"u8.ToArray());
            Assert.Equal(1, await first.GetStream().ReadAsync(new byte[1]));
            Assert.Equal("", await Send(running, "one too many"));
            await ExpectStat(running, "connection_limit.p.limited_connections", 1);
            await ExpectStat(running, "connection_limit.p.active_connections", 1);
        }

        await Until(async () => await Stat(running, "connection_limit.p.active_connections") == 0);
        Assert.Equal("again", await Send(running, "again", end: true));
    }

    private static string Proxy(string more = "") =>
        $"{{ name: proxy, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol{(more.Length > 0 ? ", " + more : "")} }} }}";
}
