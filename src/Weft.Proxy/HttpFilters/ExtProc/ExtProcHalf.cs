using Envoy.Service.ExtProc.V3;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>What a direction waits for.</summary>
internal enum ProcessorWait : byte { None, Head, Body, Trailers }

/// <summary>
/// One direction of a stream on its way past the processor: sends it what its mode says, holds the message meanwhile, and lets it go on as the answer says. While
/// the head is held the body is kept here. Pooled with its filter; worker thread.
/// </summary>
/// <param name="filter">Whose.</param>
/// <param name="isRequest">The direction.</param>
internal sealed partial class ExtProcHalf(ExtProcFilter filter, bool isRequest)
{
    private const int KeptBufferBytes = 64 * 1024;

    private ByteWriter _held = new(0);
    private ByteWriter _sent = new(0);
    private LoopTimer? _timer;
    private ProcessorWait _wait;
    private HeaderMap _head = null!;
    private DirectionMode _mode;
    private bool _isRunning;
    private bool _isInCallback;
    private bool _isHeadPassed;
    private bool _hasEnded;
    private bool _haveTrailersCome;
    private bool _isEndOurs;
    private bool _isSentLast;
    private bool _dropsBody;
    private StreamPause _pause = new(isRequest);
    private bool _isTimeoutOverridden;
    private bool _isPartSent;

    /// <summary>What is asked of the processor now.</summary>
    public ProcessorWait Wait => _wait;

    /// <summary>The head with which the direction began.</summary>
    public HeaderMap Head => _head;

    private IHttpStream Stream => filter.Stream;

    private int LimitBytes => isRequest ? Stream.RequestBufferLimitBytes : Stream.BufferLimitBytes;

    /// <summary>The processor has changed the modes with its answer to headers.</summary>
    public void Use(DirectionMode mode) => _mode = Stream.IsTunnel ? mode with { Body = SentBody.None, Trailers = false } : mode;

    public FilterStatus OnHead(DirectionMode mode, HeaderMap headers, bool endStream)
    {
        // An answer of the proxy's own may take the place of a response that is on its way.
        if (_isRunning)
            Reset();
        (_isRunning, _head, _hasEnded) = (true, headers, endStream);
        Use(mode);
        if (filter.Config.Observes)
            return _mode.Head ? Show(ProcessorQuestions.Head(isRequest, headers, endStream, filter.Config)) : FilterStatus.Continue;
        // What pieces become is not known yet.
        if (!endStream && _mode.Body is SentBody.Streamed or SentBody.BufferedPartial or SentBody.FullDuplex)
            headers.Remove(KnownHeader.ContentLength);
        if (_mode.Head)
            return Ask(ProcessorWait.Head, ProcessorQuestions.Head(isRequest, headers, endStream, filter.Config));
        if (!endStream && _mode.Body is SentBody.Buffered or SentBody.BufferedPartial)
            return FilterStatus.StopAndBuffer;
        _isHeadPassed = true;
        return FilterStatus.Continue;
    }

    public FilterStatus OnData(ref BodyChunk chunk)
    {
        if (_dropsBody)
            chunk.Bytes = default;
        if (!_isRunning || filter.IsDone || _dropsBody)
            return FilterStatus.Continue;
        if (filter.Config.Observes)
            return _mode.Body == SentBody.Streamed ? Show(ProcessorQuestions.Body(isRequest, chunk.Bytes, chunk.EndStream)) : FilterStatus.Continue;
        _hasEnded |= chunk.EndStream;
        if (IsDuplex)
            return Exchange(ref chunk);
        if (!_isHeadPassed)
            return Hold(ref chunk);
        return _mode.Body == SentBody.Streamed ? Send(ref chunk) : FilterStatus.Continue;
    }

    public FilterStatus OnTrailers(HeaderMap trailers)
    {
        if (!_isRunning || filter.IsDone)
            return FilterStatus.Continue;
        if (filter.Config.Observes)
            return _mode.Trailers ? Show(ProcessorQuestions.Trailers(isRequest, trailers, filter.Config)) : FilterStatus.Continue;
        _hasEnded = _haveTrailersCome = true;
        if (IsDuplex && _mode.Trailers)
            return ExchangeTrailers(trailers);
        if (_wait != ProcessorWait.None)
            return FilterStatus.StopAndBuffer;
        if (!_isHeadPassed)
        {
            var status = Ask(ProcessorWait.Body, ProcessorQuestions.Body(isRequest, _held.Written, endStream: false));
            if (status == FilterStatus.Continue)
                InjectHeld(endStream: false);
            return status;
        }

        return _mode.Trailers ? Ask(ProcessorWait.Trailers, ProcessorQuestions.Trailers(isRequest, trailers, filter.Config)) : FilterStatus.Continue;
    }

    /// <summary>The processor is done with the stream: what is held goes on as it is.</summary>
    public void LetGo()
    {
        StopWaiting();
        if (_isInCallback || !_isRunning)
            return;
        if (_isHeadPassed)
        {
            ReleasePieces();
            return;
        }

        GoOn();
    }

    /// <summary>The stream is answered otherwise, or over.</summary>
    public void StopWaiting()
    {
        _wait = ProcessorWait.None;
        _timer?.Cancel();
        _pause.Unpause(Stream);
    }

    public void Reset()
    {
        // The source of a response ends with the stream.
        _pause.ForgetResponse();
        StopWaiting();
        _held = Emptied(_held);
        _sent = Emptied(_sent);
        _head = null!;
        _isRunning = _isInCallback = _isHeadPassed = _hasEnded = _haveTrailersCome = _isEndOurs = _isSentLast = _dropsBody = _isTimeoutOverridden = _isEndAway = HasGivenBody = _isPartSent = false;
    }

    /// <summary>override_message_timeout: once for each message; false when nothing is waited for, or it was used.</summary>
    public bool TryExtend(long timeoutMs)
    {
        if (_wait == ProcessorWait.None || _isTimeoutOverridden)
            return false;
        _isTimeoutOverridden = true;
        _timer!.Arm(timeoutMs);
        return true;
    }

    /// <summary>Keeps body behind a head that waits; at its end it is sent whole, if that is the mode.</summary>
    private FilterStatus Hold(ref BodyChunk chunk)
    {
        _held.Write(chunk.Bytes);
        if (_mode.Body == SentBody.BufferedPartial)
            return HoldPart(ref chunk);
        // What is too long for the limit is handed to the path, which refuses it.
        chunk.Bytes = _held.Length > LimitBytes ? _held.Written : default;
        if (_wait != ProcessorWait.None || !chunk.EndStream || !chunk.Bytes.IsEmpty)
            return FilterStatus.StopAndBuffer;
        var status = Ask(ProcessorWait.Body, ProcessorQuestions.Body(isRequest, _held.Written, endStream: true));
        if (status != FilterStatus.Continue)
            return status;
        _isHeadPassed = true;
        chunk.Bytes = _held.Written;
        return status;
    }

    /// <summary>As <see cref="Hold"/>, but what there is room for is sent although there is more: that goes on behind it as it is.</summary>
    private FilterStatus HoldPart(ref BodyChunk chunk)
    {
        var isEnd = chunk.EndStream;
        _isEndAway |= isEnd;
        chunk.Bytes = default;
        chunk.EndStream = false;
        if (_wait != ProcessorWait.None || (!isEnd && _held.Length <= LimitBytes))
            return FilterStatus.StopAndBuffer;
        var status = AskPart(endStream: isEnd);
        if (status != FilterStatus.Continue)
            return status;
        RejoinPart();
        _isEndAway = false;
        chunk.Bytes = _held.Written;
        chunk.EndStream = isEnd;
        return status;
    }

    private FilterStatus AskPart(bool endStream)
    {
        (_held, _sent) = (_sent, _held);
        _held.Clear();
        _isPartSent = true;
        return Ask(ProcessorWait.Body, ProcessorQuestions.Body(isRequest, _sent.Written, endStream));
    }

    /// <summary>The part that was sent stands before what has come since.</summary>
    private void RejoinPart()
    {
        if (!_isPartSent)
            return;
        _isPartSent = false;
        _sent.Write(_held.Written);
        (_held, _sent) = (_sent, _held);
        _sent.Clear();
    }

    /// <summary>A piece of a body whose head has gone on.</summary>
    private FilterStatus Send(ref BodyChunk chunk)
    {
        _held.Write(chunk.Bytes);
        _isEndOurs = chunk.EndStream;
        if (_wait == ProcessorWait.None)
        {
            _isInCallback = true;
            AskNextPiece();
            _isInCallback = false;
            if (filter.HasReplied)
                return FilterStatus.Ended;
            if (filter.IsDone)
            {
                _isEndOurs = _isSentLast = false;
                chunk.Bytes = _sent.Written;
                return FilterStatus.Continue;
            }
        }

        chunk.Bytes = default;
        chunk.EndStream = false;
        return FilterStatus.Continue;
    }

    private void AskNextPiece()
    {
        (_held, _sent) = (_sent, _held);
        _held.Clear();
        (_isSentLast, _isEndOurs) = (_isEndOurs, false);
        WaitFor(ProcessorWait.Body);
        filter.Send(this, isRequest, ProcessorQuestions.Body(isRequest, _sent.Written, _isSentLast));
    }

    /// <summary>Sends a message to a processor that only observes: nothing waits.</summary>
    private FilterStatus Show(ProcessingRequest question)
    {
        _isInCallback = true;
        filter.Send(this, isRequest, question);
        _isInCallback = false;
        return filter.HasReplied ? FilterStatus.Ended : FilterStatus.Continue;
    }

    /// <summary>Sends a message and holds the direction until it is answered, unless it is at once.</summary>
    private FilterStatus Ask(ProcessorWait wait, ProcessingRequest question)
    {
        _isInCallback = true;
        WaitFor(wait);
        filter.Send(this, isRequest, question);
        _isInCallback = false;
        if (filter.HasReplied)
            return FilterStatus.Ended;
        if (!filter.IsDone)
            return FilterStatus.StopAndBuffer;
        _isHeadPassed = true;
        return FilterStatus.Continue;
    }

    private void WaitFor(ProcessorWait wait)
    {
        _wait = wait;
        _isTimeoutOverridden = false;
        if (!IsDuplex)
            _pause.Pause(Stream);
        if (filter.Config.MessageTimeoutMs <= 0)
            return;
        _timer ??= new LoopTimer(filter.Worker.Loop, filter.OnMessageTimeout);
        _timer.Arm(filter.Config.MessageTimeoutMs);
    }

    private static ByteWriter Emptied(ByteWriter writer)
    {
        if (writer.Length > KeptBufferBytes)
            return new ByteWriter(0);
        writer.Clear();
        return writer;
    }
}
