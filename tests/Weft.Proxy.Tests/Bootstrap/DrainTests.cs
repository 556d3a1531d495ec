using System.Net.Sockets;
using Weft.Net;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tests.Bootstrap;

public sealed class DrainTests
{
    private const uint VeryLongSeconds = 1_000_000;

    private const string Bootstrap = """
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
          - name: ingress
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: ingress
                  route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }] }
                  http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
        """;

    [Fact]
    public async Task Responses_ask_for_close_at_once_if_told_to()
    {
        using var running = new RunningServer(Bootstrap, new ServerOptions { DrainStrategy = DrainStrategy.Immediate, DrainTimeSeconds = VeryLongSeconds });
        using var client = new HttpClient { BaseAddress = new Uri($"http://{running.Listener()}/") };
        Assert.False(await AsksForCloseAsync(client));
        (await running.Admin!.PostAsync("drain_listeners?graceful", null)).Dispose();
        // The worker hears of it a moment later.
        var deadline = Environment.TickCount64 + 120_000;
        while (!await AsksForCloseAsync(client) && Environment.TickCount64 < deadline)
            await Task.Yield();
        Assert.True(await AsksForCloseAsync(client));
    }

    [Fact]
    public async Task Responses_ask_for_close_little_by_little_by_default()
    {
        using var running = new RunningServer(Bootstrap, new ServerOptions { DrainTimeSeconds = VeryLongSeconds });
        using var client = new HttpClient { BaseAddress = new Uri($"http://{running.Listener()}/") };
        (await running.Admin!.PostAsync("drain_listeners?graceful", null)).Dispose();
        for (var i = 0; i < 50; i++)
            Assert.False(await AsksForCloseAsync(client));
    }

    [Fact]
    public async Task A_stop_asks_all_clients_at_once_whatever_the_strategy()
    {
        using var running = new RunningServer(Bootstrap, new ServerOptions { DrainTimeSeconds = VeryLongSeconds, DrainTimeIsGiven = true });
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        Assert.NotEqual(0, await client.GetStream().ReadAsync(new byte[4096]));
        running.Server.Stop();
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[4096]));
        Assert.Equal(0, running.WaitForExit());
    }

    [Theory]
    [InlineData(false, NetAddressKind.IPv4)]
    [InlineData(true, NetAddressKind.IPv6)]
    public void The_proxys_own_address_is_of_the_kind_that_was_asked_for(bool isIPv6, NetAddressKind kind) => Assert.Equal(kind, OwnAddress.Find(isIPv6).Kind);

    private static async Task<bool> AsksForCloseAsync(HttpClient client)
    {
        using var response = await client.GetAsync("");
        return response.Headers.ConnectionClose ?? false;
    }
}
