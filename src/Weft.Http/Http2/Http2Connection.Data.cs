using Weft.Http.Http2.Frames;
using Weft.Http.Http2.Streams;

namespace Weft.Http.Http2;

// DATA frames (RFC 9113 section 6.1), passed on as their bytes come, and the windows that they use up.
public sealed partial class Http2Connection
{
    private int _receiveWindow;
    private int _unacknowledged;

    // The frame whose payload comes now; its stream is null when nobody wants it.
    private bool _inData;
    private bool _dataEndsStream;
    private bool _padLengthAwaited;
    private int _dataLeft;
    private int _paddingLeft;
    private Http2Stream? _dataStream;

    private void BeginData(in FrameHeader frame)
    {
        if (frame.StreamId == 0 || IsIdle(frame.StreamId))
        {
            Fail(Http2Fault.BadStreamId);
            return;
        }

        _receiveWindow -= frame.Length;
        _dataStream = _streams.Find(frame.StreamId);
        if (_receiveWindow < 0 || !(_dataStream?.TakeReceiveWindow(frame.Length) ?? true))
        {
            Fail(Http2Fault.BadWindow);
            return;
        }

        _dataLeft = frame.Length;
        _paddingLeft = 0;
        _padLengthAwaited = frame.Has(FrameFlags.Padded);
        _dataEndsStream = frame.Has(FrameFlags.EndStream);
        if (_padLengthAwaited && _dataLeft == 0) Fail(Http2Fault.FrameSize);
        else if (_dataStream is { IsRemoteEnded: true }) Fail(Http2Fault.Closed);
        else if (_dataStream is { HeadReceived: false } early) FailMessage(early, Http2Fault.Messaging);
        if (_failed) return;
        _inData = _dataLeft > 0;
        if (!_padLengthAwaited) BeginBody();
    }

    /// <summary>The frame's share of the body is known: it must be what content-length has announced (RFC 9113 section 8.1.1).</summary>
    private void BeginBody()
    {
        if (_dataStream is { ContentLeft: >= 0 } stream)
        {
            stream.ContentLeft -= _dataLeft;
            if (stream.ContentLeft < 0 || (_dataEndsStream && stream.ContentLeft > 0)) FailMessage(stream, Http2Fault.Messaging);
        }

        if (!_failed && _dataLeft == 0 && _dataEndsStream) DeliverData([]);
    }

    private int TakeData(ReadOnlySpan<byte> data)
    {
        if (_padLengthAwaited) return TakePadLength(data[0]);
        if (_dataLeft > 0)
        {
            var length = Math.Min(_dataLeft, data.Length);
            _dataLeft -= length;
            _inData = _dataLeft + _paddingLeft > 0;
            DeliverData(data[..length]);
            return length;
        }

        var padding = Math.Min(_paddingLeft, data.Length);
        _paddingLeft -= padding;
        _inData = _paddingLeft > 0;
        return padding;
    }

    private int TakePadLength(int padding)
    {
        _padLengthAwaited = false;
        _dataLeft--;
        if (padding > _dataLeft)
        {
            Fail(Http2Fault.BadFrame);
            return 1;
        }

        _dataLeft -= padding;
        _paddingLeft = padding;
        _inData = _dataLeft + _paddingLeft > 0;
        if (_guard.OnPaddedData(_dataLeft == 0 && !_dataEndsStream) is { } fault)
        {
            Fail(fault);
            return 1;
        }

        _dataStream?.Credit(padding + 1);
        Credit(padding + 1);
        BeginBody();
        return 1;
    }

    private void DeliverData(ReadOnlySpan<byte> data)
    {
        if (_dataStream is not { } stream)
        {
            Credit(data.Length);
            return;
        }

        var endStream = _dataEndsStream && _dataLeft == 0;
        if (endStream) stream.NoteRemoteEnd();
        stream.ReceiveData(data, endStream);
    }

    /// <summary>Gives the peer the connection's window back, in steps of half of it.</summary>
    internal void Credit(int length)
    {
        _unacknowledged += length;
        if (_failed || _unacknowledged < Options.ConnectionWindowBytes / 2) return;
        WriteWindowUpdate(0, _unacknowledged);
        _receiveWindow += _unacknowledged;
        _unacknowledged = 0;
        NoteOutput();
    }
}
