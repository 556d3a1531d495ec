using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters.Router.Mirroring;
using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.HttpFilters.Router.Timeouts;
using Weft.Proxy.HttpFilters.Router.Tunnels;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Stats;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>
/// The terminal filter: answers a route that needs no upstream itself, sends all else to its cluster, in as many attempts as the route's
/// policies allow, and passes one attempt's response back. One attempt is an <see cref="UpstreamRequest"/>; whether there is another decides
/// <see cref="RetryState"/>. Pooled; worker thread.
/// </summary>
internal sealed partial class RouterFilter : HttpFilter
{
    private readonly RouterFilterFactory _config;
    private readonly Worker _worker;
    private readonly LoopTimer _timeout;
    private readonly DirectAnswer _directAnswer = new();
    private readonly RequestBalancing _balancing = new();
    private ForwardAction? _forward;
    private ClusterReference? _reference;
    private WorkerCluster? _cluster;
    private Mirrors? _mirrors;
    private RequestMetadata? _metadata;
    private RequestTimeouts _timeouts;
    private RequestGroups _groups;
    private AlternateTree? _alternate;
    private long _requestCompleteUs;
    private bool _headersOnly;

    public RouterFilter(RouterFilterFactory config, Worker worker)
    {
        _config = config;
        _worker = worker;
        Body = new RequestBody(worker.Loop.Buffers);
        _current = new UpstreamRequest(this, worker);
        _attempts = [_current];
        _timeout = new LoopTimer(worker.Loop, OnTimeout);
    }

    /// <summary>What attempts send.</summary>
    internal RequestBody Body { get; }

    internal RouterFilterFactory Config => _config;

    internal ref readonly RequestTimeouts Timeouts => ref _timeouts;

    /// <summary>The request's payload goes to a TCP connection; null: it is forwarded as HTTP.</summary>
    internal ConnectTermination? Termination { get; private set; }

    /// <summary>The end of the request has come.</summary>
    internal bool IsRequestComplete => _requestCompleteUs > 0;

    /// <summary>The longest that an attempt may take until its response's end; 0: no limit.</summary>
    internal long StreamDurationMs => _timeouts.StreamDurationMs ?? _cluster!.Config.MaxStreamDurationMs;

    private ClusterStats ClusterStats => _cluster!.Config.Stats;

    private bool IsInternal => Stream.RequestHeaders.Has(KnownHeader.XEnvoyInternal);

    private long ElapsedMs => (_worker.Loop.NowUs - (IsRequestComplete ? _requestCompleteUs : Stream.Info.StartUs)) / 1000;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var route = Stream.Route;
        if (route is null)
        {
            _config.Stats.NoRoute.Inc();
            Stream.SendLocalReply(404, [], "route_not_found", ResponseFlags.NoRouteFound);
            return FilterStatus.Ended;
        }

        if (route.Forward is not { } forward)
        {
            _directAnswer.Send(route, headers, Stream, _config);
            return FilterStatus.Ended;
        }

        _config.Stats.RqTotal.Inc();
        _forward = forward;
        var virtualCluster = route.VirtualHost.VirtualClusterOf(headers);
        Stream.Info.VirtualClusterName = virtualCluster?.Name;
        _groups = new RequestGroups(virtualCluster?.Stats, route.Stats);
        _reference = forward.SelectCluster(new RouteRequest(headers, Stream.Info, _config.Runtime.Current));
        _cluster = _reference is null ? null : _worker.Clusters.Find(_reference);
        if (_cluster is null)
        {
            _config.Stats.NoCluster.Inc();
            Stream.SendLocalReply(forward.ClusterNotFoundStatus, [], "cluster_not_found", ResponseFlags.NoClusterFound);
            return FilterStatus.Ended;
        }

        if (headers.Has(KnownHeader.XEnvoyUpstreamAltStatName))
        {
            _alternate = _config.CountsStatuses ? _cluster.Config.AlternateStats.Find(headers.Get(KnownHeader.XEnvoyUpstreamAltStatName)) : null;
            headers.Remove(KnownHeader.XEnvoyUpstreamAltStatName);
        }

        if (!_config.StrictHeaders.IsEmpty && _config.StrictHeaders.Check(headers) is { } wrong)
        {
            Stream.SendLocalReply(400, wrong, "request_headers_failed_strict_check", ResponseFlags.InvalidEnvoyRequestHeaders);
            return FilterStatus.Ended;
        }

        if (_cluster.Endpoints.DropOverload is > 0 and var dropped && DropSome(dropped))
            return FilterStatus.Ended;
        Prepare(route, forward, headers, endStream);
        return StartFirst() ? FilterStatus.Continue : FilterStatus.Ended;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (Body.IsKept && Body.Length + chunk.Bytes.Length > BufferLimitBytes && !StopKeepingBody())
            return FilterStatus.Ended;
        if (Body.IsKept || _current.IsWaiting)
            Body.Add(chunk.Bytes, chunk.EndStream);
        if (_current.IsWaiting && Body.Length > Stream.BufferLimitBytes)
            _current.PauseRequest();
        _mirrors?.SendData(chunk.Bytes, chunk.EndStream);
        _current.SendData(chunk.Bytes, chunk.EndStream);
        if (chunk.EndStream)
            OnRequestComplete();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        if (Body.IsKept || _current.IsWaiting)
            Body.AddTrailers(trailers);
        _mirrors?.SendTrailers(trailers);
        _current.SendTrailers(trailers);
        OnRequestComplete();
        return FilterStatus.Continue;
    }

    public override void OnRequestMetadata(ReadOnlySpan<byte> block)
    {
        if (_current.SendMetadata(block))
            return;
        _metadata ??= new RequestMetadata();
        if (!_metadata.Add(block, Stream.BufferLimitBytes))
            Stream.SendLocalReply(413, "Payload Too Large"u8, "request_payload_too_large");
    }

    public override void OnResponseBackedUp() => _current.PauseResponse();

    public override void OnResponseDrained() => _current.ResumeResponse();

    public override void OnReset()
    {
        _timeout.Cancel();
        ResetAttempts();
        _mirrors?.Reset();
        _balancing.Reset();
        Body.Reset();
        _metadata = null;
        _forward = null;
        Termination = null;
        _reference = null;
        _cluster = null;
        _alternate = null;
        _headersOnly = false;
        _requestCompleteUs = 0;
    }

    /// <summary>An attempt has a stream: what of the metadata has come before it goes out behind the head.</summary>
    internal void SendKeptMetadata(UpstreamStream stream) => _metadata?.SendTo(stream);

    /// <summary>Everything that happens once per request, however many attempts there are.</summary>
    private void Prepare(Route route, ForwardAction forward, HeaderMap headers, bool endStream)
    {
        _headersOnly = endStream;
        Stream.Info.UpstreamCluster = _cluster!.Config;
        var context = new FormatContext(Stream.Info, headers);
        route.RequestHeaders.Apply(headers, context);
        forward.Rewrite(headers, context, keepOriginal: !_config.SuppressEnvoyHeaders);
        Termination = forward.Connect is { } connect && connect.Takes(headers) ? connect : null;
        _timeouts = RequestTimeouts.Take(headers, forward, _config);
        BeginRetries(forward, headers);
        Body.Begin(keep: MayRetry || forward.Policies.InternalRedirects is not null, isComplete: endStream);
        if (endStream)
            OnRequestComplete();
        if (Stream.IsTunnel && _timeouts.GlobalMs > 0 && AsciiBytes.EqualsIgnoreCase(headers.Get(KnownHeader.Upgrade), "websocket"u8))
            _timeout.Arm(_timeouts.GlobalMs);
    }

    private void StartMirrors()
    {
        var policies = _forward!.Policies.Mirrors;
        if (policies.Length == 0 || Stream.IsTunnel)
            return;
        _mirrors ??= new Mirrors(_worker, _config.UpstreamFilters);
        var request = new RouteRequest(Stream.RequestHeaders, Stream.Info, _config.Runtime.Current);
        _mirrors.Start(policies, request, _headersOnly, BufferLimitBytes, _timeouts.GlobalMs);
    }

    private void OnRequestComplete()
    {
        if (IsRequestComplete)
            return;
        _requestCompleteUs = _worker.Loop.NowUs;
        if (_timeouts.GlobalMs > 0 && !Stream.IsTunnel && !IsResponseComplete)
            _timeout.Arm(_timeouts.GlobalMs);
        _current.OnRequestComplete();
    }

    private int BufferLimitBytes => _forward!.Policies.BufferLimitBytes ?? Stream.BufferLimitBytes;

    /// <summary>The body is too large to be sent a second time; false when there is nobody to send it to a first time either.</summary>
    private bool StopKeepingBody()
    {
        if (MayRetry)
            ClusterStats.RetryOrShadowAbandoned.Inc();
        _retry?.End();
        Body.StopKeeping(isSent: !_current.IsWaiting);
        if (_current.IsActive || _responseStarted)
            return true;
        Answer(507, "exceeded request buffer limit while retrying upstream"u8, "request_payload_exceeded_retry_buffer_limit", ResponseFlags.None);
        return false;
    }
}
