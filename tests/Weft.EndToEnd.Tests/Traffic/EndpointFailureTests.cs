using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>close_connections_on_host_health_failure: what becomes of TCP connections to a server that begins to fail its checks.</summary>
public sealed class EndpointFailureTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task Connections_end_when_their_server_fails_its_checks_if_that_is_wanted(string closes, bool ends)
    {
        using var probe = ScriptedUpstream.ListenOn(new IPEndPoint(IPAddress.Loopback, 0));
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                await peer.ReadUntilAsync("?");
                peer.Forget();
                await peer.SendAsync("!");
            }
        });
        await using var weft = await WeftProcess.StartAsync(Yaml(upstream.Port, ((IPEndPoint)probe.LocalEndPoint!).Port, closes));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await AskAsync(client);

        probe.Dispose();
        await Wait.Until(async () => (await weft.GetAdmin("/clusters")).Contains("health_flags::/failed_active_hc", StringComparison.Ordinal), "the check to fail");
        if (ends)
            Assert.Equal("", await client.ReadToEndAsync());
        else
            await AskAsync(client);
    }

    private static async Task AskAsync(RawPeer client)
    {
        await client.SendAsync("?");
        await client.ReadUntilAsync("!");
        client.Forget();
    }

    private static string Yaml(int port, int probePort, string closes) => Configs.TcpProxy(port)
        .Replace("  - name: backend\n", $"""
              - name: backend
                close_connections_on_host_health_failure: {closes}
                health_checks: [ {"{"} timeout: 60s, interval: 0.5s, no_traffic_interval: 0.5s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {"{}"} {"}"} ]

            """, StringComparison.Ordinal)
        .Replace("endpoint: { address:", $"endpoint: {{ health_check_config: {{ port_value: {probePort} }}, address:", StringComparison.Ordinal);
}
