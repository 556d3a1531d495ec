using Weft.Base.Buffers;

namespace Weft.Http.Http2.Streams;

/// <summary>
/// One request and its response on a connection: whose side is open, its windows, what waits. Pooled; a write to a stream that this side
/// has ended, or that is closed, does nothing. One thread.
/// </summary>
/// <remarks>The parts: sending, receiving, and here how a stream begins and ends.</remarks>
public sealed partial class Http2Stream
{
    private readonly Http2StreamPool _pool;

    // Neighbours in the list of those that wait for the connection.
    internal Http2Stream? Previous;
    internal Http2Stream? Following;
    internal bool IsQueued;

    // In the list of those whose held input is to be delivered.
    internal Http2Stream? FollowingResumed;
    internal bool IsResumed;

    internal Http2Stream(Http2StreamPool pool)
    {
        _pool = pool;
        _waiting = new ByteQueue(pool.Buffers);
        _held = new ByteQueue(pool.Buffers);
    }

    // Both sides have ended, but not everything is delivered.
    private bool _isCloseDeferred;

    /// <summary>The stream's number on its connection.</summary>
    public int Id { get; private set; }

    /// <summary>The connection it is on, also for the rest of the turn in which it closed.</summary>
    public Http2Connection Connection { get; private set; } = null!;

    /// <summary>Who hears what happens on it. Kept while the stream is pooled; null at its first use.</summary>
    public IHttp2StreamHandler? Handler { get; internal set; }

    public bool IsClosed { get; private set; }

    /// <summary>This side has sent, or will send behind what waits, the end of its message.</summary>
    public bool IsLocalEnded => _localEnded || _endsBehindWaiting;

    /// <summary>The peer's side is at its end, even if some of it was not delivered yet.</summary>
    public bool IsRemoteEnded { get; private set; }

    internal void Open(Http2Connection connection, int id, int sendWindow, int receiveWindow)
    {
        Connection = connection;
        Id = id;
        _sendWindow = sendWindow;
        _receiveWindow = receiveWindow;
    }

    /// <summary>Ends the stream at once in both directions and tells the peer why.</summary>
    public void Reset(Http2ErrorCode code)
    {
        if (IsClosed) return;
        Connection.WriteReset(Id, code);
        Close();
        Connection.NoteOutput();
    }

    /// <summary>
    /// Nobody wants the rest of what the peer sends: it is dropped, and when this side ends the stream is reset without an error (RFC 9113
    /// section 8.1), so that the peer stops.
    /// </summary>
    public void StopReading()
    {
        if (IsClosed) return;
        _isDropping = true;
        DropHeld();
        if (_localEnded) FinishLocal();
    }

    /// <summary>The stream is over: it leaves the connection, and its handler hears its last.</summary>
    internal void Close()
    {
        if (IsClosed) return;
        IsClosed = true;
        if (_isCloseDeferred) Connection.Stats.DeferredStreamClose.Dec();
        DropWaiting();
        DropHeld();
        Connection.Remove(this);
        Handler!.OnClosed();
    }

    /// <summary>Both sides have ended, and everything is delivered.</summary>
    private void CloseIfDone()
    {
        if (!_localEnded || !IsRemoteEnded) return;
        if (!HoldsInput)
        {
            Close();
        }
        else if (!_isCloseDeferred)
        {
            _isCloseDeferred = true;
            Connection.Stats.DeferredStreamClose.Inc();
        }
    }

    /// <summary>Ready for another use.</summary>
    internal void Clear()
    {
        Connection = null!;
        IsClosed = IsRemoteEnded = _isCloseDeferred = false;
        ClearSending();
        ClearReceiving();
        ClearMetadata();
    }
}
