using System.Net;
using System.Net.Sockets;

namespace Weft.Net.Tests;

/// <summary>Outgoing connections that fail, and the families of addresses.</summary>
public sealed class ConnectTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly TestLoop _test;

    public ConnectTests() => _test = new TestLoop(_time);

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_refused_connection_is_told_with_its_errno()
    {
        var client = _test.Connect(_test.Refusing());
        Assert.Null(client.Closed);
        _test.Until(() => client.Closed is not null);
        Assert.Equal(CloseReason.ConnectFailed, client.Closed);
        Assert.Equal(111, client.Connection.LastError);
        Assert.False(client.Connected);
    }

    [Fact]
    public void A_connection_not_established_in_time_is_given_up()
    {
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var address = NetAddress.FromIP(IPAddress.Loopback, ((IPEndPoint)full.LocalEndPoint!).Port);
        // The system drops handshakes once the queue of connections that nobody accepts is full.
        var clients = Enumerable.Range(0, 6).Select(_ => _test.Connect(address, timeoutMs: 250)).ToList();
        _test.Until(() => clients.Any(c => c.Connected));
        _test.Settle();
        var waiting = clients.Where(c => !c.Connected).ToList();
        Assert.NotEmpty(waiting);
        _time.AdvanceMs(249);
        _test.Settle();
        Assert.All(waiting, c => Assert.Null(c.Closed));
        _time.AdvanceMs(1);
        _test.Until(() => waiting.All(c => c.Closed == CloseReason.ConnectTimeout));
        Assert.All(clients.Where(c => c.Connected), c => Assert.Null(c.Closed));
    }

    [Fact]
    public void Closing_while_connecting_ends_the_attempt()
    {
        var listener = _test.Listen();
        var now = _test.Connect(listener.LocalAddress);
        now.Do(c => c.Close(CloseMode.Now));
        var flush = _test.Connect(listener.LocalAddress);
        flush.Do(c => c.Close(CloseMode.Flush));
        _time.AdvanceMs(1);
        _test.Until(() => flush.Closed == CloseReason.Local);
        _test.Settle();
        Assert.Null(now.Closed);
        Assert.False(now.Connected);
    }

    [Fact]
    public void A_missing_unix_socket_fails_the_connection_not_the_call()
    {
        var client = _test.Connect(NetAddress.FromUnixPath(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))));
        Assert.Null(client.Closed);
        _test.Until(() => client.Closed == CloseReason.ConnectFailed);
        Assert.Equal(2, client.Connection.LastError);
    }

    [Fact]
    public void A_unix_path_that_is_too_long_fails_the_connection()
    {
        var client = _test.Connect(NetAddress.FromUnixPath("/" + new string('x', 200)));
        _test.Until(() => client.Closed == CloseReason.ConnectFailed);
        Assert.Equal(36, client.Connection.LastError);
    }

    [Fact]
    public void The_source_address_can_be_chosen()
    {
        var source = NetAddress.FromIP(IPAddress.Parse("127.0.0.2"), 0);
        var (client, server) = _test.Pair(connect: new ConnectOptions { Source = source, KeepAlive = new TcpKeepAlive(3, 60, 10) });
        Assert.Equal("127.0.0.2", server.Connection.RemoteAddress.ToIPAddress().ToString());
        Assert.Equal(client.Connection.LocalAddress, server.Connection.RemoteAddress);
        Assert.Equal(client.Connection.RemoteAddress, server.Connection.LocalAddress);
    }

    [Fact]
    public void The_source_address_follows_the_ip_version_of_the_peer()
    {
        var options = new ConnectOptions { Source = NetAddress.FromIP(IPAddress.IPv6Loopback, 0), OtherSources = [NetAddress.FromIP(IPAddress.Parse("127.0.0.3"), 0)] };
        var (_, server) = _test.Pair(connect: options);
        Assert.Equal("127.0.0.3", server.Connection.RemoteAddress.ToIPAddress().ToString());
    }

    [Fact]
    public void A_source_address_of_another_host_fails_the_connection()
    {
        var source = NetAddress.FromIP(IPAddress.Parse("192.0.2.1"), 0);
        var client = _test.Connect(TestLoop.AnyPort.WithPort(80), options: new ConnectOptions { Source = source });
        _test.Until(() => client.Closed == CloseReason.ConnectFailed);
        Assert.Equal(99, client.Connection.LastError);
    }

    [Fact]
    public void IPv6_connections_work()
    {
        if (!Socket.OSSupportsIPv6)
            return;
        var (client, server) = _test.Pair(NetAddress.FromIP(IPAddress.IPv6Loopback, 0));
        server.Echo();
        client.Do(c => c.Write("six"u8));
        _test.Until(() => client.Text == "six");
        Assert.Equal(NetAddressKind.IPv6, server.Connection.RemoteAddress.Kind);
        Assert.StartsWith("[::1]:", server.Connection.RemoteAddress.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_IPv6_wildcard_with_compatibility_takes_IPv4_and_shows_it_as_such()
    {
        if (!Socket.OSSupportsIPv6)
            return;
        var listener = _test.Listen(NetAddress.FromIP(IPAddress.IPv6Any, 0), new ListenOptions { IPv4Compat = true });
        var client = _test.Connect(NetAddress.FromIP(IPAddress.Loopback, listener.LocalAddress.Port));
        _test.Until(() => client.Connected && _test.Accepted.Count == 1);
        Assert.Equal(NetAddressKind.IPv4, _test.Accepted[0].Connection.RemoteAddress.Kind);
        Assert.Equal(client.Connection.RemoteAddress, _test.Accepted[0].Connection.LocalAddress);
    }

    [Fact]
    public void An_IPv6_wildcard_without_compatibility_takes_no_IPv4()
    {
        if (!Socket.OSSupportsIPv6)
            return;
        var listener = _test.Listen(NetAddress.FromIP(IPAddress.IPv6Any, 0));
        var client = _test.Connect(NetAddress.FromIP(IPAddress.Loopback, listener.LocalAddress.Port));
        _test.Until(() => client.Closed == CloseReason.ConnectFailed);
    }

    [Fact]
    public void Unix_sockets_work_replace_a_stale_file_and_get_their_mode()
    {
        var path = Path.Combine(Path.GetTempPath(), $"weft-{Guid.NewGuid():N}.sock");
        try
        {
            for (var round = 0; round < 2; round++)
            {
                var (client, server) = _test.Pair(NetAddress.FromUnixPath(path, mode: 0x180));
                server.Echo();
                client.Do(c => c.Write(new byte[1_000_000]));
                client.Do(c => c.ShutdownWrite());
                _test.Until(() => client.Closed == CloseReason.Remote);
                Assert.Equal(1_000_000, client.Received.Length);
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
                Assert.Equal(path, server.Connection.LocalAddress.ToString());
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_no_socket_is_not_replaced()
    {
        var path = Path.GetTempFileName();
        try
        {
            var e = Assert.Throws<NetException>(() => ListenSocket.Bind(NetAddress.FromUnixPath(path), new ListenOptions()));
            Assert.Equal("bind: Address already in use", e.Message);
            Assert.True(File.Exists(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Abstract_unix_sockets_work()
    {
        var address = NetAddress.FromUnixPath($"@weft-{Guid.NewGuid():N}");
        var (client, server) = _test.Pair(address);
        server.Echo();
        client.Do(c => c.Write("abstract"u8));
        _test.Until(() => client.Text == "abstract");
        Assert.Equal(address, server.Connection.LocalAddress);
    }

    [Fact]
    public void A_unix_peer_that_is_gone_altogether_ends_the_connection()
    {
        var (client, server) = _test.Pair(NetAddress.FromUnixPath($"@weft-{Guid.NewGuid():N}"));
        client.Do(c => c.Close(CloseMode.Now));
        _test.Until(() => server.Closed is not null);
        Assert.Equal(1, server.ReadEnds);
        Assert.Equal(CloseReason.Remote, server.Closed);
    }
}
