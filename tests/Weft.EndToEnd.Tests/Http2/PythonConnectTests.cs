using System.Globalization;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Http2;

/// <summary>CONNECT and extended CONNECT (RFC 8441) as python3-h2 speaks them.</summary>
public sealed class PythonConnectTests
{
    private const string Terminating = "              - { match: { connect_matcher: {} }, route: { cluster: backend, upgrade_configs: [ { upgrade_type: CONNECT, connect_config: {} } ] } }";

    [PythonFact("h2", "python3-h2")]
    public async Task A_connect_is_a_tcp_connection_whose_ends_pass()
    {
        using var echo = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.SendAsync(await peer.ReadUntilAsync("hello"));
            await peer.ReadToEndAsync();
            await peer.SendAsync(", and goodbye");
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(echo.Port, routes: Terminating));

        Assert.Equal("enable_connect_protocol 0\nstatus 200\nreceived hello, and goodbye\n", await ConnectAsync(weft, ""));
    }

    [PythonFact("h2", "python3-h2")]
    public async Task A_websocket_comes_by_extended_connect()
    {
        using var server = new ScriptedUpstream(async (peer, _) =>
        {
            Assert.StartsWith("GET /chat HTTP/1.1\r\n", await peer.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
            peer.Forget();
            await peer.SendAsync("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
            await peer.SendAsync(await peer.ReadUntilAsync("hello"));
            await peer.ReadToEndAsync();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(
            server.Port, manager: "          upgrade_configs: [ { upgrade_type: websocket } ]\n          http2_protocol_options: { allow_connect: true }"));

        Assert.Equal("enable_connect_protocol 1\nstatus 200\nreceived hello\n", await ConnectAsync(weft, "websocket"));
    }

    [PythonFact("h2", "python3-h2")]
    public async Task A_connect_to_nobody_is_503_and_one_that_no_route_wants_404()
    {
        await using var dead = await WeftProcess.StartAsync(Configs.HttpProxy(1, routes: Terminating));
        await using var none = await WeftProcess.StartAsync(Configs.HttpProxy(1));

        Assert.Contains("status 503\n", await ConnectAsync(dead, ""), StringComparison.Ordinal);
        Assert.Contains("status 404\n", await ConnectAsync(none, ""), StringComparison.Ordinal);
    }

    [PythonFact("h2", "python3-h2")]
    public async Task An_extended_connect_that_is_not_allowed_ends_the_connection()
    {
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(1));

        Assert.Contains("goaway 1\n", await ConnectAsync(weft, "websocket"), StringComparison.Ordinal);
    }

    private static async Task<string> ConnectAsync(WeftProcess weft, string protocol)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Http2", "connect.py");
        var port = (await weft.Port("web")).ToString(CultureInfo.InvariantCulture);
        var (_, output, error) = await Shell.RunAsync(PythonProcess.Program, [script, port, .. protocol.Length > 0 ? new[] { protocol } : []]);
        return output + error;
    }
}
