using Weft.Base.Buffers;

namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>Sends lines as datagrams. Main thread.</summary>
/// <param name="maxDatagramBytes">Lines are sent together up to this; 0: each by itself.</param>
internal abstract class DatagramStatsdSink(StatsdLines lines, int maxDatagramBytes) : StatsdLineSink(lines)
{
    private readonly ByteWriter _datagram = new();

    protected sealed override void Send(ReadOnlySpan<byte> line)
    {
        if (line.Length >= maxDatagramBytes)
        {
            SendDatagram(line);
            return;
        }

        if (_datagram.Length + line.Length + 1 > maxDatagramBytes)
            EndFlush();
        if (_datagram.Length > 0)
            _datagram.Write((byte)'\n');
        _datagram.Write(line);
    }

    /// <summary>What gets lost is lost.</summary>
    protected abstract void SendDatagram(ReadOnlySpan<byte> datagram);

    protected override void EndFlush()
    {
        if (_datagram.Length > 0)
            SendDatagram(_datagram.Written);
        _datagram.Clear();
    }
}
