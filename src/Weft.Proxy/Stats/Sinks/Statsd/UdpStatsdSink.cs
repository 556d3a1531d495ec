using Weft.Net;

namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>Sends lines by UDP; nobody answers, and what gets lost is lost. Main thread.</summary>
internal sealed class UdpStatsdSink : DatagramStatsdSink, IDatagramHandler
{
    private readonly NetAddress _to;
    private readonly UdpSocket _socket;

    public UdpStatsdSink(StatsdLines lines, EventLoop loop, NetAddress to, int maxDatagramBytes)
        : base(lines, maxDatagramBytes)
    {
        _to = to;
        NetAddress.TryParseIP(to.Kind == NetAddressKind.IPv6 ? "::" : "0.0.0.0", 0, out var any);
        _socket = UdpSocket.Bind(loop, any, this);
    }

    public override void Close() => _socket.Dispose();

    protected override void SendDatagram(ReadOnlySpan<byte> datagram) => _socket.Send(_to, datagram);

    void IDatagramHandler.OnDatagram(NetAddress from, ReadOnlySpan<byte> data)
    {
    }
}
