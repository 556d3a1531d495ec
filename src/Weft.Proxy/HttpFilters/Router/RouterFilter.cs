using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>
/// The terminal filter: turns the route into an answer of its own (redirect, direct response) or into an attempt at an
/// endpoint, and passes that attempt's response back. One attempt is <see cref="UpstreamRequest"/>. Pooled; worker thread.
/// </summary>
internal sealed class RouterFilter : HttpFilter
{
    private readonly RouterFilterFactory _config;
    private readonly Worker _worker;
    private readonly UpstreamRequest _attempt;
    private readonly RequestBalancing _balancing = new();
    private readonly LoopTimer _timeout;
    private readonly ByteWriter _location = new();
    private ForwardAction? _forward;
    private WorkerCluster? _cluster;
    private long _timeoutMs;
    private long _requestCompleteUs;
    private bool _responseStarted;
    private bool _headersOnly;
    private bool _retriedStale;

    public RouterFilter(RouterFilterFactory config, Worker worker)
    {
        _config = config;
        _worker = worker;
        _attempt = new UpstreamRequest(this, worker);
        _timeout = new LoopTimer(worker.Loop, OnTimeout);
    }

    private ClusterStats ClusterStats => _cluster!.Config.Stats;

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
            return AnswerDirectly(route, headers);
        _config.Stats.RqTotal.Inc();
        var request = new RouteRequest(headers, Stream.Info, _config.Runtime.Current);
        if (forward.SelectCluster(request) is not { } reference || _worker.Clusters.Find(reference) is not { } cluster)
        {
            _config.Stats.NoCluster.Inc();
            Stream.SendLocalReply(forward.ClusterNotFoundStatus, [], "cluster_not_found", ResponseFlags.NoClusterFound);
            return FilterStatus.Ended;
        }

        return Forward(route, forward, cluster, headers, endStream);
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        _headersOnly = false;
        _attempt.SendData(chunk.Bytes, chunk.EndStream);
        if (chunk.EndStream)
            OnRequestComplete();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        _attempt.SendTrailers(trailers);
        OnRequestComplete();
        return FilterStatus.Continue;
    }

    public override void OnResponseBackedUp() => _attempt.PauseResponse();

    public override void OnResponseDrained() => _attempt.ResumeResponse();

    public override void OnReset()
    {
        _timeout.Cancel();
        _attempt.Cancel();
        _attempt.Reset();
        _balancing.Reset();
        _forward = null;
        _cluster = null;
        _responseStarted = _headersOnly = _retriedStale = false;
        _requestCompleteUs = 0;
    }

    /// <summary>The attempt's response head.</summary>
    internal void OnUpstreamHeaders(HeaderMap headers, bool endStream)
    {
        _responseStarted = true;
        var status = headers.Status;
        Stream.Info.ResponseCodeDetails = "via_upstream";
        EndpointReports.Answered(_attempt.Endpoint!, Stream.RequestHeaders, headers);
        ChargeUpstream(status, headers);
        if (!_config.SuppressEnvoyHeaders && _requestCompleteUs > 0)
            headers.Set(KnownHeader.XEnvoyUpstreamServiceTime, (_worker.Loop.NowUs - _requestCompleteUs) / 1000);
        _balancing.WriteCookies(headers);
        var route = Stream.Route!;
        if (!route.ResponseHeaders.IsEmpty)
            route.ResponseHeaders.Apply(headers, new FormatContext(Stream.Info, Stream.RequestHeaders, headers));
        if (endStream)
            OnUpstreamComplete();
        Stream.EncodeHeaders(headers, endStream);
    }

    internal void OnUpstreamData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (endStream)
            OnUpstreamComplete();
        Stream.EncodeData(data, endStream);
    }

    internal void OnUpstreamTrailers(HeaderMap trailers)
    {
        OnUpstreamComplete();
        Stream.EncodeTrailers(trailers);
    }

    /// <summary>The attempt has failed.</summary>
    /// <param name="sameEndpointMayWork">A kept connection turned out dead and the request may be sent again (RFC 9112 section 9.3.1).</param>
    internal void OnUpstreamReset(ResetReason reason, string? transportFailure, bool sameEndpointMayWork)
    {
        if (sameEndpointMayWork && !_retriedStale && _headersOnly && !_responseStarted)
        {
            _retriedStale = true;
            _attempt.Reset();
            _attempt.Start(_cluster!, _attempt.Endpoint!, _forward!.Priority, Stream.RequestHeaders, endStream: true, Stream.IsTunnel);
            return;
        }

        _timeout.Cancel();
        var endpoint = _attempt.Endpoint;
        endpoint?.Stats.RqError.Inc();
        EndpointReports.Failed(endpoint, reason);
        Stream.Info.UpstreamTransportFailureReason = transportFailure;
        if (_responseStarted)
            _config.Stats.RqResetAfterDownstreamResponseStarted.Inc();
        else
            ClusterStats.ChargeResponse(UpstreamFailure.StatusOf(reason), ElapsedMs, IsInternal, isCanary: false);
        if (reason == ResetReason.Overflow && !_config.SuppressEnvoyHeaders)
            Stream.LocalReplyHeaders.Set(KnownHeader.XEnvoyOverloaded, "true"u8);
        Stream.SendLocalReply(
            UpstreamFailure.StatusOf(reason),
            UpstreamFailure.BodyOf(reason, transportFailure),
            UpstreamFailure.DetailsOf(reason, transportFailure, _responseStarted),
            UpstreamFailure.FlagsOf(reason));
    }

    private bool IsInternal => Stream.RequestHeaders.Has(KnownHeader.XEnvoyInternal);

    private long ElapsedMs => (_worker.Loop.NowUs - (_requestCompleteUs > 0 ? _requestCompleteUs : Stream.Info.StartUs)) / 1000;

    private FilterStatus AnswerDirectly(Route route, HeaderMap headers)
    {
        var reply = Stream.LocalReplyHeaders;
        if (route.Redirect is { } redirect)
        {
            _config.Stats.RqRedirect.Inc();
            _location.Clear();
            redirect.WriteLocation(headers, _location);
            reply.Set(KnownHeader.Location, _location.Written);
        }
        else
        {
            _config.Stats.RqDirectResponse.Inc();
            if (route.DirectResponse!.HasLocation)
            {
                _location.Clear();
                route.DirectResponse.WriteLocation(headers, _location);
                reply.Set(KnownHeader.Location, _location.Written);
            }
        }

        route.ResponseHeaders.Apply(reply, new FormatContext(Stream.Info, headers, reply));
        var status = route.Redirect?.Status ?? route.DirectResponse!.Status;
        Stream.SendLocalReply(status, route.DirectResponse?.Body ?? [], "direct_response");
        return FilterStatus.Ended;
    }

    private FilterStatus Forward(Route route, ForwardAction forward, WorkerCluster cluster, HeaderMap headers, bool endStream)
    {
        _forward = forward;
        _cluster = cluster;
        _headersOnly = endStream;
        var info = Stream.Info;
        info.UpstreamCluster = cluster.Config;
        info.AttemptCount = 1;
        _timeoutMs = UpstreamTimeout.Take(headers, forward, _config);
        if (route.VirtualHost.IncludeRequestAttemptCount)
            headers.Set(KnownHeader.XEnvoyAttemptCount, 1);
        var context = new FormatContext(info, headers);
        route.RequestHeaders.Apply(headers, context);
        forward.Rewrite(headers, context, keepOriginal: !_config.SuppressEnvoyHeaders);
        if (cluster.Pick(_balancing.ContextFor(cluster.Config, forward, info, headers)) is not { } endpoint)
        {
            ClusterStats.UpstreamCxNoneHealthy.Inc();
            ClusterStats.ChargeResponse(503, 0, IsInternal, isCanary: false);
            Stream.SendLocalReply(503, "no healthy upstream"u8, "no_healthy_upstream", ResponseFlags.NoHealthyUpstream);
            return FilterStatus.Ended;
        }

        if (forward.AutoHostRewrite && endpoint.Hostname.Length > 0)
            HostRewrite.ToEndpoint(headers, endpoint, forward, keepOriginal: !_config.SuppressEnvoyHeaders);
        if (endStream)
            OnRequestComplete();
        _attempt.Start(cluster, endpoint, forward.Priority, headers, endStream, Stream.IsTunnel);
        return FilterStatus.Continue;
    }

    private void OnRequestComplete()
    {
        if (_requestCompleteUs > 0)
            return;
        _requestCompleteUs = _worker.Loop.NowUs;
        if (_timeoutMs > 0 && !Stream.IsTunnel && !_attempt.IsComplete)
            _timeout.Arm(_timeoutMs);
    }

    private void OnUpstreamComplete()
    {
        _timeout.Cancel();
        Stream.Info.LastUpstreamRxByteUs = _worker.Loop.NowUs;
    }

    private void OnTimeout()
    {
        ClusterStats.UpstreamRqTimeout.Inc();
        _attempt.Endpoint?.Stats.RqTimeout.Inc();
        _attempt.Endpoint?.Stats.RqError.Inc();
        _attempt.Cancel();
        if (!_responseStarted)
            EndpointReports.TimedOut(_attempt.Endpoint, 504);
        if (!_responseStarted)
            ClusterStats.ChargeResponse(504, ElapsedMs, IsInternal, isCanary: false);
        Stream.SendLocalReply(504, "upstream request timeout"u8, "response_timeout", ResponseFlags.UpstreamRequestTimeout);
    }

    private void ChargeUpstream(int status, HeaderMap headers)
    {
        var endpoint = _attempt.Endpoint!;
        if (status >= 500)
            endpoint.Stats.RqError.Inc();
        else
            endpoint.Stats.RqSuccess.Inc();
        var isCanary = headers.Get(KnownHeader.XEnvoyUpstreamCanary).SequenceEqual("true"u8);
        ClusterStats.ChargeResponse(status, ElapsedMs, IsInternal, isCanary);
    }
}
