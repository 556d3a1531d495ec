using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Net.Tests;

/// <summary>A loop that the test itself turns, so that everything happens on one thread; closes what is open at the end.</summary>
internal sealed class TestLoop : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public TestLoop(TimeProvider? time = null) => Loop = new EventLoop("test", time ?? TimeProvider.System);

    public static NetAddress AnyPort { get; } = NetAddress.FromIP(IPAddress.Loopback, 0);

    public EventLoop Loop { get; }

    /// <summary>Connections accepted, in order.</summary>
    public List<Recorder> Accepted { get; } = [];

    /// <summary>Turns until the condition holds; fails the test when it does not within a generous time.</summary>
    public void Until(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), "the condition did not come true");
            Loop.RunTurn(5);
        }
    }

    /// <summary>Some turns in which nothing is expected.</summary>
    public void Settle()
    {
        for (var i = 0; i < 5; i++)
            Loop.RunTurn(2);
    }

    public ListenSocket Listen(NetAddress? at = null, ListenOptions? options = null, Func<Connection, Recorder?>? accept = null)
    {
        var socket = ListenSocket.Bind(at ?? AnyPort, options ?? new ListenOptions());
        _owned.Add(socket);
        socket.Start(Loop, new Acceptor(this, accept ?? (connection => new Recorder(connection))));
        return socket;
    }

    /// <summary>An address that refuses connections: bound, so that nobody else gets it, but not listening.</summary>
    public NetAddress Refusing()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _owned.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return NetAddress.FromIP(IPAddress.Loopback, ((IPEndPoint)socket.LocalEndPoint!).Port);
    }

    public Recorder Connect(NetAddress to, long timeoutMs = 10_000, ConnectOptions? options = null, params NetAddress[] others)
    {
        var recorder = new Recorder(null);
        recorder.Connection = Connection.Connect(Loop, to, timeoutMs, recorder, options, others: others);
        return recorder;
    }

    /// <summary>A connected pair, both ends on this loop.</summary>
    public (Recorder Client, Recorder Server) Pair(NetAddress? at = null, ListenOptions? listen = null, ConnectOptions? connect = null)
    {
        var listener = Listen(at, listen);
        var before = Accepted.Count;
        var client = Connect(listener.LocalAddress, options: connect);
        Until(() => client.Connected && Accepted.Count > before);
        return (client, Accepted[^1]);
    }

    /// <summary>A connected pair within the loop, without a kernel socket.</summary>
    public (Recorder Client, Recorder Server) InternalPair(string name = "inside", Func<Connection, Recorder?>? accept = null)
    {
        Loop.InternalListeners.Listen(name, new Acceptor(this, accept ?? (connection => new Recorder(connection))));
        var before = Accepted.Count;
        var client = Connect(NetAddress.FromInternal(name));
        Until(() => client.Connected && Accepted.Count > before);
        return (client, Accepted[^1]);
    }

    /// <summary>A connection whose other end is a plain blocking socket.</summary>
    public (Socket Peer, Recorder Server) PlainPeer(ListenOptions? options = null, Action<Socket>? configure = null)
    {
        var listener = Listen(options: options);
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _owned.Add(peer);
        configure?.Invoke(peer);
        var before = Accepted.Count;
        peer.Connect(new IPEndPoint(IPAddress.Loopback, listener.LocalAddress.Port));
        Until(() => Accepted.Count > before);
        return (peer, Accepted[^1]);
    }

    public void Dispose()
    {
        foreach (var owned in _owned)
            owned.Dispose();
        Loop.Dispose();
    }

    private sealed class Acceptor(TestLoop owner, Func<Connection, Recorder?> make) : IAcceptHandler
    {
        public IConnectionHandler? OnAccept(Connection connection)
        {
            var recorder = make(connection);
            if (recorder is not null)
                owner.Accepted.Add(recorder);
            return recorder;
        }

        public void OnAcceptError(int errno) => Assert.Fail($"accept failed: {errno}");
    }
}
