using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters.Router.Timeouts;
using Weft.Proxy.HttpFilters.Router.Tunnels;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>
/// One attempt at one endpoint: waits for a connection, sends the request, hands the response to its router. Pooled with the router, and
/// used again for a later attempt; worker thread.
/// </summary>
internal sealed partial class UpstreamRequest : IUpstreamHandler
{
    /// <summary>Of an upstream that refuses streams: more can only mean that it wants none.</summary>
    private const int MaxRefusals = 4;

    private readonly RouterFilter _router;
    private readonly Worker _worker;
    private readonly PendingRequest _pending;
    private readonly HeaderMap _responseHeaders = new();
    private AttemptTimers? _timers;
    private UpstreamStream? _stream;
    private TcpUpstreamStream? _connecting;
    private bool _headersOnly;
    private bool _requestPaused;

    /// <summary>An upstream that does not agree to the tunnel would take what comes on it for requests: it gets nothing before it has.</summary>
    private bool _awaitsTunnel;
    private bool _anyResponseByte;
    private bool _anyResponseHead;

    /// <summary>How often it was sent again because nobody had begun to serve it.</summary>
    private int _repeats;

    public UpstreamRequest(RouterFilter router, Worker worker)
    {
        _router = router;
        _worker = worker;
        _pending = new PendingRequest(this);
    }

    /// <summary>The endpoint that was picked; null before <see cref="Start"/>.</summary>
    public Endpoint? Endpoint { get; private set; }

    /// <summary>Started, and neither complete nor failed nor given up.</summary>
    public bool IsActive { get; private set; }

    /// <summary>It has no connection, or no tunnel through it, yet: body that comes meanwhile is kept by the router.</summary>
    public bool IsWaiting => IsActive && (_stream is null || _awaitsTunnel);

    public bool AwaitsHeaders => IsActive && !_anyResponseHead;

    /// <summary>Something of the request was given to a connection.</summary>
    public bool HasSent { get; private set; }

    /// <summary>Another attempt was made because this one took too long; this one goes on.</summary>
    public bool WasRetried { get; set; }

    private IHttpStream Downstream => _router.Stream;

    /// <param name="cluster">Has the pools.</param>
    /// <param name="endpoint">Where to.</param>
    /// <param name="priority">Of the pool and its limits.</param>
    /// <param name="headersOnly">The request has neither body nor trailers.</param>
    public void Start(WorkerCluster cluster, Endpoint endpoint, int priority, bool headersOnly)
    {
        Endpoint = endpoint;
        _headersOnly = headersOnly;
        _anyResponseByte = _anyResponseHead = HasSent = WasRetried = false;
        _repeats = 0;
        IsActive = true;
        BeginReports(cluster.Config);
        if (_router.Termination is { } termination)
            _connecting = TcpUpstreamStream.Connect(_worker, cluster, endpoint, termination.ProxyHeader, this, Downstream.Info);
        else
            Ask(cluster, priority);
    }

    /// <summary>The same again, on another connection.</summary>
    public void Repeat(WorkerCluster cluster, int priority)
    {
        _repeats++;
        IsActive = true;
        BeginReports(cluster.Config);
        Ask(cluster, priority);
    }

    /// <summary>Passes body on; nothing before there is a connection.</summary>
    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_stream is not { } stream || _awaitsTunnel)
            return;
        stream.EncodeData(data, endStream);
        NoteSent(endStream);
    }

    public void SendTrailers(HeaderMap trailers)
    {
        if (_stream is not { } stream || _awaitsTunnel)
            return;
        stream.EncodeTrailers(trailers);
        NoteSent(endStream: true);
    }

    /// <summary>Passes metadata on; false while there is no connection.</summary>
    public bool SendMetadata(ReadOnlySpan<byte> block)
    {
        if (_stream is not { } stream || !HasSent)
            return false;
        stream.EncodeMetadata(block);
        return true;
    }

    /// <summary>The end of the request has come: attempts are timed from here.</summary>
    public void OnRequestComplete()
    {
        if (_stream is not null && HasSent)
            StartPerTryTimers();
    }

    public void PauseResponse() => _stream?.PauseResponse();

    public void ResumeResponse() => _stream?.ResumeResponse();

    /// <summary>Stops the client's body: too much of it waits.</summary>
    public void PauseRequest()
    {
        if (_requestPaused)
            return;
        _requestPaused = true;
        Downstream.PauseRequest();
    }

    /// <summary>Gives the attempt up, whatever state it is in.</summary>
    public void Cancel()
    {
        if (_pending.IsWaiting)
            _pending.Cancel();
        _connecting?.Cancel();
        var stream = _stream;
        EndReports(failure: null, isCanceled: IsActive);
        End();
        stream?.Cancel();
    }

    /// <summary>Forgets the request.</summary>
    public void Reset()
    {
        Cancel();
        Endpoint = null;
        _responseHeaders.Clear();
    }

    internal void OnPerTryTimeout(bool isIdle) => _router.OnPerTryTimeout(this, isIdle);

    internal void OnStreamDurationReached() => _router.OnStreamDurationReached(this);

    void IUpstreamHandler.OnPoolReady(UpstreamStream stream)
    {
        _stream = stream;
        _connecting = null;
        _awaitsTunnel = Downstream.IsTunnel && stream is not TcpUpstreamStream;
        NoteConnection(stream, Downstream.RequestHeaders);
        stream.EncodeHeaders(Downstream.RequestHeaders, _headersOnly, Downstream.IsTunnel);
        _log?.OnConnection(stream, Downstream.RequestHeaders);
        _router.SendKeptMetadata(stream);
        if (!_headersOnly && !_awaitsTunnel)
            _router.Body.SendTo(stream, this);
        if (!IsActive)
            return;
        if (_headersOnly || _router.Body.IsComplete)
            Downstream.Info.LastUpstreamTxByteUs = Downstream.Info.FirstUpstreamTxByteUs;
        if (!_awaitsTunnel)
            ResumeRequest();
        BeginWaiting(stream);
    }

    void IUpstreamHandler.OnPoolFailure(ResetReason reason, string? transportFailure)
    {
        // A pool that tells all its waiting requests may come here late, when the router has given this one up.
        if (!IsActive)
            return;
        EndReports(reason);
        End();
        _router.OnUpstreamReset(this, reason, transportFailure, sameEndpointMayWork: false);
    }

    void IUpstreamHandler.OnRequestBackedUp() => PauseRequest();

    void IUpstreamHandler.OnRequestDrained()
    {
        if (!_awaitsTunnel)
            ResumeRequest();
    }

    private AttemptTimers Timers => _timers ??= new AttemptTimers(_worker.Loop, this);

    /// <summary>There is a connection, and the head is about to go out on it.</summary>
    private void NoteConnection(UpstreamStream stream, HeaderMap head)
    {
        Endpoint!.OutlierMonitor?.PutConnected(isFinal: false);
        HasSent = true;
        Describe(stream);
        var info = Downstream.Info;
        info.FirstUpstreamTxByteUs = info.UpstreamReadyUs = _worker.Loop.NowUs;
        if (info.SchemeFollowsUpstream)
            head.Set(KnownHeader.Scheme, stream.Tls is null ? "http"u8 : "https"u8);
        info.UpstreamHeaderBytesSent = head.ByteSize;
    }

    /// <summary>The head has gone out: an answer may come.</summary>
    private void BeginWaiting(UpstreamStream stream)
    {
        if (Downstream.IsResponseBackedUp)
            stream.PauseResponse();
        if (_router.StreamDurationMs is > 0 and var durationMs)
            Timers.StartDuration(durationMs);
        if (_router.IsRequestComplete)
            StartPerTryTimers();
    }

    /// <summary>What the client has sent ahead goes out.</summary>
    private void OpenTunnel()
    {
        _awaitsTunnel = false;
        if (!_headersOnly)
            _router.Body.SendTo(_stream!, this);
        if (IsActive)
            ResumeRequest();
    }

    private void StartPerTryTimers()
    {
        var timeouts = _router.Timeouts;
        if (timeouts.PerTryMs > 0 || timeouts.PerTryIdleMs > 0)
            Timers.StartPerTry(timeouts.PerTryMs, timeouts.PerTryIdleMs);
    }

    private void NoteSent(bool endStream)
    {
        if (endStream)
            Downstream.Info.LastUpstreamTxByteUs = _worker.Loop.NowUs;
    }

    private void End()
    {
        EndReports(failure: null);
        IsActive = _awaitsTunnel = false;
        _stream = null;
        _connecting = null;
        _timers?.Cancel();
        ResumeRequest();
    }

    private void ResumeRequest()
    {
        if (!_requestPaused)
            return;
        _requestPaused = false;
        Downstream.ResumeRequest();
    }
}
