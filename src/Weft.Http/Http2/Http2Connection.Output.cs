using Weft.Http.Http2.Frames;
using Weft.Http.Http2.Streams;

namespace Weft.Http.Http2;

// What goes into the output, and in which order: heads and control frames at once, body as the windows let it, in turns.
public sealed partial class Http2Connection
{
    /// <summary>What the peer lets the connection send as a whole.</summary>
    internal int SendWindow { get; private set; } = DefaultWindowBytes;

    /// <summary>Says how much of the output the socket has sent in all, how much of it waits, and whether that is too much for more body to be added.</summary>
    public void OnSent(long sentBytes, int waitingBytes, bool isBlocked)
    {
        _guard.OnSent(sentBytes, waitingBytes);
        var wasBlocked = IsOutputBlocked;
        IsOutputBlocked = isBlocked;
        if (wasBlocked && !isBlocked && !_failed) SendWaiting();
    }

    /// <summary>Shows in the statistics what waits after an attempt to send, or nothing once the connection is gone; the parameters are those of <see cref="OnSent"/>.</summary>
    public void ShowUnsent(long sentBytes, int waitingBytes)
    {
        _guard.OnSent(sentBytes, waitingBytes);
        _guard.ShowWaiting();
    }

    /// <summary>Asks whether the peer is still there; <see cref="IHttp2ConnectionHandler.OnPingAck"/> tells.</summary>
    public void SendPing(ulong opaque)
    {
        if (_failed) return;
        ControlFrames.WritePing(opaque, ack: false, _output);
        _guard.CountOutbound();
        NoteOutput();
    }

    internal void WriteHeaders(int streamId, HeaderMap headers, bool endStream)
    {
        if (_failed) return;
        _guard.CountOutbound(HeaderFrames.Write(streamId, headers, endStream, _encoder, FrameHeader.DefaultMaxLength, _pool.Scratch, _output));
    }

    internal void WriteData(int streamId, ReadOnlySpan<byte> payload, bool endStream)
    {
        SendWindow -= payload.Length;
        _guard.CountDataSent();
        _guard.CountOutbound();
        DataFrames.Write(streamId, payload, endStream, _output);
    }

    internal void WriteReset(int streamId, Http2ErrorCode code)
    {
        if (_failed) return;
        (_recentResets ??= new RecentResets()).Add(streamId);
        Stats.TxReset.Inc();
        ControlFrames.WriteResetStream(streamId, code, _output);
        _guard.CountOutbound(isControl: true);
    }

    internal void WriteWindowUpdate(int streamId, int increment)
    {
        ControlFrames.WriteWindowUpdate(streamId, increment, _output);
        _guard.CountOutbound();
    }

    /// <summary>Servers: a response has begun, by which the client's frames are measured.</summary>
    internal void NoteResponse()
    {
        if (_isServer) _guard.CountOpened();
    }

    /// <summary>There is something in the output.</summary>
    internal void NoteOutput()
    {
        if (!_failed && _guard.CheckOutbound() is { } fault) Fail(fault);
        _handler.OnOutput();
    }

    /// <summary>The stream has body that only the connection holds up.</summary>
    internal void AddSender(Http2Stream stream) => _senders.Add(stream);

    /// <summary>Sends what waits, a frame of each stream in turn.</summary>
    private void SendWaiting()
    {
        var any = false;
        while (SendWindow > 0 && !IsOutputBlocked && _senders.First is { } stream)
        {
            _senders.Remove(stream);
            if (!stream.SendWaiting()) continue;
            any = true;
            if (!stream.IsClosed && stream.CanSendMore) _senders.Add(stream);
        }

        if (any) NoteOutput();
    }

    private void WriteGoAway(int lastStreamId, Http2ErrorCode code)
    {
        Stats.GoAwaySent.Inc();
        ControlFrames.WriteGoAway(lastStreamId, code, _output);
        _guard.CountOutbound();
    }
}
