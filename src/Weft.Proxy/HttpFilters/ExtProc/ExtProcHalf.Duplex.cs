using Envoy.Service.ExtProc.V3;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <content>
/// FULL_DUPLEX_STREAMED: what comes is sent on to the processor at once, whether it has answered or not, and what it sends is the body, in whatever pieces. Nothing
/// of the body is kept here.
/// </content>
internal sealed partial class ExtProcHalf
{
    /// <summary>The end of the body was taken off the path: it goes on with what is sent on here.</summary>
    private bool _isEndAway;

    /// <summary>A part of a body is with the processor, and nowhere else: the message cannot go on without it.</summary>
    public bool HasGivenBody { get; private set; }

    private bool IsDuplex => _mode.Body == SentBody.FullDuplex;

    /// <summary>The processor is slow, or not there yet: the source waits.</summary>
    public void HoldSource()
    {
        if (_isRunning && IsDuplex) _pause.Pause(Stream);
    }

    public void ReleaseSource()
    {
        if (_isRunning && IsDuplex) _pause.Unpause(Stream);
    }

    /// <summary>A body's answer fits what was asked.</summary>
    public bool TakesBody(BodyResponse answer) =>
        _wait == ProcessorWait.Body && IsDuplex == (answer.Response?.BodyMutation?.MutationCase == BodyMutation.MutationOneofCase.StreamedResponse);

    /// <summary>An answer to trailers may come before all answers to the body that was sent before them.</summary>
    public bool TakesTrailers => _wait == ProcessorWait.Trailers || (IsDuplex && _haveTrailersCome && _wait == ProcessorWait.Body);

    private FilterStatus Exchange(ref BodyChunk chunk)
    {
        HasGivenBody = true;
        _isEndAway = chunk.EndStream;
        if (!filter.IsStreamOpen) _pause.Pause(Stream);
        if (Tell(ProcessorWait.Body, ProcessorQuestions.Body(isRequest, chunk.Bytes, chunk.EndStream)) == FilterStatus.Ended)
            return FilterStatus.Ended;
        if (filter.IsDone)
        {
            // It did not get there.
            _isEndAway = HasGivenBody = false;
            _isHeadPassed = true;
            return FilterStatus.Continue;
        }

        chunk.Bytes = default;
        chunk.EndStream = false;
        return _isHeadPassed ? FilterStatus.Continue : FilterStatus.StopAndBuffer;
    }

    private FilterStatus ExchangeTrailers(HeaderMap trailers)
    {
        if (Tell(ProcessorWait.Trailers, ProcessorQuestions.Trailers(isRequest, trailers, filter.Config)) == FilterStatus.Ended)
            return FilterStatus.Ended;
        return filter.IsDone ? FilterStatus.Continue : FilterStatus.StopAndBuffer;
    }

    /// <summary>What is waited for already stays first.</summary>
    private FilterStatus Tell(ProcessorWait wait, ProcessingRequest question)
    {
        _isInCallback = true;
        WaitFor(_wait == ProcessorWait.None ? wait : _wait);
        filter.Send(this, isRequest, question);
        _isInCallback = false;
        return filter.HasReplied ? FilterStatus.Ended : FilterStatus.Continue;
    }

    /// <summary>The head goes on, unless the whole message is here, which then goes on in one.</summary>
    private void AfterDuplexHead()
    {
        _wait = HasGivenBody ? ProcessorWait.Body : _haveTrailersCome ? ProcessorWait.Trailers : ProcessorWait.None;
        if (_haveTrailersCome)
            return;
        if (_hasEnded && !HasGivenBody)
        {
            GoOn();
            return;
        }

        _isHeadPassed = true;
        Continue();
    }

    private void OnDuplexBody(StreamedBodyResponse piece)
    {
        EndWait();
        if (!piece.EndOfStream)
        {
            _wait = ProcessorWait.Body;
            Inject(piece.Body.Span, endStream: false);
            return;
        }

        _isEndAway = HasGivenBody = false;
        Inject(piece.Body.Span, endStream: !_haveTrailersCome);
        if (_isRunning && _haveTrailersCome)
            GoOn();
    }
}
