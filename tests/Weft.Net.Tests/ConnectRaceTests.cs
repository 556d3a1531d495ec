using System.Net;
using System.Net.Sockets;

namespace Weft.Net.Tests;

/// <summary>Several addresses of one peer: the first that answers wins.</summary>
public sealed class ConnectRaceTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly TestLoop _test;

    public ConnectRaceTests() => _test = new TestLoop(_time);

    public void Dispose() => _test.Dispose();

    [Fact]
    public void An_address_that_refuses_gives_way_to_the_next_at_once()
    {
        var listener = _test.Listen();
        var client = _test.Connect(_test.Refusing(), others: [_test.Refusing(), listener.LocalAddress]);
        _test.Until(() => client.Connected && _test.Accepted.Count == 1);
        Assert.Equal(listener.LocalAddress, client.Connection.RemoteAddress);
        Assert.Equal(_test.Accepted[0].Connection.RemoteAddress, client.Connection.LocalAddress);
        client.Do(connection => connection.Write("hello"u8));
        _test.Until(() => _test.Accepted[0].Text == "hello");
    }

    [Fact]
    public void An_address_that_does_not_answer_is_overtaken_after_300_ms()
    {
        using var silent = new SilentAddress(_test);
        var listener = _test.Listen();
        var client = _test.Connect(silent.Address, others: listener.LocalAddress);
        _time.AdvanceMs(299);
        _test.Settle();
        Assert.False(client.Connected);
        _time.AdvanceMs(1);
        _test.Until(() => client.Connected);
        Assert.Equal(listener.LocalAddress, client.Connection.RemoteAddress);
    }

    [Fact]
    public void The_first_address_wins_when_it_answers()
    {
        TestLoop test = _test;
        var first = test.Listen();
        var second = test.Listen();
        var client = test.Connect(first.LocalAddress, others: second.LocalAddress);
        test.Until(() => client.Connected && test.Accepted.Count == 1);
        _time.AdvanceMs(1_000);
        test.Settle();
        Assert.Single(test.Accepted);
        Assert.Equal(first.LocalAddress, client.Connection.RemoteAddress);
    }

    [Fact]
    public void The_connection_fails_when_all_addresses_do()
    {
        var client = _test.Connect(_test.Refusing(), others: [_test.Refusing(), _test.Refusing()]);
        _test.Until(() => client.Closed == CloseReason.ConnectFailed);
        Assert.Equal(111, client.Connection.LastError);
        Assert.False(client.Connected);
    }

    [Fact]
    public void One_timeout_holds_for_all_addresses_and_leaves_nothing_behind()
    {
        using var silent = new SilentAddress(_test);
        var before = _test.Loop.RegisteredCount;
        var client = _test.Connect(silent.Address, timeoutMs: 500, others: [silent.Address, _test.Refusing(), silent.Address]);
        _time.AdvanceMs(300);
        _test.Settle();
        _time.AdvanceMs(200);
        _test.Until(() => client.Closed == CloseReason.ConnectTimeout);
        Assert.Equal(before, _test.Loop.RegisteredCount);
    }

    [Fact]
    public void Closing_while_addresses_race_ends_them_all()
    {
        using var silent = new SilentAddress(_test);
        var before = _test.Loop.RegisteredCount;
        var client = _test.Connect(silent.Address, others: silent.Address);
        _time.AdvanceMs(300);
        _test.Settle();
        Assert.Equal(before + 2, _test.Loop.RegisteredCount);
        client.Do(connection => connection.Close(CloseMode.Now));
        Assert.Equal(before, _test.Loop.RegisteredCount);
    }

    /// <summary>A listener whose queue is full: handshakes are dropped.</summary>
    private sealed class SilentAddress : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public SilentAddress(TestLoop test)
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _socket.Listen(0);
            Address = NetAddress.FromIP(IPAddress.Loopback, ((IPEndPoint)_socket.LocalEndPoint!).Port);
            var fillers = Enumerable.Range(0, 6).Select(_ => test.Connect(Address)).ToList();
            test.Until(() => fillers.Exists(static filler => filler.Connected));
            test.Settle();
        }

        public NetAddress Address { get; }

        public void Dispose() => _socket.Dispose();
    }
}
