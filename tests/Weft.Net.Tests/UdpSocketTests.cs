using System.Net;
using System.Text;

namespace Weft.Net.Tests;

public sealed class UdpSocketTests : IDisposable
{
    private readonly TestLoop _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Datagrams_arrive_whole_with_their_sender()
    {
        var inbox = new Inbox();
        using var receiver = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, inbox);
        using var sender = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, new Inbox());
        Assert.True(sender.Send(receiver.LocalAddress, "one"u8));
        Assert.True(sender.Send(receiver.LocalAddress, ""u8));
        Assert.True(sender.Send(receiver.LocalAddress, "three"u8));
        _test.Until(() => inbox.Received.Count == 3);
        Assert.Equal(["one", "", "three"], inbox.Received.Select(r => r.Text));
        Assert.All(inbox.Received, r => Assert.Equal(sender.LocalAddress, r.From));
    }

    [Fact]
    public void More_datagrams_than_one_turn_reads_all_arrive()
    {
        var inbox = new Inbox();
        using var receiver = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, inbox);
        using var sender = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, new Inbox());
        for (var i = 0; i < 200; i++)
            Assert.True(sender.Send(receiver.LocalAddress, "x"u8));
        _test.Until(() => inbox.Received.Count == 200);
    }

    [Fact]
    public void Datagrams_that_find_no_room_are_counted()
    {
        var inbox = new Inbox();
        using var receiver = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, inbox, receiveBufferBytes: 4096);
        using var sender = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, new Inbox());
        Assert.Equal(0u, receiver.Lost);
        for (var i = 0; i < 200; i++)
            Assert.True(sender.Send(receiver.LocalAddress, "x"u8));
        // The loop has not run yet, so nothing was read.
        var lost = receiver.Lost;
        Assert.InRange(lost, 1u, 199u);
        _test.Until(() => inbox.Received.Count == 200 - lost);
    }

    [Fact]
    public void A_datagram_that_cannot_be_sent_is_told()
    {
        using var sender = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, new Inbox());
        Assert.False(sender.Send(NetAddress.FromIP(IPAddress.Loopback, 9), new byte[70_000]));
        Assert.Equal(90, sender.LastError);
    }

    [Fact]
    public void A_handler_may_close_the_socket()
    {
        UdpSocket? receiver = null;
        var inbox = new Inbox { Then = () => receiver!.Dispose() };
        receiver = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, inbox);
        using var sender = UdpSocket.Bind(_test.Loop, TestLoop.AnyPort, new Inbox());
        sender.Send(receiver.LocalAddress, "1"u8);
        sender.Send(receiver.LocalAddress, "2"u8);
        _test.Until(() => inbox.Received.Count == 1);
        _test.Settle();
        Assert.Single(inbox.Received);
    }

    private sealed class Inbox : IDatagramHandler
    {
        public List<(NetAddress From, string Text)> Received { get; } = [];

        public Action? Then { get; init; }

        public void OnDatagram(NetAddress from, ReadOnlySpan<byte> data)
        {
            Received.Add((from, Encoding.UTF8.GetString(data)));
            Then?.Invoke();
        }
    }
}
