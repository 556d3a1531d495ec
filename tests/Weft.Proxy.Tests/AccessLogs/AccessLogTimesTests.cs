using System.Net;
using System.Net.Sockets;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.AccessLogs;

/// <summary>Lines about requests and connections that have not ended, in a running server before an upstream that says nothing.</summary>
public sealed class AccessLogTimesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-test-");
    private readonly Socket _upstream = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public AccessLogTimesTests()
    {
        _upstream.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _upstream.Listen();
    }

    private string LogPath => Path.Combine(_directory.FullName, "access.log");

    private string AccessLog =>
        "access_log: [ { name: file, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: "
        + LogPath + ", log_format: { text_format_source: { inline_string: \"%ACCESS_LOG_TYPE% %RESPONSE_CODE% %UPSTREAM_CLUSTER%\\n\" } } } } ]";

    [Theory]
    [InlineData("access_log_options: { flush_access_log_on_new_request: true, access_log_flush_interval: 0.005s }")]
    [InlineData("flush_access_log_on_new_request: true", "access_log_flush_interval: 0.005s")]
    public async Task A_request_is_logged_when_it_begins_while_it_lasts_and_when_it_ends(params string[] options)
    {
        using var server = new RunningServer(Yaml("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        [
            .. options,
            "http_filters: [ { name: envoy.filters.http.router, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]",
            "route_config: { virtual_hosts: [ { name: all, domains: [\"*\"], routes: [ { match: { prefix: / }, route: { cluster: silent } } ] } ] }",
        ]));
        using (var client = Connect(server))
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
            var lines = await UntilAsync(lines => lines.Contains("DownstreamPeriodic 0 silent"));
            Assert.Equal("DownstreamStart 0 silent", lines[0]);
            Assert.DoesNotContain(lines, line => line.StartsWith("DownstreamEnd", StringComparison.Ordinal));
        }

        await UntilAsync(lines => lines[^1] == "DownstreamEnd 0 silent");
    }

    [Theory]
    [InlineData("route: { cluster: silent }", "DownstreamEnd 503 silent")]
    [InlineData("direct_response: { status: 200 }", "DownstreamEnd 503 -")]
    public async Task A_request_that_a_filter_answers_is_logged_with_the_cluster_of_its_route(string action, string expected)
    {
        using var server = new RunningServer(Yaml("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        [
            "http_filters:",
            "- { name: fault, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, abort: { http_status: 503, percentage: { numerator: 100 } } } }",
            "- { name: router, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }",
            $"route_config: {{ virtual_hosts: [ {{ name: all, domains: [\"*\"], routes: [ {{ match: {{ prefix: / }}, {action} }} ] }} ] }}",
        ]));
        using var client = Connect(server);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        await UntilAsync(lines => lines[^1] == expected);
    }

    [Fact]
    public async Task A_connection_is_logged_when_its_upstream_is_connected_while_it_lasts_and_when_it_ends()
    {
        using var server = new RunningServer(Yaml("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
            "cluster: silent", "access_log_options: { flush_access_log_on_connected: true, access_log_flush_interval: 0.005s }"));
        using (Connect(server))
        {
            using var accepted = await _upstream.AcceptAsync();
            await UntilAsync(lines => lines.Contains("TcpUpstreamConnected 0 silent") && lines.Contains("TcpPeriodic 0 silent"));
        }

        await UntilAsync(lines => lines[^1] == "TcpConnectionEnd 0 silent");
    }

    [Fact]
    public void Old_and_new_fields_together_are_refused()
    {
        var yaml = Yaml("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
            "cluster: silent", "flush_access_log_on_connected: true", "access_log_options: { access_log_flush_interval: 1s }");
        using var server = Server.Create(new ServerOptions { ConfigYaml = yaml, Mode = ServerMode.Validate, Concurrency = 1 }, out var findings);
        Assert.Equal("Only one of flush_access_log_on_connected or access_log_options can be specified.", Assert.Single(findings.Errors).Text);
    }

    public void Dispose()
    {
        _upstream.Dispose();
        _directory.Delete(recursive: true);
    }

    private static Socket Connect(RunningServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(server.Listener());
        return socket;
    }

    private async Task<string[]> UntilAsync(Func<string[], bool> condition)
    {
        for (var tries = 0; tries < 12_000; tries++)
        {
            var text = File.Exists(LogPath) ? await File.ReadAllTextAsync(LogPath) : "";
            var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length > 0 && condition(lines))
                return lines;
            await Task.Delay(10);
        }

        throw new TimeoutException(await File.ReadAllTextAsync(LogPath));
    }

    private string Yaml(string type, params string[] fields) => $$"""
        static_resources:
          clusters:
          - name: silent
            load_assignment: { cluster_name: silent, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{((IPEndPoint)_upstream.LocalEndPoint!).Port}} } } } } ] } ] }
          listeners:
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: filter
                typed_config:
                  "@type": type.googleapis.com/{{type}}
                  stat_prefix: web
                  {{string.Join("\n          ", [AccessLog, .. fields])}}
        """;
}
