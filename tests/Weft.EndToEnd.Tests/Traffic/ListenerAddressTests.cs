using System.Net;
using System.Net.Sockets;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Where a proxy listens, where it connects to, and how many it lets in.</summary>
public sealed class ListenerAddressTests
{
    private const string Request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    private const string Loopback = "{ socket_address: { address: 127.0.0.1, port_value: ";

    [Fact]
    public async Task Both_sides_can_be_unix_domain_sockets()
    {
        var directory = Directory.CreateTempSubdirectory("weft-pipe-").FullName;
        try
        {
            var (front, back) = (Path.Combine(directory, "front.sock"), Path.Combine(directory, "back.sock"));
            using var listening = ScriptedUpstream.ListenOn(new UnixDomainSocketEndPoint(back));
            using var upstream = new ScriptedUpstream(AnswerOnce, listening);
            var yaml = Configs.HttpProxy(1)
                .Replace(Loopback + "0 } }", $$"""{ pipe: { path: "{{front}}", mode: 0600 } }""", StringComparison.Ordinal)
                .Replace(Loopback + "1 } }", $$"""{ pipe: { path: "{{back}}" } }""", StringComparison.Ordinal);
            await using var weft = await WeftProcess.StartAsync(yaml);

            Assert.Contains($"web::{front}\n", await weft.GetAdmin("/listeners"), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(front));
            await AssertAnsweredAsync(new UnixDomainSocketEndPoint(front));
            Assert.Contains($"backend::{back}::rq_success::1\n", await weft.GetAdmin("/clusters"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Both_sides_can_be_IPv6()
    {
        using var listening = ScriptedUpstream.ListenOn(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        using var upstream = new ScriptedUpstream(AnswerOnce, listening);
        var yaml = Configs.HttpProxy(upstream.Port).Replace("address: 127.0.0.1,", "address: \"::1\",", StringComparison.Ordinal);
        await using var weft = await WeftProcess.StartAsync(yaml);

        Assert.Contains("web::[::1]:", await weft.GetAdmin("/listeners"), StringComparison.Ordinal);
        await AssertAnsweredAsync(new IPEndPoint(IPAddress.IPv6Loopback, await weft.Port("web")));
        Assert.Contains($"backend::[::1]:{upstream.Port}::rq_success::1\n", await weft.GetAdmin("/clusters"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Additional_addresses_serve_the_same()
    {
        using var upstream = new ScriptedUpstream(AnswerOnce);
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, listener: """
                additional_addresses:
                - address: { socket_address: { address: 127.0.0.2, port_value: 0 } }
                - address: { socket_address: { address: "::1", port_value: 0 } }
            """));

        var lines = (await weft.GetAdmin("/listeners")).Trim().Split('\n');
        var addresses = lines.Select(line => IPEndPoint.Parse(line["web::".Length..])).ToList();
        Assert.Equal(["127.0.0.1", "127.0.0.2", "::1"], addresses.Select(address => address.Address.ToString()));
        foreach (var address in addresses)
            await AssertAnsweredAsync(address);
        await weft.WaitForStat("http.web.downstream_cx_total", 3);
    }

    [Fact]
    public async Task Connections_beyond_the_listeners_limit_are_closed_at_once()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("pong"));
        await using var weft = await WeftProcess.StartAsync(
            "layered_runtime: { layers: [{ name: base, static_layer: { envoy.resource_limits.listener.web.connection_limit: 2 } }] }\n"
            + Configs.HttpProxy(upstream.Port, listener: "    stat_prefix: web"));
        var port = await weft.Port("web");
        using var first = await RawPeer.ConnectAsync(port);
        using var second = await RawPeer.ConnectAsync(port);
        await PingAsync(first);
        await PingAsync(second);

        using var third = await RawPeer.ConnectAsync(port);
        Assert.Equal("", await third.ReadToEndAsync());
        await weft.ExpectStat("listener.web.downstream_cx_overflow", 1);

        // The others are not touched, and one who leaves makes room.
        await PingAsync(first);
        second.Dispose();
        await Wait.Until(async () => await weft.Stat("listener.web.downstream_cx_active") == 1, "the second connection to be gone");
        using var fourth = await RawPeer.ConnectAsync(port);
        await PingAsync(fourth);
    }

    private static async Task AnswerOnce(RawPeer peer, int number)
    {
        await peer.ReadUntilAsync("\r\n\r\n");
        await peer.SendAsync(ScriptedUpstream.Ok("pong"));
    }

    private static async Task PingAsync(RawPeer client)
    {
        client.Forget();
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await client.ReadUntilAsync("pong");
    }

    private static async Task AssertAnsweredAsync(EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        using var client = new RawPeer(socket);
        await socket.ConnectAsync(address);
        await client.SendAsync(Request);
        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\npong", answer, StringComparison.Ordinal);
    }
}
