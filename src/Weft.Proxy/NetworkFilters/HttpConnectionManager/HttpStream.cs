using Weft.Http;
using Weft.Net;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing;
using Weft.Proxy.Workers;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// One request and its response: the maps, the filters, the timers. Pooled per connection manager and worker, so that a
/// request allocates nothing; given back at the end of the turn in which it ended, because callers further up may still look at it.
/// </summary>
internal sealed partial class HttpStream : IHttpStream, ITurnEndWork
{
    private readonly HttpConnectionManagerWorker _worker;
    private readonly StreamFilters _usualFilters;
    private StreamFilters _filters;
    private readonly StreamTimers _timers;
    private HttpConnectionManager _manager = null!;
    private ResponseEncoder _encoder = null!;
    private int? _requestBufferLimit;
    private bool _requestComplete;
    private bool _finished;

    public HttpStream(HttpConnectionManagerWorker worker)
    {
        _worker = worker;
        _filters = _usualFilters = new StreamFilters(this, MakeFilters(..worker.Config.Filters.Length), 0);
        _timers = new StreamTimers(this, worker.Worker.Loop);
        if (worker.Config.Tracing is { } tracing)
            Trace = new HttpTrace(tracing, worker.Worker);
    }

    public Worker Worker => _worker.Worker;

    public HttpConnectionManagerConfig Config => _worker.Config;

    public StreamInfo Info { get; } = new();

    public HttpTrace? Trace { get; }

    public HeaderMap RequestHeaders { get; } = new();

    public HeaderMap? ResponseHeaders { get; private set; }

    public bool IsHeadRequest { get; private set; }

    /// <summary>The connection cannot serve another request after this one.</summary>
    public bool MustClose { get; private set; }

    /// <summary>per_connection_buffer_limit_bytes of the listener; 0: none.</summary>
    public int BufferLimitBytes => _manager.Connection.Socket.HighWatermarkBytes is > 0 and var limit ? limit : int.MaxValue;

    public int RequestBufferLimitBytes
    {
        get => _requestBufferLimit ?? BufferLimitBytes;
        set => _requestBufferLimit = value;
    }

    HeaderMap? IHttpStream.KeptTrailers(bool isRequest) => (isRequest ? _filters.Request : _filters.Response).KeptTrailers;

    DynamicMetadata IHttpStream.ConnectionMetadata => _manager.Connection.Info.DynamicMetadata;

    object? IHttpStream.ConnectionValue(object key) => _manager.Values?.GetValueOrDefault(key);

    void IHttpStream.SetConnectionValue(object key, object value) => (_manager.Values ??= new Dictionary<object, object>(ReferenceEqualityComparer.Instance))[key] = value;

    /// <summary>The status of a time-out: 504 when the whole request was received, else 408.</summary>
    internal int TimeoutStatus => _requestComplete ? 504 : 408;

    /// <summary>The response has begun to be written (or the stream is over): no filter may see more of that direction.</summary>
    internal bool IsOver(bool isRequest) => _finished || (isRequest && _localReply);

    /// <summary>A request's first byte has come.</summary>
    internal void Begin(HttpConnectionManager manager, ResponseEncoder encoder)
    {
        _manager = manager;
        _encoder = encoder;
        if (_madeBy is not null)
            RenewFilters(_madeBy);
        var connection = manager.Connection.Info;
        var loop = Worker.Loop;
        Info.StartTime = loop.UtcNow;
        Info.StartUs = loop.NowUs;
        Info.RandomValue = Worker.Random.Next();
        Info.ConnectionId = connection.ConnectionId;
        Info.DownstreamRemoteAddress = Info.ConnectionRemoteAddress = connection.DownstreamRemoteAddress;
        Info.DownstreamDirectRemoteAddress = connection.DownstreamDirectRemoteAddress;
        Info.DownstreamLocalAddress = connection.DownstreamLocalAddress;
        Info.DownstreamDirectLocalAddress = connection.DownstreamDirectLocalAddress;
        Info.IsLocalAddressRestored = connection.IsLocalAddressRestored;
        Info.UpstreamSource = connection.UpstreamSource;
        Info.ProxyHeader = connection.ProxyHeader;
        if (!connection.DynamicMetadata.IsEmpty)
            connection.DynamicMetadata.CopyTo(Info.DynamicMetadata);
        Info.FilterState.Connection = connection.FilterState;
        Info.FilterChainName = connection.FilterChainName;
        (Info.Listener, Info.FilterChain) = (connection.Listener, connection.FilterChain);
        Info.DownstreamTls = manager.Connection.Tls;
        Info.DownstreamAcceptedUs = connection.DownstreamAcceptedUs;
        Info.DownstreamSecuredUs = manager.Connection.Socket.SecuredUs;
        Info.RequestedServerName = connection.RequestedServerName ?? Info.DownstreamTls?.ServerName;
        Info.Ja3Fingerprint = connection.Ja3Fingerprint;
        Info.Ja4Fingerprint = connection.Ja4Fingerprint;
        var stats = Config.Stats;
        stats.DownstreamRqTotal.Inc();
        stats.DownstreamRqActive.Inc();
        if (encoder.IsMultiplexed)
            stats.DownstreamRqHttp2Total.Inc();
        else
            stats.DownstreamRqHttp1Total.Inc();
        _timers.Begin();
    }

    /// <summary>The connection is gone before the stream was over.</summary>
    internal void OnDownstreamGone(bool remote) => OnDownstreamReset(
        _responseComplete ? null : remote ? "downstream_remote_disconnect" : "downstream_local_disconnect",
        ResponseFlags.DownstreamConnectionTermination);

    /// <summary>The stream ended in the codec before it was over.</summary>
    /// <param name="details">Response code details; null leaves them as they are.</param>
    internal void OnDownstreamReset(string? details, ResponseFlags flags)
    {
        if (_finished)
            return;
        Config.Stats.DownstreamRqRxReset.Inc();
        Info.ResponseFlags |= flags;
        if (details is not null)
            Info.ResponseCodeDetails = details;
        Finish();
    }

    void ITurnEndWork.OnTurnEnd() => _worker.ReturnStream(this);

    /// <summary>Room for bytes that are passed on while their queue changes; valid until the next call on this worker.</summary>
    internal ReadOnlySpan<byte> CopyToScratch(ReadOnlySpan<byte> bytes)
    {
        _worker.Scratch.Clear();
        _worker.Scratch.Write(bytes);
        return _worker.Scratch.Written;
    }

    internal FormatContext FormatContext => new(Info, RequestHeaders, ResponseHeaders, _responseTrailers);

    private void FinishIfDone()
    {
        if (!_finished && _responseComplete && (_requestComplete || MustClose || _encoder.IsMultiplexed))
            Finish();
    }

    /// <summary>Ends the stream: it is counted and logged, then filters forget it (and the headers they hold), the connection may go on.</summary>
    private void Finish()
    {
        _finished = true;
        EndDeferral();
        _timers.Cancel();
        Info.EndUs = Worker.Loop.NowUs;
        var stats = Config.Stats;
        stats.DownstreamRqActive.Dec();
        if (_isUpgraded)
            stats.DownstreamCxUpgradesActive.Dec();
        stats.DownstreamRqTime.Record((Info.EndUs - Info.StartUs) / 1000);

        NoteCluster();
        // Before the filters forget: the response's headers are the router's.
        WriteAccessLogs(AccessLogType.DownstreamEnd);
        Trace?.Finish(FormatContext);
        foreach (var filter in _filters.All)
            filter.OnReset();
        _manager.OnStreamDone();
        _encoder.OnStreamDone(this);
        Worker.Loop.AtTurnEnd(this);
    }

    /// <summary>A line about a request that goes on, as it is now.</summary>
    internal void WriteInterimLogs(AccessLogType type)
    {
        Info.EndUs = Worker.Loop.NowUs;
        NoteCluster();
        WriteAccessLogs(type);
        Info.EndUs = 0;
    }

    private void WriteAccessLogs(AccessLogType type)
    {
        if (Config.AccessLogs.Length == 0)
            return;
        var context = new FormatContext(Info, RequestHeaders, ResponseHeaders, _responseTrailers) { LogType = type };
        foreach (var logger in Config.AccessLogs)
            logger.Log(context);
    }

    /// <summary>Ready for another request.</summary>
    internal void Reset()
    {
        Info.Reset();
        RequestHeaders.Clear();
        LocalReplyHeaders.Clear();
        ResponseHeaders = null;
        _responseTrailers = null;
        _filters.Request.Reset();
        _filters.Response.Reset();
        _route = null;
        _routeKnown = false;
        _requestBufferLimit = null;
        if (_skippingChanged)
            RestoreSkipping();
        _filters = _usualFilters;
        IsHeadRequest = IsTunnel = _isUpgraded = MustClose = _downstreamBackedUp = false;
        _responsePauses = 0;
        _requestComplete = _responseStarted = _responseComplete = _localReply = _finished = false;
    }
}
