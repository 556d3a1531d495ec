using System.Buffers.Binary;
using Weft.Net;

namespace Weft.Proxy.Dns;

/// <summary>One query and its answer over a TCP connection of their own (RFC 7766: messages are preceded by their length). Main thread.</summary>
internal sealed class DnsTcpExchange : IConnectionHandler, IDisposable
{
    public delegate void MessageHandler(ReadOnlySpan<byte> message);

    private readonly Connection _connection;
    private readonly byte[] _query;
    private readonly MessageHandler _onMessage;
    private readonly Action<string> _onFailed;
    private byte[] _received = new byte[2048];
    private int _receivedBytes;
    private bool _isOver;

    /// <param name="query">With its length in front; copied.</param>
    /// <param name="onMessage">Called once with the answer, unless <paramref name="onFailed"/> is; neither from within the constructor.</param>
    public DnsTcpExchange(EventLoop loop, NetAddress server, long connectTimeoutMs, ReadOnlySpan<byte> query, MessageHandler onMessage, Action<string> onFailed)
    {
        _query = query.ToArray();
        _onMessage = onMessage;
        _onFailed = onFailed;
        _connection = Connection.Connect(loop, server, connectTimeoutMs, this);
    }

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        _connection.Close(CloseMode.Now);
    }

    void IConnectionHandler.OnConnected() => _connection.Write(_query);

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        if (_isOver)
            return;
        // Bounded: the length in front of the message has 16 bits.
        var room = _received.Length - _receivedBytes;
        if (room < data.Length)
            Array.Resize(ref _received, Math.Min(2 + ushort.MaxValue, Math.Max(_received.Length * 2, _receivedBytes + data.Length)));
        data = data[..Math.Min(data.Length, _received.Length - _receivedBytes)];
        data.CopyTo(_received.AsSpan(_receivedBytes));
        _receivedBytes += data.Length;
        if (_receivedBytes < 2)
            return;
        var length = BinaryPrimitives.ReadUInt16BigEndian(_received);
        if (_receivedBytes - 2 < length)
            return;
        Dispose();
        _onMessage(_received.AsSpan(2, length));
    }

    void IConnectionHandler.OnReadEnd() => Fail("connection ended before the answer");

    void IConnectionHandler.OnClosed(CloseReason reason) => Fail(reason switch
    {
        CloseReason.ConnectFailed => NetException.Text(_connection.LastError),
        CloseReason.ConnectTimeout => "timed out",
        _ => "connection ended before the answer",
    });

    void IConnectionHandler.OnAboveHighWatermark()
    {
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
    }

    private void Fail(string error)
    {
        if (_isOver)
            return;
        Dispose();
        _onFailed(error);
    }
}
