using Weft.Base.Buffers;
using Weft.Http.Http2.Frames;

namespace Weft.Http.Http2.Streams;

// What goes out: at once as far as the windows let it, the rest waits here.
public sealed partial class Http2Stream
{
    private readonly ByteQueue _waiting;
    private HeaderMap? _waitingTrailersStore;
    private bool _trailersWait;
    private bool _endsBehindWaiting;
    private bool _localEnded;
    private bool _isBackedUp;
    private int _sendWindow;

    /// <summary>Body that waits for a window, or for the socket.</summary>
    public int WaitingBytes => _waiting.Length;

    /// <summary>More waits than the limit; or did, and more than half of it still does.</summary>
    public bool IsBackedUp => _isBackedUp;

    /// <summary>Something waits that its own window does not hold up.</summary>
    internal bool CanSendMore => !IsShutForGood && !_waiting.IsEmpty && _sendWindow > 0;

    private bool IsShutForGood => IsClosed || _localEnded;

    private bool Waits => !_waiting.IsEmpty || _endsBehindWaiting;

    private bool IsShut => IsShutForGood || _endsBehindWaiting;

    /// <summary>Writes the head, with <paramref name="endStream"/> the whole message.</summary>
    public void WriteHeaders(HeaderMap headers, bool endStream)
    {
        if (IsShut) return;
        var connection = Connection;
        connection.WriteHeaders(Id, headers, endStream);
        connection.NoteResponse();
        if (endStream) EndLocal();
        connection.NoteOutput();
    }

    /// <summary>Writes a piece of the body; what the windows do not let out is copied and waits.</summary>
    public void WriteData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (IsShut) return;
        var connection = Connection;
        var sent = Waits ? 0 : Send(data, endStream);
        if (!IsShut && (sent < data.Length || endStream)) Wait(data[sent..], endStream);
        connection.NoteOutput();
    }

    /// <summary>Writes the trailers, which end the message, behind what waits.</summary>
    public void WriteTrailers(HeaderMap trailers)
    {
        if (IsShut) return;
        if (trailers.Count == 0)
        {
            WriteData([], endStream: true);
            return;
        }

        if (!Waits)
        {
            Connection.WriteHeaders(Id, trailers, endStream: true);
            EndLocal();
        }
        else
        {
            _waitingTrailersStore ??= new HeaderMap();
            _waitingTrailersStore.CopyFrom(trailers);
            _trailersWait = _endsBehindWaiting = true;
        }

        Connection.NoteOutput();
    }

    /// <summary>Sends a frame of what waits, and the trailers behind the last; false when nothing may go out now.</summary>
    internal bool SendWaiting()
    {
        if (IsShutForGood || _waiting.IsEmpty) return false;
        var length = Sendable(_waiting.First.Length);
        if (length <= 0) return false;
        var isLast = length == _waiting.Length && _endsBehindWaiting;
        WriteFrame(_waiting.First[..length], isLast && !_trailersWait);
        _waiting.Drain(length);
        Connection.Stats.PendingSendBytes.Add(-length);
        NoteDrained();
        if (isLast && !IsClosed)
        {
            if (_trailersWait) Connection.WriteHeaders(Id, _waitingTrailersStore!, endStream: true);
            EndLocal();
        }

        return true;
    }

    /// <summary>The peer opens (or with a change of its settings closes) the window; false when it goes out of range.</summary>
    internal bool AddSendWindow(int increment)
    {
        var window = (long)_sendWindow + increment;
        if (window > int.MaxValue) return false;
        _sendWindow = (int)window;
        if (_sendWindow > 0 && !_waiting.IsEmpty) Connection.AddSender(this);
        return true;
    }

    /// <summary>Sends as much as may go out now; returns how much.</summary>
    private int Send(ReadOnlySpan<byte> data, bool endStream)
    {
        var sent = 0;
        while (true)
        {
            var length = Sendable(data.Length - sent);
            if (length <= 0 && sent < data.Length) return sent;
            var isLast = endStream && sent + length == data.Length;
            if (length == 0 && !isLast) return sent;
            WriteFrame(data.Slice(sent, length), isLast);
            sent += length;
            if (!isLast) continue;
            EndLocal();
            return sent;
        }
    }

    private int Sendable(int length) =>
        Connection.IsOutputBlocked ? 0 : Math.Max(0, Math.Min(Math.Min(length, FrameHeader.DefaultMaxLength), Math.Min(_sendWindow, Connection.SendWindow)));

    private void WriteFrame(ReadOnlySpan<byte> payload, bool endStream)
    {
        _sendWindow -= payload.Length;
        Connection.WriteData(Id, payload, endStream);
    }

    private void Wait(ReadOnlySpan<byte> data, bool endStream)
    {
        _waiting.Append(data);
        _endsBehindWaiting = endStream;
        Connection.Stats.PendingSendBytes.Add(data.Length);
        if (_sendWindow > 0) Connection.AddSender(this);
        if (_isBackedUp || _waiting.Length <= Connection.Options.StreamBufferBytes) return;
        _isBackedUp = true;
        Handler!.OnBackedUp();
    }

    private void NoteDrained()
    {
        if (!_isBackedUp || _waiting.Length > Connection.Options.StreamBufferBytes / 2) return;
        _isBackedUp = false;
        Handler!.OnDrained();
    }

    private void EndLocal()
    {
        _localEnded = true;
        FinishLocal();
    }

    private void FinishLocal()
    {
        if (IsRemoteEnded) CloseIfDone();
        else if (_isDropping) Reset(Http2ErrorCode.NoError);
    }

    private void DropWaiting()
    {
        if (_waiting.IsEmpty) return;
        Connection.Stats.PendingSendBytes.Add(-_waiting.Length);
        _waiting.Clear();
    }

    private void ClearSending()
    {
        _trailersWait = _endsBehindWaiting = _localEnded = _isBackedUp = false;
        _waitingTrailersStore?.Clear();
    }
}
