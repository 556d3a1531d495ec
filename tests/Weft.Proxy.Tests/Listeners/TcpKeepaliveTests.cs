using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Weft.Proxy.Tests.Listeners;

/// <summary>tcp_keepalive of listeners, as the kernel tells of the connections that come.</summary>
public sealed class TcpKeepaliveTests
{
    /// <summary>Of the kernel's table.</summary>
    private const int TicksPerSecond = 100;

    [Theory]
    [InlineData("tcp_keepalive: { keepalive_time: 30 }, #MORE", 30, 30)]
    [InlineData("tcp_keepalive: { keepalive_time: 30 }, #MORE, tcp_keepalive: { keepalive_time: 3000 }", 30, 3000)]
    [InlineData("#MORE, tcp_keepalive: { keepalive_time: 3000 }", 0, 3000)]
    [InlineData("#MORE", 0, 0)]
    public async Task Each_address_has_its_own_or_that_of_the_listener(string listener, int main, int additional)
    {
        const string More = "additional_addresses: [ { address: { socket_address: { address: 127.0.0.2, port_value: 0 } }";
        using var running = TestListener.Run($"{listener.Replace("#MORE", More, StringComparison.Ordinal)} }} ]", "filters: [ { name: e, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo } } ]");
        var lines = (await running.Admin!.GetStringAsync("listeners")).Split('\n');
        foreach (var (address, seconds) in ((string, int)[])[("127.0.0.1", main), ("127.0.0.2", additional)])
        {
            var to = IPEndPoint.Parse(lines.Single(line => line.StartsWith($"web::{address}:", StringComparison.Ordinal))["web::".Length..]);
            Assert.Equal(seconds, SecondsUntilProbe(to));
        }
    }

    /// <summary>Of the server's end of a connection that has just been accepted; rounded up to what could be configured, 0: it is not probed.</summary>
    private static int SecondsUntilProbe(IPEndPoint to)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(to);
        // What comes back tells that the connection was accepted, and acknowledges what was sent.
        client.Send("x"u8);
        Assert.Equal(1, client.Receive(new byte[1]));
        var (server, peer) = ($":{to.Port:X4}", $":{((IPEndPoint)client.LocalEndPoint!).Port:X4}");
        var row = File.ReadLines("/proc/net/tcp").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(row => row[1].EndsWith(server, StringComparison.Ordinal) && row[2].EndsWith(peer, StringComparison.Ordinal));
        var timer = row[5].Split(':');
        if (timer[0] != "02")
            return 0;
        return int.Parse(timer[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= 30 * TicksPerSecond ? 30 : 3000;
    }
}
