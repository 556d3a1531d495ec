using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Tests.XdsClient;

namespace Weft.Proxy.Tests.Listeners;

/// <summary>A listener whose filter chains change while clients are connected: only those of chains that changed must go.</summary>
public sealed class FilterChainUpdateTests : IDisposable
{
    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Connections_of_an_unchanged_chain_live_on_and_those_of_a_changed_one_drain()
    {
        await Start();
        using var first = await Connect("127.0.0.2");
        using var second = await Connect("127.0.0.3");
        Assert.Contains("first", await Ask(first), StringComparison.Ordinal);
        Assert.Contains("second", await Ask(second), StringComparison.Ordinal);

        await Change(text => text.Replace("inline_string: second", "inline_string: changed", StringComparison.Ordinal));

        await ExpectStat("listener_modified", 1);
        await ExpectStat("total_filter_chains_draining", 1);
        await ExpectStat("total_listeners_draining", 0);
        var drained = await Ask(second);
        Assert.Contains("second", drained, StringComparison.Ordinal);
        Assert.Contains("connection: close", drained, StringComparison.Ordinal);
        Assert.DoesNotContain("connection: close", await Ask(first), StringComparison.Ordinal);
        using (var third = await Connect("127.0.0.3"))
            Assert.Contains("changed", await Ask(third), StringComparison.Ordinal);
        await DynamicFiles.Until(async () => await Stat("total_filter_chains_draining") == 0, "the chain to be gone");
        Assert.DoesNotContain("connection: close", await Ask(first), StringComparison.Ordinal);
        await _files.ExpectStat("http.first.downstream_rq_total", 3);
        first.Dispose();
        await DynamicFiles.Until(async () => !(await _files.Admin("stats?filter=^listener\\.127.*downstream_cx_active")).Contains(": 1", StringComparison.Ordinal), "no connection");
    }

    [Fact]
    public async Task A_connection_outlives_several_updates_of_other_chains()
    {
        await Start();
        using var first = await Connect("127.0.0.2");
        Assert.Contains("first", await Ask(first), StringComparison.Ordinal);
        for (var i = 1; i < 4; i++)
        {
            var text = $"inline_string: second{i}";
            await Change(file => file.Replace("inline_string: second", text, StringComparison.Ordinal), i);
        }

        Assert.DoesNotContain("connection: close", await Ask(first), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_that_is_added_or_removed_leaves_the_others_alone()
    {
        await Start(Chain("first", "127.0.0.2"));
        using var first = await Connect("127.0.0.2");
        Assert.Contains("first", await Ask(first), StringComparison.Ordinal);

        _files.Write("lds.yaml", Listener(Chain("first", "127.0.0.2") + Chain("second", "127.0.0.3")));
        await DynamicFiles.Until(async () => await Stat("listener_in_place_updated") == 1, "the second chain");
        using var second = await Connect("127.0.0.3");
        Assert.Contains("second", await Ask(second), StringComparison.Ordinal);

        _files.Write("lds.yaml", Listener(Chain("second", "127.0.0.3")));
        await DynamicFiles.Until(async () => await Stat("listener_in_place_updated") == 2, "the first chain to go");
        Assert.Contains("connection: close", await Ask(first), StringComparison.Ordinal);
        Assert.DoesNotContain("connection: close", await Ask(second), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_listener_filters_look_at_gets_the_chain_of_the_update()
    {
        await Start(Chain("first", "127.0.0.2") + Chain("second", "127.0.0.3"), "listener_filters: [{ name: p, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol } }]");
        using var socket = await Connect("127.0.0.9");
        await DynamicFiles.Until(async () => (await _files.Admin("stats?filter=downstream_pre_cx_active")).Contains(": 1", StringComparison.Ordinal), "the connection");

        await Change(text => text.Replace("inline_string: second", "inline_string: changed", StringComparison.Ordinal));

        await socket.GetStream().WriteAsync("PROXY TCP4 127.0.0.3 127.0.0.1 5000 80\r\n"u8.ToArray());
        var answer = await Ask(socket);
        Assert.Contains("changed", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("connection: close", answer, StringComparison.Ordinal);
        await DynamicFiles.Until(async () => await Stat("total_filter_chains_draining") == 0, "nothing to drain");
    }

    [Fact]
    public async Task More_than_filter_chains_makes_another_listener_and_all_its_connections_drain()
    {
        await Start();
        using var first = await Connect("127.0.0.2");
        Assert.Contains("first", await Ask(first), StringComparison.Ordinal);

        _files.Write("lds.yaml", Listener(Chain("first", "127.0.0.2"), "per_connection_buffer_limit_bytes: 100000"));
        await DynamicFiles.Until(async () => await Stat("total_listeners_draining") == 1, "the change");

        Assert.Contains("connection: close", await Ask(first), StringComparison.Ordinal);
        Assert.Equal(0, await Stat("listener_in_place_updated"));
    }

    private static string Chain(string name, string client) => $$"""
          - name: {{name}}
            filter_chain_match: { source_prefix_ranges: [{ address_prefix: {{client}}, prefix_len: 32 }] }
            filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: {{name}}
                route_config: { virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: {{name}} } } }] }] }
                http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]

        """;

    private static string Listener(string chains, string fields = "") => $$"""
        resources:
        - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
          name: web
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          {{fields}}
          filter_chains:

        """ + chains;

    private async Task Start(string? chains = null, string fields = "")
    {
        _files.Write("lds.yaml", Listener(chains ?? Chain("first", "127.0.0.2") + Chain("second", "127.0.0.3"), fields));
        await _files.Start("dynamic_resources: { lds_config: { path: FOLDER/lds.yaml } }", new Weft.Proxy.Bootstrap.ServerOptions { DrainStrategy = Weft.Proxy.Bootstrap.DrainStrategy.Immediate });
    }

    private async Task Change(Func<string, string> change, int updates = 1)
    {
        _files.Write("lds.yaml", change(await File.ReadAllTextAsync(_files.PathOf("lds.yaml"))));
        await DynamicFiles.Until(async () => await Stat("listener_in_place_updated") == updates, "the update");
    }

    private Task<long> Stat(string name) => _files.Stat("listener_manager." + name);

    private Task ExpectStat(string name, long value) => _files.ExpectStat("listener_manager." + name, value);

    private async Task<TcpClient> Connect(string from)
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(IPAddress.Loopback, _files.Server.Listener().Port);
        return client;
    }

    /// <summary>One request, and what came back until the body's end.</summary>
    private static async Task<string> Ask(TcpClient client)
    {
        var stream = client.GetStream();
        await stream.WriteAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        var buffer = new byte[4096];
        var text = "";
        while (!text.Contains("\r\n\r\n", StringComparison.Ordinal) || text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer);
            Assert.True(count > 0, "the connection was closed: " + text);
            text += Encoding.ASCII.GetString(buffer, 0, count);
        }

        return text;
    }
}
