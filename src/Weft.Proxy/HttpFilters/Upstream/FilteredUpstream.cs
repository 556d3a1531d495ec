using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters.Discovered;
using Weft.Proxy.NetworkFilters.HttpConnectionManager;
using Weft.Proxy.Routing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Upstream;

/// <summary>
/// A stream with filters before it: takes a request at once, asks for a connection when the request's head has passed the filters, and keeps what
/// passes them until there is one. Used again by its attempt for a later request; worker thread.
/// </summary>
internal sealed partial class FilteredUpstream : UpstreamStream
{
    private readonly IFilteredAttempt _attempt;
    private readonly HttpFilter[] _filters;
    private readonly HttpFilter[] _back;
    private readonly HttpFilterFactory[] _madeBy;
    private readonly PendingRequest _pending;
    private readonly ByteQueue _waiting;
    private readonly ByteWriter _scratch = new();
    private RouteFilters? _mergedOf;

    /// <summary>The connection's stream while it runs; null before and behind that.</summary>
    private UpstreamStream? _upstream;

    /// <summary>The same, also after its end: facts are asked for later.</summary>
    private UpstreamStream? _latest;

    /// <summary>The connection's stream that was there before the head; null: it is asked for when the head is.</summary>
    private UpstreamStream? _ready;
    private bool _isLate;
    private HeaderMap? _trailers;
    private bool _headersOnly;
    private bool _tunnel;
    private bool _endWaits;
    private bool _trailersWait;
    private bool _waitsFull;
    private int _requestPauses;

    public FilteredUpstream(UpstreamFilterChain chain, IFilteredAttempt attempt, Worker worker)
    {
        (Chain, _attempt, Worker) = (chain, attempt, worker);
        _pending = new PendingRequest(this);
        _waiting = new ByteQueue(worker.Loop.Buffers);
        Stream = new UpstreamFilterStream(this, attempt);
        _madeBy = new HttpFilterFactory[chain.Factories.Length];
        _filters = new HttpFilter[_madeBy.Length];
        _back = new HttpFilter[_madeBy.Length];
        for (var i = 0; i < _filters.Length; i++)
            Make(i, chain.Factories[i]);
        Request = new FilterPath<UpstreamPath>(new UpstreamPath(this), _filters, firstPlace: 0, isRequest: true);
        Response = new FilterPath<UpstreamPath>(new UpstreamPath(this), _back, firstPlace: 0, isRequest: false);
    }

    public UpstreamFilterChain Chain { get; }

    public Worker Worker { get; }

    /// <summary>What the filters see.</summary>
    public UpstreamFilterStream Stream { get; }

    /// <summary>The request's, as the filters leave it.</summary>
    public HeaderMap Head { get; } = new();

    public FilterPath<UpstreamPath> Request { get; }

    public FilterPath<UpstreamPath> Response { get; }

    /// <summary>What the route says to the filters; null: nothing.</summary>
    public RouteFilters? RouteFilters { get; private set; }

    /// <summary>From <see cref="Begin"/> until the response's end, a failure, or an answer of a filter.</summary>
    public bool IsActive { get; private set; }

    public override HttpProtocol? Protocol => _latest?.Protocol;

    public override NetAddress LocalAddress => _latest?.LocalAddress ?? default;

    public override NetAddress RemoteAddress => _latest?.RemoteAddress ?? default;

    public override TlsFacts? Tls => _latest?.Tls;

    public override (long BegunUs, long ConnectedUs, long SecuredUs) Moments => _latest?.Moments ?? default;

    public override long ConnectionId => _latest?.ConnectionId ?? 0;

    public override bool IsReused => _latest is { IsReused: true };

    public override bool NothingSent => _latest is null or { NothingSent: true };

    /// <summary>Ready for a request that is written when a connection is there: its sender wants to know that first.</summary>
    public void BeginLate()
    {
        Begin();
        _isLate = true;
    }

    /// <summary>Ready for the attempt's request.</summary>
    public void Begin()
    {
        IsActive = true;
        _isLate = false;
        _latest = _ready = null;
        Stream.Reset();
        var ofRoute = _attempt.Route?.Filters;
        if (!ReferenceEquals(ofRoute, _mergedOf))
            (_mergedOf, RouteFilters) = (ofRoute, ofRoute?.For(Chain.Factories));
        for (var i = 0; i < _filters.Length; i++)
        {
            var factory = Chain.Factories[i];
            if (factory is DiscoveredFilterFactory discovered && discovered.Current != _madeBy[i])
                Make(i, factory);
            _filters[i].IsSkipped = RouteFilters?.IsDisabled(i) ?? factory.IsDisabled;
        }
    }

    public override void EncodeHeaders(HeaderMap headers, bool endStream, bool tunnel)
    {
        Head.CopyFrom(headers);
        _tunnel = tunnel;
        Request.Head(Head, endStream);
    }

    public override void EncodeData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (IsActive)
            Request.Data(data, endStream);
    }

    public override void EncodeTrailers(HeaderMap trailers)
    {
        if (IsActive)
            Request.Trailers(trailers);
    }

    public override void EncodeMetadata(ReadOnlySpan<byte> block) => _upstream?.EncodeMetadata(block);

    public override void Cancel()
    {
        if (!IsActive)
            return;
        if (_pending.IsWaiting)
            _pending.Cancel();
        var upstream = _upstream ?? _ready;
        End();
        upstream?.Cancel();
    }

    public override void PauseResponse() => _upstream?.PauseResponse();

    public override void ResumeResponse() => _upstream?.ResumeResponse();

    /// <summary>Stops the request's body: the connection, a filter or this has enough of it; calls nest.</summary>
    public void PauseRequest()
    {
        if (_requestPauses++ == 0)
            _attempt.OnRequestBackedUp();
    }

    public void ResumeRequest()
    {
        if (_requestPauses > 0 && --_requestPauses == 0)
            _attempt.OnRequestDrained();
    }

    public ReadOnlySpan<byte> CopyToScratch(ReadOnlySpan<byte> bytes)
    {
        _scratch.Clear();
        _scratch.Write(bytes);
        return _scratch.Written;
    }

    public void OnRequestHeadPassed(bool endStream)
    {
        _headersOnly = endStream;
        if (_ready is { } ready)
            Send(ready);
        else
            _attempt.AskPool(_pending, Head);
    }

    public void OnRequestDataPassed(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_upstream is { } upstream)
        {
            upstream.EncodeData(data, endStream);
            if (endStream)
                _attempt.OnRequestSent();
            return;
        }

        _waiting.Append(data);
        _endWaits |= endStream;
        if (_waiting.Length <= Stream.BufferLimitBytes || _waitsFull)
            return;
        _waitsFull = true;
        PauseRequest();
    }

    public void OnRequestTrailersPassed(HeaderMap trailers)
    {
        if (_upstream is { } upstream)
        {
            upstream.EncodeTrailers(trailers);
            _attempt.OnRequestSent();
            return;
        }

        _trailers ??= new HeaderMap();
        _trailers.CopyFrom(trailers);
        _endWaits = _trailersWait = true;
    }

    private void Make(int index, HttpFilterFactory factory)
    {
        _madeBy[index] = factory is DiscoveredFilterFactory discovered ? discovered.Current : factory;
        var filter = _madeBy[index].Create(Worker);
        filter.Stream = Stream;
        filter.Index = index;
        _filters[index] = _back[^(index + 1)] = filter;
    }

    /// <summary>The head goes out, and what has passed the filters behind it.</summary>
    private void Send(UpstreamStream stream)
    {
        (_upstream, _ready) = (stream, null);
        _attempt.OnConnected(stream, Head);
        stream.EncodeHeaders(Head, _headersOnly, _tunnel);
        _attempt.OnHeadSent(stream);
        if (_headersOnly)
            _attempt.OnRequestSent();
        else if (IsActive)
            SendWaiting(stream);
    }

    private void SendWaiting(UpstreamStream stream)
    {
        var isEndSent = false;
        while (!_waiting.IsEmpty)
        {
            var piece = _waiting.First;
            isEndSent = _endWaits && !_trailersWait && piece.Length == _waiting.Length;
            stream.EncodeData(piece, isEndSent);
            if (!IsActive)
                return;
            _waiting.Drain(piece.Length);
        }

        if (_trailersWait)
            stream.EncodeTrailers(_trailers!);
        else if (_endWaits && !isEndSent)
            stream.EncodeData([], endStream: true);
        if (_endWaits)
            _attempt.OnRequestSent();
        _endWaits = _trailersWait = false;
        if (!_waitsFull)
            return;
        _waitsFull = false;
        ResumeRequest();
    }

    private void End()
    {
        IsActive = false;
        _upstream = _ready = null;
        _requestPauses = 0;
        _endWaits = _trailersWait = _waitsFull = false;
        _waiting.Clear();
        Request.Reset();
        Response.Reset();
        foreach (var filter in _filters)
            filter.OnReset();
    }
}
