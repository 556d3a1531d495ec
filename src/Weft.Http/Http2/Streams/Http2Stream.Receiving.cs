using Weft.Base.Buffers;

namespace Weft.Http.Http2.Streams;

// What comes in: delivered at once, or held while the handler does not want it; the peer gets its window back for what was delivered.
public sealed partial class Http2Stream
{
    private readonly ByteQueue _held;
    private HeaderMap? _heldTrailersStore;
    private bool _trailersHeld;
    private bool _endHeld;
    private bool _isDropping;
    private int _pauses;
    private int _receiveWindow;
    private int _unacknowledged;

    /// <summary>Clients: the response has no body whatever its head says (it answers a HEAD).</summary>
    public bool ExpectsNoBody { get; set; }

    /// <summary>The head of the peer's message has come; what follows are data and trailers.</summary>
    internal bool HeadReceived;

    /// <summary>Body bytes that content-length still announces; -1: it announces nothing.</summary>
    internal long ContentLeft = -1;

    private bool HoldsInput => !_held.IsEmpty || _endHeld || _trailersHeld;

    /// <summary>Stops delivery of the peer's body; calls nest. The peer can still fill the stream's window.</summary>
    public void Pause() => _pauses++;

    /// <summary>Undoes one <see cref="Pause"/>; what was held meanwhile is delivered later in this turn, never from within this call.</summary>
    public void Resume()
    {
        if (_pauses == 0 || --_pauses > 0 || IsClosed || !HoldsInput) return;
        Connection.AddResumed(this);
    }

    /// <summary>Takes a frame's length off the window; false when the peer has sent more than it may.</summary>
    internal bool TakeReceiveWindow(int length)
    {
        _receiveWindow -= length;
        return _receiveWindow >= 0;
    }

    /// <summary>Gives the peer its window back, in steps of half of it.</summary>
    internal void Credit(int length)
    {
        _unacknowledged += length;
        if (IsRemoteEnded || _unacknowledged < Connection.Options.StreamWindowBytes / 2) return;
        Connection.WriteWindowUpdate(Id, _unacknowledged);
        _receiveWindow += _unacknowledged;
        _unacknowledged = 0;
    }

    /// <summary>The peer's side ends with what is delivered next.</summary>
    internal void NoteRemoteEnd() => IsRemoteEnded = true;

    /// <summary>The peer's message was a head alone, and has been delivered.</summary>
    internal void FinishRemote() => CloseIfDone();

    internal void ReceiveData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_isDropping)
        {
            CreditBoth(data.Length);
            if (endStream) CloseIfDone();
        }
        else if (_pauses > 0 || HoldsInput)
        {
            _held.Append(data);
            _endHeld |= endStream;
            CloseIfDone();
        }
        else
        {
            CreditBoth(data.Length);
            Handler!.OnData(data, endStream);
            if (endStream && !IsClosed) CloseIfDone();
        }
    }

    internal void ReceiveTrailers(HeaderMap trailers)
    {
        if (_isDropping)
        {
            CloseIfDone();
        }
        else if (_pauses > 0 || HoldsInput)
        {
            _heldTrailersStore ??= new HeaderMap();
            _heldTrailersStore.CopyFrom(trailers);
            _trailersHeld = true;
            CloseIfDone();
        }
        else
        {
            Handler!.OnTrailers(trailers);
            CloseIfDone();
        }
    }

    /// <summary>Delivers what was held.</summary>
    internal void DeliverHeld()
    {
        while (_pauses == 0 && !IsClosed && !_held.IsEmpty)
        {
            // Out of the queue first: the handler may end the stream, and with it the queue.
            var body = _pool.Body;
            body.Clear();
            body.Write(_held.First);
            _held.Drain(body.Length);
            var isLast = _held.IsEmpty && _endHeld;
            if (isLast) _endHeld = false;
            CreditBoth(body.Length);
            Handler!.OnData(body.Written, isLast);
        }

        if (_pauses > 0 || IsClosed || !_held.IsEmpty) return;
        if (_endHeld)
        {
            _endHeld = false;
            Handler!.OnData([], endStream: true);
        }
        else if (_trailersHeld)
        {
            _trailersHeld = false;
            Handler!.OnTrailers(_heldTrailersStore!);
        }

        CloseIfDone();
    }

    private void CreditBoth(int length)
    {
        if (length == 0) return;
        Credit(length);
        Connection.Credit(length);
    }

    /// <summary>What was held counts as taken: the connection's window is everybody's.</summary>
    private void DropHeld()
    {
        if (!_held.IsEmpty)
        {
            Connection.Credit(_held.Length);
            _held.Clear();
        }

        _endHeld = _trailersHeld = false;
    }

    private void ClearReceiving()
    {
        _isDropping = HeadReceived = ExpectsNoBody = false;
        _pauses = _unacknowledged = 0;
        ContentLeft = -1;
        _heldTrailersStore?.Clear();
    }
}
