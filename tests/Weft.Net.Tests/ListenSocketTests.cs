using System.Net;
using System.Net.Sockets;
using Weft.Net.Native;

namespace Weft.Net.Tests;

public sealed class ListenSocketTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly TestLoop _test;

    public ListenSocketTests() => _test = new TestLoop(_time);

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_taken_address_is_an_exception_that_says_so()
    {
        using var first = ListenSocket.Bind(TestLoop.AnyPort, new ListenOptions { ReusePort = false });
        var e = Assert.Throws<NetException>(() => ListenSocket.Bind(first.LocalAddress, new ListenOptions { ReusePort = false }));
        Assert.Equal(98, e.Errno);
        Assert.Equal("bind: Address already in use", e.Message);
    }

    [Theory]
    [InlineData(false, 6)]
    [InlineData(true, 262)]
    public void Multipath_tcp_is_used_where_it_is_asked_for_and_other_clients_do_not_notice(bool isMultipath, int protocol)
    {
        if (isMultipath && !ListenSocket.SupportsMultipath())
            return;
        var listener = _test.Listen(options: new ListenOptions { IsMultipath = isMultipath });
        using var socket = new Socket(new SafeSocketHandle(listener.Descriptor, ownsHandle: false));
        var value = new byte[4];
        // SOL_SOCKET, SO_PROTOCOL
        Assert.Equal(4, socket.GetRawSocketOption(1, 38, value));
        Assert.Equal(protocol, BitConverter.ToInt32(value));
        var client = _test.Connect(listener.LocalAddress);
        client.Do(c => c.Write("hello"u8));
        _test.Until(() => _test.Accepted is [{ Text: "hello" }]);
    }

    [Fact]
    public void A_refused_connection_is_closed_at_once()
    {
        var listener = _test.Listen(accept: _ => null);
        var client = _test.Connect(listener.LocalAddress);
        _test.Until(() => client.ReadEnds == 1);
    }

    [Fact]
    public void A_connection_whose_handler_cannot_be_made_is_closed_and_the_next_is_accepted()
    {
        var calls = 0;
        var listener = _test.Listen(accept: connection => ++calls == 1 ? throw new InvalidOperationException("bug") : new Recorder(connection));
        var reported = new List<string>();
        _test.Loop.UnhandledException = e => reported.Add(e.Message);
        var clients = new[] { _test.Connect(listener.LocalAddress), _test.Connect(listener.LocalAddress) };
        _test.Until(() => clients.Count(c => c.ReadEnds == 1) == 1 && _test.Accepted.Count == 1);
        Assert.Equal(["bug"], reported);
    }

    [Fact]
    public void More_connections_than_one_turn_accepts_are_all_accepted()
    {
        var listener = _test.Listen();
        listener.MaxAcceptsPerTurn = 3;
        var clients = Enumerable.Range(0, 50).Select(_ => _test.Connect(listener.LocalAddress)).ToList();
        _test.Until(() => _test.Accepted.Count == 50 && clients.All(c => c.Connected));
    }

    [Fact]
    public void A_paused_listener_leaves_connections_queued_until_resumed()
    {
        var listener = _test.Listen();
        listener.Pause();
        var client = _test.Connect(listener.LocalAddress);
        _test.Until(() => client.Connected);
        _test.Settle();
        Assert.Empty(_test.Accepted);
        listener.Resume();
        _test.Until(() => _test.Accepted.Count == 1);
    }

    [Fact]
    public void An_event_tells_how_many_connections_it_brought()
    {
        using var socket = ListenSocket.Bind(TestLoop.AnyPort, new ListenOptions());
        socket.MaxAcceptsPerTurn = 2;
        // Three wait in the kernel's queue before anybody looks.
        var clients = Enumerable.Range(0, 3).Select(_ => _test.Connect(socket.LocalAddress)).ToList();
        _test.Until(() => clients.TrueForAll(client => client.Connected));
        var acceptor = new CountingAcceptor([]);
        socket.Start(_test.Loop, acceptor);
        _test.Until(() => acceptor.Events.Sum() == 3);
        Assert.Equal([2, 1], acceptor.Events);
    }

    [Fact]
    public void Accepted_connections_outlive_their_listener()
    {
        var (client, server) = _test.Pair();
        _test.Listen().Dispose();
        server.Echo();
        client.Do(c => c.Write("alive"u8));
        _test.Until(() => client.Text == "alive");
    }

    [Fact]
    public void A_disposed_listener_refuses_and_its_duplicate_goes_on()
    {
        var listener = _test.Listen(options: new ListenOptions { ReusePort = false });
        var duplicate = listener.Duplicate();
        listener.Dispose();
        var accepted = new List<Connection>();
        duplicate.Start(_test.Loop, new CountingAcceptor(accepted));
        var client = _test.Connect(duplicate.LocalAddress);
        _test.Until(() => client.Connected && accepted.Count == 1);
        Assert.Empty(_test.Accepted);
        duplicate.Dispose();
        var refused = _test.Connect(duplicate.LocalAddress);
        _test.Until(() => refused.Closed == CloseReason.ConnectFailed);
    }

    [Fact]
    public void Two_loops_share_one_port()
    {
        using var other = new EventLoop("other");
        var listener = _test.Listen();
        using var second = ListenSocket.Bind(listener.LocalAddress, new ListenOptions());
        var accepted = new List<Connection>();
        second.Start(other, new CountingAcceptor(accepted));
        var clients = Enumerable.Range(0, 64).Select(_ => _test.Connect(listener.LocalAddress)).ToList();
        _test.Until(() =>
        {
            other.RunTurn(0);
            return _test.Accepted.Count + accepted.Count == 64 && clients.All(c => c.Connected);
        });
        Assert.NotEmpty(accepted);
        Assert.NotEmpty(_test.Accepted);
    }

    [Fact]
    public void When_descriptors_run_out_accepting_pauses_and_goes_on()
    {
        using var socket = ListenSocket.Bind(TestLoop.AnyPort, new ListenOptions());
        var accepted = new List<Connection>();
        var acceptor = new CountingAcceptor(accepted);
        socket.Start(_test.Loop, acceptor);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(new IPEndPoint(IPAddress.Loopback, socket.LocalAddress.Port));
        WithoutDescriptors(() => _test.Until(() => acceptor.Errors.Count > 0));
        Assert.Equal([24], acceptor.Errors);
        _test.Settle();
        Assert.Empty(accepted);
        _time.AdvanceMs(100);
        _test.Until(() => accepted.Count == 1);
    }

    [Fact]
    public void Accepted_sockets_have_nagles_algorithm_off_and_are_close_on_exec()
    {
        var (client, server) = _test.Pair();
        foreach (var end in new[] { client, server })
        {
            Assert.Equal(1, GetInt(end.Connection, 6, 1));
            Assert.Equal(1, Libc.fcntl(FdOf(end.Connection), 1, 0));
        }
    }

    [Fact]
    public void Raw_socket_options_are_applied_before_bind()
    {
        var listener = _test.Listen(options: new ListenOptions { SocketOptions = [new SocketOption(1, 9, BitConverter.GetBytes(1))] });
        var client = _test.Connect(listener.LocalAddress);
        _test.Until(() => _test.Accepted.Count == 1);
        Assert.Equal(1, GetInt(_test.Accepted[0].Connection, 1, 9));
        client.Do(c => c.Close(CloseMode.Now));
    }

    [Fact]
    public void Connections_that_come_are_probed_as_their_listening_socket_says()
    {
        var listener = _test.Listen(options: new ListenOptions { KeepAlive = new TcpKeepAlive(3, 60, 10) });
        var client = _test.Connect(listener.LocalAddress);
        _test.Until(() => _test.Accepted.Count == 1);
        var server = _test.Accepted[0].Connection;
        // SO_KEEPALIVE, TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL
        Assert.Equal((1, 3, 60, 10), (GetInt(server, 1, 9), GetInt(server, 6, 6), GetInt(server, 6, 4), GetInt(server, 6, 5)));
        client.Do(c => c.Close(CloseMode.Now));
    }

    [Fact]
    public void A_socket_option_the_system_refuses_names_itself()
    {
        var options = new ListenOptions { SocketOptions = [new SocketOption(6, 9_999, BitConverter.GetBytes(1))] };
        var e = Assert.Throws<NetException>(() => ListenSocket.Bind(TestLoop.AnyPort, options));
        Assert.Equal("setsockopt 6/9999: Protocol not available", e.Message);
    }

    private static int FdOf(Connection connection) =>
        (int)typeof(Connection).GetField("_fd", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(connection)!;

    private static unsafe int GetInt(Connection connection, int level, int name)
    {
        int value;
        uint length = 4;
        Assert.Equal(0, Libc.getsockopt(FdOf(connection), level, name, &value, &length));
        return value;
    }

    /// <summary>Runs with a limit of descriptors that leaves none.</summary>
    private static unsafe void WithoutDescriptors(Action action)
    {
        var limits = stackalloc ulong[2];
        Assert.Equal(0, Libc.getrlimit(7, limits));
        var lowestFree = Libc.socket(1, 1, 0);
        _ = Libc.close(lowestFree);
        var none = stackalloc ulong[] { (ulong)lowestFree, limits[1] };
        Assert.Equal(0, Libc.setrlimit(7, none));
        try
        {
            action();
        }
        finally
        {
            Assert.Equal(0, Libc.setrlimit(7, limits));
        }
    }

    private sealed class CountingAcceptor(List<Connection> accepted) : IAcceptHandler
    {
        public List<int> Errors { get; } = [];

        /// <summary>How many connections each event brought.</summary>
        public List<int> Events { get; } = [];

        public IConnectionHandler? OnAccept(Connection connection)
        {
            accepted.Add(connection);
            return new Recorder(connection);
        }

        public void OnAccepted(int count) => Events.Add(count);

        public void OnAcceptError(int errno) => Errors.Add(errno);
    }
}
