using Weft.Base.Buffers;
using Weft.Http.Http2.Frames;
using Weft.Http.Http2.Hpack;
using Weft.Http.Http2.Streams;

namespace Weft.Http.Http2;

// Header blocks: put together, decoded, judged, delivered. A block is always decoded, whoever wants it: those behind it depend on it.
public sealed partial class Http2Connection
{
    /// <summary>CONTINUATION frames of a block beyond those that full frames would need.</summary>
    private const int SpareContinuations = 8;

    // A block whose CONTINUATION frames are still to come; 0: none.
    private int _blockStreamId;
    private bool _blockEndsStream;
    private int _continuations;
    private ByteWriter? _block;

    /// <summary>A block that says no more than the limits allow is no longer than this.</summary>
    private int MaxBlockBytes => Options.MaxHeadersBytes + Options.MaxHeadersCount * HpackEncoder.FieldOverhead + FrameHeader.DefaultMaxLength;

    private void ProcessHeaders(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (frame.StreamId == 0)
        {
            Fail(Http2Fault.BadStreamId);
            return;
        }

        if (!FramePayload.TryReadHeaderBlock(frame, payload, out var block))
        {
            Fail(Http2Fault.BadFrame);
            return;
        }

        var endStream = frame.Has(FrameFlags.EndStream);
        if (frame.Has(FrameFlags.EndHeaders))
        {
            ProcessBlock(frame.StreamId, block, endStream);
            return;
        }

        _blockStreamId = frame.StreamId;
        _blockEndsStream = endStream;
        _continuations = 0;
        _block = new ByteWriter(block.Length * 2 + FrameHeader.Bytes);
        _block.Write(block);
    }

    private void ProcessContinuation(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (_block is not { } block)
        {
            Fail(Http2Fault.BadFrame);
            return;
        }

        // RFC 9113 section 10.5.1: a block without end, or in crumbs, must not be waited for.
        var mostFrames = Options.MaxHeadersBytes / FrameHeader.DefaultMaxLength + SpareContinuations;
        if (++_continuations > mostFrames || block.Length + payload.Length > MaxBlockBytes)
        {
            Stats.HeaderOverflow.Inc();
            Fail(Http2Fault.HeaderBlockTooLarge);
            return;
        }

        block.Write(payload);
        if (!frame.Has(FrameFlags.EndHeaders)) return;
        var streamId = _blockStreamId;
        _blockStreamId = 0;
        _block = null;
        ProcessBlock(streamId, block.Written, _blockEndsStream);
    }

    private void ProcessBlock(int streamId, ReadOnlySpan<byte> block, bool endStream)
    {
        if (_streams.Find(streamId) is { } stream)
        {
            ProcessBlockOf(stream, block, endStream);
            return;
        }

        if (_isServer && streamId > _lastPeerStreamId && (streamId & 1) != 0) OpenPeerStream(streamId, block, endStream);
        else if (IsIdle(streamId)) Fail(Http2Fault.BadStreamId);
        // A server answers what it had begun before it heard of the reset, however many other requests were given up since.
        else if (!_isServer || (_recentResets?.Contains(streamId) ?? false)) DropBlock(block);
        else Fail(Http2Fault.Closed);
    }

    private void OpenPeerStream(int streamId, ReadOnlySpan<byte> block, bool endStream)
    {
        if (streamId > _lastServedStreamId)
        {
            DropBlock(block);
            return;
        }

        _lastPeerStreamId = streamId;
        if (_streams.Count >= Options.MaxConcurrentStreams)
        {
            Stats.StreamRefusedErrors.Inc();
            WriteReset(streamId, Http2ErrorCode.RefusedStream);
            DropBlock(block);
            return;
        }

        var stream = Open(streamId);
        stream.Handler = _handler.OnStreamOpened(stream);
        ReadHead(stream, block, endStream);
    }

    private void ProcessBlockOf(Http2Stream stream, ReadOnlySpan<byte> block, bool endStream)
    {
        if (stream.IsRemoteEnded) Fail(Http2Fault.Closed);
        else if (stream.HeadReceived) ReadTrailers(stream, block, endStream);
        else ReadHead(stream, block, endStream);
    }

    private void ReadHead(Http2Stream stream, ReadOnlySpan<byte> block, bool endStream)
    {
        var headers = stream.Handler!.OnMessageBegin();
        if (!DecodeBlock(block, headers, isTrailers: false)) return;
        if (_collector.Fault != FieldFault.None)
        {
            RefuseFields(stream);
            return;
        }

        var fault = _isServer ? MessageChecks.CheckRequest(headers, Options) : MessageChecks.CheckResponse(headers);
        if (fault is null && !MessageChecks.TryReadContentLength(headers, out stream.ContentLeft)) fault = Http2Fault.Messaging;
        var isInformational = !_isServer && fault is null && headers.Get(KnownHeader.Status)[0] == '1';
        if (isInformational && endStream) fault = Http2Fault.Messaging;
        if (fault is null && IgnoresContentLength(stream, headers)) stream.ContentLeft = -1;
        if (endStream && stream.ContentLeft > 0) fault ??= Http2Fault.Messaging;
        if (fault is not null)
        {
            FailMessage(stream, fault);
            return;
        }

        if (headers.HasRepeats) headers.JoinRepeats();
        if (isInformational) stream.Handler.OnInformational(headers);
        else DeliverHead(stream, headers, endStream);
    }

    private void DeliverHead(Http2Stream stream, HeaderMap headers, bool endStream)
    {
        stream.HeadReceived = true;
        if (endStream) stream.NoteRemoteEnd();
        stream.Handler!.OnHeaders(headers, endStream);
        if (endStream) stream.FinishRemote();
    }

    /// <summary>What answers a HEAD, or says 304 or 204, tells a length without having one.</summary>
    private bool IgnoresContentLength(Http2Stream stream, HeaderMap headers) =>
        !_isServer && (stream.ExpectsNoBody || headers.Status is 204 or 304 or < 200);

    private void ReadTrailers(Http2Stream stream, ReadOnlySpan<byte> block, bool endStream)
    {
        var trailers = _pool.Fields;
        if (!DecodeBlock(block, trailers, isTrailers: true)) return;
        Stats.Trailers.Inc();
        if (_collector.Fault != FieldFault.None)
        {
            RefuseFields(stream);
            return;
        }

        if (!endStream || stream.ContentLeft > 0)
        {
            FailMessage(stream, Http2Fault.Messaging);
            return;
        }

        stream.NoteRemoteEnd();
        stream.ReceiveTrailers(trailers);
    }

    /// <summary>False when the connection cannot go on.</summary>
    private bool DecodeBlock(ReadOnlySpan<byte> block, HeaderMap headers, bool isTrailers)
    {
        _collector.Begin(headers, isTrailers);
        if (!_decoder.Decode(block, _collector))
        {
            Fail(Http2Fault.Compression);
            return false;
        }

        if (_collector.Dropped > 0) Stats.DroppedHeadersWithUnderscores.Add(_collector.Dropped);
        return true;
    }

    private void DropBlock(ReadOnlySpan<byte> block)
    {
        Stats.HeadersCbNoStream.Inc();
        DecodeBlock(block, _pool.Fields, isTrailers: false);
    }

    private void RefuseFields(Http2Stream stream)
    {
        switch (_collector.Fault)
        {
            case FieldFault.TooLarge or FieldFault.TooMany:
                Stats.HeaderOverflow.Inc();
                FailStream(stream, Http2Fault.TooManyHeaders, endsConnection: false);
                break;
            case FieldFault.Underscore:
                Stats.RequestsRejectedWithUnderscoresInHeaders.Inc();
                FailStream(stream, Http2Fault.Underscore, endsConnection: false);
                break;
            case FieldFault.Malformed:
                FailMessage(stream, Http2Fault.BadField);
                break;
            default:
                FailMessage(stream, Http2Fault.Messaging);
                break;
        }
    }
}
