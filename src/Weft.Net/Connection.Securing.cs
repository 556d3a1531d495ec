using Weft.Base.Buffers;

namespace Weft.Net;

/// <content>With a transport: its handshake, and its two seams between socket and handler.</content>
public sealed partial class Connection
{
    /// <summary>Bytes sealed at a time where they come from the caller.</summary>
    private const int SealBytes = 64 * 1024;

    private Transport? _transport;

    /// <summary>Sealed bytes waiting for the socket; not null with a transport.</summary>
    private ByteQueue? _wire;

    /// <summary>Received bytes that come before those in the socket.</summary>
    private ByteQueue? _held;

    private long _openedBytes;
    private long _sealedBytes;

    /// <summary>What stands between socket and handler; null for clear text.</summary>
    public Transport? Transport => _transport;

    /// <summary>The protocol agreed on by ALPN, known from OnConnected or the first OnData on; empty without TLS.</summary>
    public ReadOnlySpan<byte> ApplicationProtocol => _transport is null ? default : _transport.ApplicationProtocol;

    /// <summary>When the connection was established below the transport, by <see cref="EventLoop.NowUs"/>; 0: it is accepted, or not established yet.</summary>
    public long ConnectedUs { get; private set; }

    /// <summary>When the transport's handshake was done, by <see cref="EventLoop.NowUs"/>; 0: there was none yet.</summary>
    public long SecuredUs { get; private set; }

    /// <summary>Called once when the handshake of an accepted connection is done; null: nobody.</summary>
    public Action? WhenSecured { get; set; }

    /// <summary>
    /// Puts a transport between an accepted connection and its handler, before a byte was handed out (or with what was handed out given back by
    /// <see cref="Redeliver"/>). The handler hears of nothing until the handshake is done; a handshake that fails closes with
    /// <see cref="CloseReason.Remote"/>, one that takes longer than <paramref name="timeoutMs"/> (0: no limit) with <see cref="CloseReason.ConnectTimeout"/>.
    /// </summary>
    public void Secure(Transport transport, long timeoutMs)
    {
        if (_state != State.Open)
            return;
        Use(transport);
        _state = State.Securing;
        if (timeoutMs > 0)
            ArmTimer(timeoutMs);
    }

    /// <summary>Gives received bytes back: they are handed out again, to whoever is the handler then, before anything else that arrives.</summary>
    public void Redeliver(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || _state == State.Closed)
            return;
        (_held ??= new ByteQueue(_loop.Buffers)).Append(data);
        _hasUnread = true;
        if (_pauses == 0)
            AddReady();
    }

    /// <summary>Bytes to be sent before the transport's own, in clear (a PROXY protocol header). Before the connection is established.</summary>
    public void SendFirst(ReadOnlySpan<byte> data) => (_wire ?? Output).Append(data);

    private void Use(Transport transport)
    {
        _transport = transport;
        _wire = new ByteQueue(_loop.Buffers);
        transport.Attach(this, _wire);
    }

    /// <summary>False when there is nothing to read on.</summary>
    private bool ContinueHandshake()
    {
        var status = _transport!.Handshake();
        if (!_wire!.IsEmpty)
            AddFlush();
        if (status == TransportStatus.Failed)
        {
            FailTransport();
            return false;
        }
        if (status == TransportStatus.Done)
            BecomeOpen();
        return _state != State.Closed;
    }

    /// <summary>Hands out what was given back or left over; false when the socket shall not be read now.</summary>
    private unsafe bool DeliverHeld()
    {
        while (_held!.Head is { } block)
        {
            if (_pauses > 0 && _state != State.Closing)
            {
                _hasUnread = true;
                return false;
            }
            var count = block.Length;
            if (_transport is not null)
                count = OpenBytes(block.DataPointer, count);
            else if (_state == State.Open)
                _handler.OnData(block.Data);
            if (_state == State.Closed)
                return false;
            _held.Drain(count);
            if (ReadEnded)
                return false;
        }
        _held = null;
        return true;
    }

    private unsafe void OpenReceived(byte* data, int count)
    {
        var opened = OpenBytes(data, count);
        if (opened == count || _state == State.Closed)
            return;
        (_held ??= new ByteQueue(_loop.Buffers)).Append(new ReadOnlySpan<byte>(data + opened, count - opened));
        _hasUnread = true;
    }

    /// <summary>Feeds the transport and hands out what it opens; returns how much it took, which is all unless the handler paused after the handshake.</summary>
    private unsafe int OpenBytes(byte* data, int count)
    {
        if (_state == State.Closing)
            return count;
        var transport = _transport!;
        transport.Feed(data, count);
        if (_state == State.Securing && (!ContinueHandshake() || _state == State.Securing))
            return count;
        if (_state == State.Open && _pauses > 0)
            return count - transport.Unread;
        if (_state == State.Open)
            HandOutOpened(transport);
        return count;
    }

    private unsafe void HandOutOpened(Transport transport)
    {
        TransportStatus status;
        do
        {
            status = transport.Open(_loop.OpenedScratch, EventLoop.OpenedScratchBytes, out var count);
            if (!_wire!.IsEmpty)
                AddFlush();
            if (count == 0)
                continue;
            _openedBytes += count;
            _handler.OnData(new ReadOnlySpan<byte>(_loop.OpenedScratch, count));
            if (_state != State.Open)
                return;
        }
        while (status == TransportStatus.Done);
        if (status == TransportStatus.Ended)
            OnEndOfStream();
        else if (status == TransportStatus.Failed)
            FailTransport();
    }

    /// <summary>The handler hears it now; the alert that says why to the peer goes out behind its back.</summary>
    private void FailTransport()
    {
        var handler = _handler;
        var reason = _state == State.Securing && _isOutgoing ? CloseReason.ConnectFailed : CloseReason.Remote;
        _handler = NoHandler.Instance;
        _timer?.Cancel();
        Output.Clear();
        _state = State.Closing;
        _endsWrite = true;
        AddFlush();
        handler.OnClosed(reason);
    }

    private void SendSealed()
    {
        while (SendAll(_wire!) && _state != State.Securing && !Output.IsEmpty && SealOutput())
        {
            // That nothing follows goes out with the last bytes, not in a segment of its own.
            if (_endsWrite && Output.IsEmpty)
                _transport!.End();
        }
    }

    /// <summary>Seals what is queued, or its first part; false when the transport has failed.</summary>
    private bool SealOutput()
    {
        var before = Output.Length;
        if (!_transport!.Seal(Output))
        {
            FailWrite(Native.Errno.BrokenPipe);
            return false;
        }
        _sealedBytes += before - Output.Length;
        return true;
    }

    private ReadOnlySpan<byte> SendSealedAnd(ReadOnlySpan<byte> data)
    {
        SendSealed();
        while (!data.IsEmpty && !_isBlocked && _writeError == 0)
        {
            var part = data[..Math.Min(data.Length, SealBytes)];
            if (!_transport!.Seal(part))
            {
                FailWrite(Native.Errno.BrokenPipe);
                return data;
            }
            _sealedBytes += part.Length;
            data = data[part.Length..];
            SendAll(_wire!);
        }
        return data;
    }

    /// <summary>After the last byte the transport says so itself; false when the socket has not taken that yet.</summary>
    private bool EndSealed()
    {
        _transport!.End();
        return SendAll(_wire!);
    }

    /// <summary>Before a close that does not wait: what was cut off must not look like an end in order.</summary>
    private void EndSealedAtOnce()
    {
        if (_state is not (State.Open or State.Closing) || !Output.IsEmpty || !_wire!.IsEmpty || _writeError != 0 || _hungUp || _isBlocked)
            return;
        EndSealed();
    }
}
