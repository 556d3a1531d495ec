using Weft.Base.Buffers;
using Weft.Net;

namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>Sends lines as datagrams; nobody answers, and what gets lost is lost. Main thread.</summary>
internal sealed class UdpStatsdSink : StatsdLineSink, IDatagramHandler
{
    private readonly NetAddress _to;
    private readonly int _maxDatagramBytes;
    private readonly ByteWriter _datagram = new();
    private readonly UdpSocket _socket;

    /// <param name="maxDatagramBytes">Lines are sent together up to this; 0: each by itself.</param>
    public UdpStatsdSink(StatsdLines lines, EventLoop loop, NetAddress to, int maxDatagramBytes)
        : base(lines)
    {
        (_to, _maxDatagramBytes) = (to, maxDatagramBytes);
        NetAddress.TryParseIP(to.Kind == NetAddressKind.IPv6 ? "::" : "0.0.0.0", 0, out var any);
        _socket = UdpSocket.Bind(loop, any, this);
    }

    public override void Close() => _socket.Dispose();

    protected override void Send(ReadOnlySpan<byte> line)
    {
        if (line.Length >= _maxDatagramBytes)
        {
            _socket.Send(_to, line);
            return;
        }

        if (_datagram.Length + line.Length + 1 > _maxDatagramBytes)
            EndFlush();
        if (_datagram.Length > 0)
            _datagram.Write((byte)'\n');
        _datagram.Write(line);
    }

    protected override void EndFlush()
    {
        if (_datagram.Length > 0)
            _socket.Send(_to, _datagram.Written);
        _datagram.Clear();
    }

    void IDatagramHandler.OnDatagram(NetAddress from, ReadOnlySpan<byte> data)
    {
    }
}
