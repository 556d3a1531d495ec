namespace Weft.Net;

/// <content>How a connection ends.</content>
public sealed partial class Connection
{
    /// <summary>
    /// After a close with <see cref="CloseMode.Flush"/>: longest time without progress (of our output, or of the peer's answer to our FIN) before the
    /// connection is closed regardless; default 1,000 ms (Envoy's delayed_close_timeout).
    /// </summary>
    public int LingerMs { get; set; } = 1000;

    /// <summary>It was closed because that time was up.</summary>
    public bool HasLingeredTooLong { get; private set; }

    public void Close(CloseMode mode)
    {
        if (_state == State.Closed)
            return;
        if (mode == CloseMode.Flush)
        {
            CloseAfterFlush();
            return;
        }
        if (mode == CloseMode.Abort)
            ResetOnClose();
        else if (_transport is not null)
            EndSealedAtOnce();
        Release();
    }

    /// <summary>Ends a connection whose handler threw: its state is unknown, so the peer gets a reset.</summary>
    internal void AbortAfterFault()
    {
        if (_state == State.Closed)
            return;
        ResetOnClose();
        Finish(CloseReason.Local, 0);
    }

    private void CloseAfterFlush()
    {
        if (_state == State.Closing)
            return;
        if (_state is State.Connecting or State.Securing)
        {
            // Nothing was sent and nothing will be; the handler hears of it in a later turn.
            _state = State.Closing;
            EndRace();
            Output.Clear();
            ArmTimer(0);
            return;
        }
        _state = State.Closing;
        _endsWrite = true;
        AddFlush();
        if (_hasUnread)
            AddReady();
    }

    /// <summary>Waits for the peer's FIN, or for room to send the rest; the timer ends it when nothing moves.</summary>
    private void Linger(bool hasProgress)
    {
        if (hasProgress || _timer is not { IsArmed: true })
            ArmTimer(LingerMs);
    }

    private void FinishIfBothEnded()
    {
        if (ReadEnded && _finSent && _state != State.Closed)
            Finish(_state == State.Closing ? CloseReason.Local : CloseReason.Remote, 0);
    }

    /// <summary>Closes and tells the handler. Only from the loop, never from within a call of the handler's.</summary>
    private void Finish(CloseReason reason, int errno)
    {
        if (errno != 0)
            LastError = errno;
        Release();
        _handler.OnClosed(reason);
    }

    private void Release()
    {
        // Access logs ask for it after the close.
        _ = LocalAddress;
        _state = State.Closed;
        _timer?.Cancel();
        EndRace();
        Output.Clear();
        _held?.Clear();
        _wire?.Clear();
        NoteUnsent();
        _transport?.Dispose();
        _registration.Forget();
        CloseSocket();
    }
}
