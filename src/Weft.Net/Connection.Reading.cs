using Weft.Net.Native;

namespace Weft.Net;

/// <content>From the socket to the handler.</content>
public sealed partial class Connection
{
    /// <summary>Full reads in a row before others have their turn.</summary>
    private const int MaxReadsPerTurn = 4;

    private int _pauses;
    private int _maxReadBytes = EventLoop.ScratchBytes;
    private bool _hasUnread;
    private bool _peerEnding;
    private bool _hungUp;

    /// <summary>
    /// Most bytes of one <see cref="IConnectionHandler.OnData"/>, and so the most by which a paused consumer overshoots its limit; default and upper bound
    /// <see cref="EventLoop.ScratchBytes"/>. A connection with a small buffer limit sets it to that.
    /// </summary>
    public int MaxReadBytes { get => _maxReadBytes; set => _maxReadBytes = Math.Clamp(value, 1, EventLoop.ScratchBytes); }

    public bool IsReadingPaused => _pauses > 0;

    /// <summary>Stops handing out data (calls nest); the kernel's window then closes on the peer.</summary>
    public void PauseReading() => _pauses++;

    /// <summary>Undoes one <see cref="PauseReading"/>; data that arrived meanwhile is delivered in this or the next turn, never from within this call.</summary>
    public void ResumeReading()
    {
        if (_pauses == 0 || --_pauses > 0)
            return;
        if (_hasUnread && _state is not (State.Connecting or State.Closed))
            AddReady();
    }

    /// <summary>What a reset means: an outgoing connection whose handshake was not done was never made.</summary>
    private CloseReason WhenBroken => _state == State.Securing && _isOutgoing ? CloseReason.ConnectFailed : CloseReason.RemoteReset;

    private void OnReadable(uint events)
    {
        NoteEnding(events);
        if (ReadEnded)
            FinishIfHungUp();
        else if (_pauses == 0 || _state == State.Closing)
            ReadAvailable();
        else
            NoteUnread();
    }

    /// <summary>Remembered: edges come once. A short read proves the socket drained only while no FIN or reset can stand behind the data.</summary>
    private void NoteEnding(uint events)
    {
        _peerEnding |= (events & (Epoll.PeerClosed | Epoll.HangUp | Epoll.Error)) != 0;
        _hungUp |= (events & (Epoll.HangUp | Epoll.Error)) != 0;
    }

    /// <summary>Paused: the data waits for <see cref="ResumeReading"/>, but a reset with nothing to read before it is told at once.</summary>
    private unsafe void NoteUnread()
    {
        _hasUnread = true;
        if (!_hungUp || _held is { IsEmpty: false })
            return;
        byte one;
        var count = Receive(&one, 1, Sock.Peek);
        if (count > 0)
            return;
        var errno = _writeError != 0 ? _writeError : -count;
        if (errno is not (0 or Errno.Again))
            Finish(WhenBroken, errno);
    }

    private unsafe void ReadAvailable()
    {
        _hasUnread = false;
        if (_held is not null && !DeliverHeld())
            return;
        for (var reads = 0; reads < MaxReadsPerTurn; reads++)
        {
            var asked = _maxReadBytes;
            var count = Receive(_loop.Scratch, asked);
            if (count <= 0)
            {
                OnReadFailed(-count);
                return;
            }
            if (!HandOut(_loop.Scratch, count, asked))
                return;
        }
        AddReady();
    }

    /// <summary>Hands received bytes to the transport or the handler; true when there may be more to read now.</summary>
    private unsafe bool HandOut(byte* data, int count, int asked)
    {
        _wireReceived += count;
        _readsMuch = count >= EventLoop.ReadAheadBytes;
        if (_transport is not null)
            OpenReceived(data, count);
        else if (_state == State.Open)
            _handler.OnData(new ReadOnlySpan<byte>(data, count));
        if (_state == State.Closed || ReadEnded)
            return false;
        var isDrained = count < asked && !_peerEnding;
        if (isDrained)
            return false;
        if (_pauses == 0 || _state == State.Closing)
            return true;
        NoteUnread();
        return false;
    }

    /// <param name="errno">0 for the end of the stream.</param>
    private void OnReadFailed(int errno)
    {
        switch (errno)
        {
            case 0:
                OnEndOfStream();
                break;
            case Errno.Again when _writeError == 0:
                break;
            default:
                Finish(_state == State.Closing ? CloseReason.Local : WhenBroken, _writeError != 0 ? _writeError : errno);
                break;
        }
    }

    private void OnEndOfStream()
    {
        // After a failed send the stream just ends, but what the peer did was a reset.
        if (_writeError != 0)
        {
            Finish(WhenBroken, _writeError);
            return;
        }
        if (_state == State.Securing)
        {
            Finish(_isOutgoing ? CloseReason.ConnectFailed : CloseReason.Remote, 0);
            return;
        }
        ReadEnded = true;
        if (_state == State.Closing)
        {
            FinishIfBothEnded();
            return;
        }
        _handler.OnReadEnd();
        if (_state == State.Closed)
            return;
        FinishIfBothEnded();
        FinishIfHungUp();
    }

    /// <summary>The peer's end is gone altogether (reset after its FIN, or a Unix socket closed): nothing can be sent any more.</summary>
    private void FinishIfHungUp()
    {
        if (!_hungUp || _state == State.Closed)
            return;
        var errno = PendingError();
        if (errno != 0)
            Finish(_state == State.Closing ? CloseReason.Local : CloseReason.RemoteReset, errno);
        else if (!HasPendingOutput && _state == State.Open)
            Finish(CloseReason.Remote, 0);
    }
}
