using Weft.Net;

namespace Weft.Observe.Serving;

/// <summary>The protocol that a client speaks on a connection. Loop thread.</summary>
internal interface IServedProtocol
{
    void OnData(ReadOnlySpan<byte> data);

    void OnReadEnd();

    void OnClosed();

    /// <summary>Output rose above, or fell below, what may wait.</summary>
    void OnWatermark();

    /// <summary>Something is under way that may take its time.</summary>
    bool IsBusy { get; }
}

/// <summary>One client's connection: its first bytes say which protocol it speaks; ends it when it is idle. Loop thread.</summary>
internal sealed class ServedConnection : IConnectionHandler
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly ServingSocket _server;
    private readonly Connection _socket;
    private readonly LoopTimer _idle;
    private readonly byte[] _first = new byte[Preface.Length];
    private int _firstLength;
    private IServedProtocol? _protocol;

    public ServedConnection(ServingSocket server, Connection socket)
    {
        (_server, _socket) = (server, socket);
        _idle = new LoopTimer(socket.Loop, OnIdle);
        _idle.Arm(server.Limits.IdleMs);
        server.Load.Connections++;
    }

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        // Not while a request is under way: one that comes byte by byte has no more time than another.
        if (_protocol is not { IsBusy: true })
            _idle.Arm(_server.Limits.IdleMs);
        if (_protocol is null && !TryBegin(ref data))
            return;
        _protocol!.OnData(data);
    }

    void IConnectionHandler.OnReadEnd()
    {
        if (_protocol is null)
            _socket.Close(CloseMode.Flush);
        else
            _protocol.OnReadEnd();
    }

    void IConnectionHandler.OnClosed(CloseReason reason)
    {
        _idle.Cancel();
        _server.Load.Connections--;
        _protocol?.OnClosed();
    }

    void IConnectionHandler.OnAboveHighWatermark() => _protocol?.OnWatermark();

    void IConnectionHandler.OnBelowLowWatermark() => _protocol?.OnWatermark();

    /// <summary>Decides by the first bytes; false while they could still become HTTP/2's preface.</summary>
    private bool TryBegin(ref ReadOnlySpan<byte> data)
    {
        var taken = Math.Min(data.Length, Preface.Length - _firstLength);
        data[..taken].CopyTo(_first.AsSpan(_firstLength));
        _firstLength += taken;
        var first = _first.AsSpan(0, _firstLength);
        var isHttp2 = first.SequenceEqual(Preface.AsSpan(0, _firstLength));
        if (isHttp2 && _firstLength < Preface.Length)
            return false;
        _protocol = isHttp2 ? new Http2Protocol(_server, _socket) : new Http1Protocol(_server, _socket);
        _protocol.OnData(first);
        data = data[taken..];
        return _socket.IsOpen;
    }

    private void OnIdle()
    {
        if (_protocol is Http2Protocol { IsBusy: true })
            _idle.Arm(_server.Limits.IdleMs);
        else
            _socket.Close(CloseMode.Flush);
    }
}
