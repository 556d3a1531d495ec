using System.Text;
using Envoy.Service.ExtProc.V3;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;
using MutationMessage = Envoy.Service.ExtProc.V3.HeaderMutation;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>
/// Shows the parts of a request and of its response to a processor, on one gRPC stream, and does with them what it says. Pooled; worker thread.
/// </summary>
internal sealed partial class ExtProcFilter : HttpFilter, IGrpcStreamHandler
{
    private const int MaxMessageBytes = 64 * 1024 * 1024;
    private const int DeadlineExceeded = 4;
    private const int Internal = 13;
    private const int Unavailable = 14;

    private readonly ExtProcFilterFactory _factory;
    private readonly ExtProcHalf _request;
    private readonly ExtProcHalf _response;
    private readonly LoopTimer _streamTimer;
    private GrpcStream? _stream;
    private ObserverStream? _observer;
    private ExtProcSettings _settings;
    private MutationMessage? _replyMutation;
    private bool _hasBegun;
    private bool _hasToldRequest;
    private bool _hasToldResponse;
    private bool _hasToldModes;

    public ExtProcFilter(ExtProcFilterFactory factory, Worker worker)
    {
        (_factory, Worker) = (factory, worker);
        _request = new ExtProcHalf(this, isRequest: true);
        _response = new ExtProcHalf(this, isRequest: false);
        _streamTimer = new LoopTimer(worker.Loop, () => OnError(DeadlineExceeded, "the stream has lasted too long"));
    }

    public Worker Worker { get; }

    public ExtProcConfig Config => _factory.Config;

    public ExtProcStats Stats => _factory.Stats;

    /// <summary>The processor has no more to do with the stream.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The request was answered here.</summary>
    public bool HasReplied { get; private set; }

    /// <summary>What is sent is on its way; before that it is kept.</summary>
    public bool IsStreamOpen { get; private set; }

    /// <summary>failure_mode_allow, which is of no use where a body is with the processor alone.</summary>
    private bool MayFailOpen => Config.FailureModeAllow && !_request.HasGivenBody && !_response.HasGivenBody;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        Begin();
        return IsDone ? FilterStatus.Continue : _request.OnHead(_settings.Modes.Request, headers, endStream);
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _request.OnData(ref chunk);

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _request.OnTrailers(trailers);

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        Begin();
        if (HasReplied)
        {
            // A change that is not allowed does not keep the reply from being sent.
            ProcessorMutations.Apply(_replyMutation, headers, Config.Rules, Stats.RejectedHeaderMutations);
            _replyMutation = null;
        }

        return IsDone ? FilterStatus.Continue : _response.OnHead(_settings.Modes.Response, headers, endStream);
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk) => _response.OnData(ref chunk);

    public override FilterStatus OnResponseTrailers(HeaderMap trailers) => _response.OnTrailers(trailers);

    public override void OnReset()
    {
        if (_observer is { } observer && _stream is { } observed)
        {
            observer.CloseLater(observed, Worker.Loop, Config.DeferredCloseMs, Stats.StreamsClosed.Inc);
            _stream = null;
        }

        _observer = null;
        CloseStream();
        _request.Reset();
        _response.Reset();
        _replyMutation = null;
        IsDone = HasReplied = IsStreamOpen = _hasBegun = _hasToldRequest = _hasToldResponse = _hasToldModes = false;
    }

    /// <summary>Sends a part of the message; the half waits for the answer. May end in a reply, or in the end of processing, at once.</summary>
    public void Send(ExtProcHalf half, bool isRequest, ProcessingRequest question)
    {
        if (IsDone || !(_stream is not null || TryOpen()))
            return;
        if (Config.Observes)
            question.ObservabilityMode = true;
        else
            TellModes(question);
        TellAttributes(half, isRequest, question);
        ProcessorQuestions.AddMetadata(question, _settings.ForwardedNamespaces, Stream.Info.DynamicMetadata, Stream.ConnectionMetadata);
        Stats.MessagesSent.Inc();
        _stream!.Send(question);
    }

    /// <summary>A message was not answered in time.</summary>
    public void OnMessageTimeout()
    {
        Stats.MessageTimeouts.Inc();
        if (MayFailOpen)
        {
            Stats.FailureModeAllowed.Inc();
            Finish();
            return;
        }

        Reply(504, [], "ext_proc_error_per-message_timeout_exceeded");
    }

    void IGrpcStreamHandler.OnStreamOpened()
    {
        IsStreamOpen = true;
        ReleaseSources();
    }

    void IGrpcStreamHandler.OnStreamBackedUp()
    {
        _request.HoldSource();
        _response.HoldSource();
    }

    void IGrpcStreamHandler.OnStreamDrained() => ReleaseSources();

    private void ReleaseSources()
    {
        _request.ReleaseSource();
        _response.ReleaseSource();
    }

    void IGrpcStreamHandler.OnStreamClosed(int status, string message)
    {
        _stream = null;
        _streamTimer.Cancel();
        if (IsDone)
            return;
        if (status != 0)
        {
            OnError(status, message);
            return;
        }

        Stats.StreamsClosed.Inc();
        Finish();
    }

    /// <summary>What the route says to the processor is read once, with the first head.</summary>
    private void Begin()
    {
        if (_hasBegun)
            return;
        _hasBegun = true;
        _settings = ExtProcSettings.Of(Config, Stream.RouteConfigs(this));
        IsDone = _settings.IsDisabled;
    }

    private bool TryOpen()
    {
        var target = _settings.Target;
        if (Worker.Clusters.Find(target.Cluster) is not { } cluster)
        {
            OnError(Unavailable, "no such cluster");
            return false;
        }

        _observer = Config.Observes ? new ObserverStream(this) : null;
        var stream = _stream = new GrpcStream((IGrpcStreamHandler?)_observer ?? this, MaxMessageBytes);
        foreach (var (name, value) in target.Headers)
            stream.Headers.Set(name, value);
        foreach (var (name, value) in _settings.Headers)
            stream.Headers.Set(name, value);
        Stats.StreamsStarted.Inc();
        if (target.TimeoutMs > 0)
            _streamTimer.Arm(target.TimeoutMs);
        stream.Start(cluster, Encoding.UTF8.GetString(target.Host), Encoding.ASCII.GetString(target.Path));
        return !IsDone;
    }

    /// <summary>With the first message.</summary>
    private void TellModes(ProcessingRequest question)
    {
        if (_hasToldModes)
            return;
        _hasToldModes = true;
        question.ProtocolConfig = _settings.Modes.ToMessage();
    }

    /// <summary>With the first message of each direction.</summary>
    private void TellAttributes(ExtProcHalf half, bool isRequest, ProcessingRequest question)
    {
        ref var hasTold = ref (isRequest ? ref _hasToldRequest : ref _hasToldResponse);
        if (hasTold)
            return;
        hasTold = true;
        var attributes = isRequest ? _settings.RequestAttributes : _settings.ResponseAttributes;
        if (!attributes.IsEmpty)
            ProcessorQuestions.AddAttributes(question, attributes.Read(new FormatContext(Stream.Info, Stream.RequestHeaders, isRequest ? null : half.Head)));
    }

    private void OnError(int status, string message)
    {
        Stats.StreamsFailed.Inc();
        if (MayFailOpen)
        {
            Stats.StreamsClosed.Inc();
            Stats.FailureModeAllowed.Inc();
            Finish();
            return;
        }

        Reply(Config.StatusOnError, [], WithoutSpaces($"ext_proc_error_gRPC_error_{status}{{{message}}}"));
    }

    private void Reply(int status, ReadOnlySpan<byte> body, string details)
    {
        IsDone = HasReplied = true;
        CloseStream();
        _request.StopWaiting();
        _response.StopWaiting();
        Stream.SendLocalReply(status, body, details);
    }

    /// <summary>Messages go on without the processor.</summary>
    private void Finish()
    {
        IsDone = true;
        CloseStream();
        _request.LetGo();
        _response.LetGo();
    }

    private void CloseStream()
    {
        _streamTimer.Cancel();
        if (_stream is not { } stream)
            return;
        _stream = null;
        stream.Cancel();
        Stats.StreamsClosed.Inc();
    }

    private static string WithoutSpaces(string text) => text.Replace(' ', '_').Replace('\t', '_').Replace('\n', '_').Replace('\r', '_');
}
