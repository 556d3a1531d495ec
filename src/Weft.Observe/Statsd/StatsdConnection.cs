using Weft.Net;

namespace Weft.Observe.Statsd;

/// <summary>Lines of one sender by TCP. Loop thread.</summary>
internal sealed class StatsdConnection : IConnectionHandler
{
    private readonly StatsdReceiver _receiver;
    private readonly Connection _socket;
    private readonly byte[] _rest = new byte[MetricStore.MaxNameLength + 1];
    private int _restLength;

    public StatsdConnection(StatsdReceiver receiver, Connection socket)
    {
        (_receiver, _socket) = (receiver, socket);
        receiver.Connections++;
    }

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        while (data.IndexOf((byte)'\n') is var end and >= 0)
        {
            Keep(data[..end]);
            _receiver.Store.Take(_rest.AsSpan(0, _restLength));
            _restLength = 0;
            data = data[(end + 1)..];
        }

        Keep(data);
    }

    void IConnectionHandler.OnReadEnd()
    {
        _receiver.Store.Take(_rest.AsSpan(0, _restLength));
        _restLength = 0;
        _socket.Close(CloseMode.Flush);
    }

    void IConnectionHandler.OnClosed(CloseReason reason) => _receiver.Connections--;

    void IConnectionHandler.OnAboveHighWatermark()
    {
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
    }

    /// <summary>One byte more than a line may have shows that it is too long.</summary>
    private void Keep(ReadOnlySpan<byte> piece)
    {
        var kept = piece[..Math.Min(piece.Length, _rest.Length - _restLength)];
        kept.CopyTo(_rest.AsSpan(_restLength));
        _restLength += kept.Length;
    }
}
