using System.Buffers.Text;
using Envoy.Service.ExtProc.V3;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <content>What the processor answers, and how the message goes on. Nothing here runs within a callback of the path.</content>
internal sealed partial class ExtProcHalf
{
    /// <summary>The answer to a head; null, or why the message must fail.</summary>
    public string? OnHeadAnswer(CommonResponse answer)
    {
        var replaces = answer.Status == CommonResponse.Types.ResponseStatus.ContinueAndReplace;
        if (Change(answer, replaces) is { } fault)
            return fault;
        EndWait();
        if (replaces)
            Replace(answer.BodyMutation);
        AfterHead();
        return null;
    }

    /// <summary>The answer to a body, or a piece of one.</summary>
    public string? OnBodyAnswer(CommonResponse answer)
    {
        if (IsDuplex)
        {
            OnDuplexBody(answer.BodyMutation.StreamedResponse);
            return null;
        }

        if (_isHeadPassed)
        {
            OnPieceAnswer(answer.BodyMutation);
            return null;
        }

        if (Change(answer, replacesMessage: false) is { } fault)
            return fault;
        if (answer.BodyMutation is { } mutation)
        {
            if (!FitsLength(mutation.Body.Length))
                return "mismatch between content length and the length of the mutated body";
            Apply(mutation, isHeld: !_isPartSent);
        }

        EndWait();
        RejoinPart();
        AfterBody();
        return null;
    }

    /// <summary>The answer to trailers.</summary>
    public string? OnTrailersAnswer(TrailersResponse answer)
    {
        if (Stream.KeptTrailers(isRequest) is { } trailers
            && ProcessorMutations.Apply(answer.HeaderMutation, trailers, filter.Config.Rules, filter.Stats.RejectedHeaderMutations) is { } fault)
        {
            return fault;
        }

        EndWait();
        GoOn();
        return null;
    }

    private string? Change(CommonResponse answer, bool replacesMessage)
    {
        var fault = ProcessorMutations.Apply(
            answer.HeaderMutation, _head, filter.Config.Rules, filter.Stats.RejectedHeaderMutations, replacesMessage, keepsLength: _mode.Body is SentBody.Streamed or SentBody.BufferedPartial or SentBody.FullDuplex);
        if (fault is null && isRequest)
            filter.ClearRouteCache(answer);
        return fault;
    }

    /// <summary>CONTINUE_AND_REPLACE: the processor gives the whole message, and sees nothing more of it.</summary>
    private void Replace(BodyMutation? body)
    {
        _mode = default;
        if (body is null)
            return;
        _head.Remove(KnownHeader.ContentLength);
        Apply(body, isHeld: true);
        _dropsBody = true;
    }

    private void AfterHead()
    {
        if (IsDuplex)
        {
            AfterDuplexHead();
        }
        else if (_mode.Body == SentBody.None || (_hasEnded && _held.Length == 0))
        {
            AfterBody();
        }
        else if (_hasEnded)
        {
            AskHeldBody();
        }
        else if (_mode.Body == SentBody.Buffered)
        {
            _pause.Unpause(Stream);
        }
        else if (_mode.Body == SentBody.BufferedPartial)
        {
            if (_held.Length > LimitBytes)
                AskPart(endStream: false);
            else
                _pause.Unpause(Stream);
        }
        else
        {
            _isHeadPassed = true;
            Continue();
            // Whoever comes next may have ended the stream.
            if (!_isRunning || filter.IsDone)
                return;
            if (_held.Length > 0)
                AskNextPiece();
            else
                _pause.Unpause(Stream);
        }
    }

    private void AskHeldBody()
    {
        WaitFor(ProcessorWait.Body);
        filter.Send(this, isRequest, ProcessorQuestions.Body(isRequest, _held.Written, endStream: !_haveTrailersCome));
    }

    private void AfterBody()
    {
        if (_haveTrailersCome && _mode.Trailers && Stream.KeptTrailers(isRequest) is { } trailers)
        {
            WaitFor(ProcessorWait.Trailers);
            filter.Send(this, isRequest, ProcessorQuestions.Trailers(isRequest, trailers, filter.Config));
            return;
        }

        GoOn();
    }

    private void OnPieceAnswer(BodyMutation? mutation)
    {
        if (mutation is not null)
            Apply(mutation, isHeld: false);
        _timer?.Cancel();
        InjectSent();
        if (!_isRunning)
            return;
        _wait = ProcessorWait.None;
        if (_held.Length > 0 || _isEndOurs)
            AskNextPiece();
        else if (_haveTrailersCome)
            AfterBody();
        else
            _pause.Unpause(Stream);
    }

    /// <summary>All that is held goes on.</summary>
    private void GoOn()
    {
        if (_isHeadPassed)
        {
            _pause.Unpause(Stream);
            if (_isRunning)
                Continue();
            return;
        }

        _isHeadPassed = true;
        if (_mode.Body == SentBody.BufferedPartial && !_haveTrailersCome)
        {
            // It may be longer than what the path keeps behind a head.
            Continue();
            if (_isRunning)
                InjectHeld(endStream: _hasEnded);
            _pause.Unpause(Stream);
            return;
        }

        InjectHeld(endStream: _hasEnded && !_haveTrailersCome);
        _pause.Unpause(Stream);
        if (_isRunning)
            Continue();
    }

    /// <summary>Pieces that the processor has, or that wait for it, go on as they are.</summary>
    private void ReleasePieces()
    {
        if (_isEndAway)
            Inject(default, endStream: true);
        if (_sent.Length > 0 || _isSentLast)
            InjectSent();
        if (_isRunning && (_held.Length > 0 || _isEndOurs))
        {
            var isEnd = _isEndOurs;
            _isEndOurs = false;
            Inject(_held.Written, isEnd);
            _held.Clear();
        }

        if (_isRunning && _haveTrailersCome)
            Continue();
    }

    private void InjectSent()
    {
        var isEnd = _isSentLast;
        _isSentLast = false;
        Inject(_sent.Written, isEnd);
        _sent.Clear();
    }

    private void InjectHeld(bool endStream)
    {
        RejoinPart();
        if (_held.Length == 0 && !(_isEndAway && endStream))
            return;
        _isEndAway = false;
        Inject(_held.Written, endStream);
        _held.Clear();
    }

    private void Inject(ReadOnlySpan<byte> bytes, bool endStream)
    {
        if (bytes.IsEmpty && !endStream)
            return;
        if (isRequest)
            Stream.InjectRequestData(filter, bytes, endStream);
        else
            Stream.InjectResponseData(filter, bytes, endStream);
    }

    private void Continue()
    {
        if (isRequest)
            Stream.ContinueRequest(filter);
        else
            Stream.ContinueResponse(filter);
    }

    /// <summary>An answer has come; the source stays paused until it is known what is next.</summary>
    private void EndWait()
    {
        _wait = ProcessorWait.None;
        _timer?.Cancel();
    }

    private bool FitsLength(int bytes) =>
        !Utf8Parser.TryParse(_head.Get(KnownHeader.ContentLength), out long length, out var read) || read != _head.Get(KnownHeader.ContentLength).Length || length == bytes;

    private void Apply(BodyMutation mutation, bool isHeld)
    {
        var body = isHeld ? _held : _sent;
        if (mutation.MutationCase == BodyMutation.MutationOneofCase.Body || mutation.ClearBody)
            body.Clear();
        if (mutation.MutationCase == BodyMutation.MutationOneofCase.Body)
            body.Write(mutation.Body.Span);
    }
}
