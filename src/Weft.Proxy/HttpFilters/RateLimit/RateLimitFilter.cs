using Envoy.Service.Ratelimit.V3;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;
using Weft.Proxy.RateLimiting;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.RateLimits;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;
using VhOption = Envoy.Extensions.Filters.Http.Ratelimit.V3.RateLimitPerRoute.Types.VhRateLimitsOptions;

namespace Weft.Proxy.HttpFilters.RateLimit;

/// <summary>Holds each request that has descriptors until the rate limit service has said whether it may go on. Pooled; worker thread.</summary>
internal sealed class RateLimitFilter : HttpFilter, IRateLimitHandler
{
    private const long GrpcResourceExhausted = 8;
    private const string MetadataNamespace = "envoy.filters.http.ratelimit";

    private readonly RateLimitFilterFactory _factory;
    private readonly Worker _worker;
    private readonly RateLimitCall _call;
    private readonly ByteWriter _descriptor = new(64);
    private RateLimitResponse? _response;
    private ClusterConfig? _cluster;
    private Route? _route;
    private RateLimitRouteConfig? _ofRoute;
    private bool _isStarting;
    private bool _isWaiting;
    private bool _isRefused;

    public RateLimitFilter(RateLimitFilterFactory factory, Worker worker)
    {
        (_factory, _worker) = (factory, worker);
        _call = new RateLimitCall(factory.Config.Service, worker, this);
    }

    private RateLimitConfig Config => _factory.Config;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var runtime = _factory.Runtime.Current;
        if (!runtime.IsEnabled(Config.Enabled, _worker.Random.Next()) || !IsOfOrigin(headers) || CreateRequest(headers, runtime) is not { } request)
            return FilterStatus.Continue;
        // What is answered at once is not waited for.
        (_isStarting, _isWaiting) = (true, true);
        _call.Start(request);
        _isStarting = false;
        if (_isRefused) return FilterStatus.Ended;
        if (!_isWaiting) return FilterStatus.Continue;
        Stream.PauseRequest();
        return FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _isWaiting ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _isWaiting ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (_response is not { } response) return FilterStatus.Continue;
        foreach (var header in response.ResponseHeadersToAdd)
        {
            if (!ServiceHeaders.TryRead(header, out var name, out var value)) continue;
            // What the service says of its own body counts.
            if (_isRefused && name.Known == KnownHeader.ContentType) headers.Remove(name);
            headers.Add(name, value);
        }

        if (Config.TellsLimits) LimitHeaders.Add(response.Statuses, headers);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _call.Cancel();
        if (_isWaiting && !_isStarting) Stream.ResumeRequest();
        if (!_isWaiting) TellOnDone();
        (_isStarting, _isWaiting, _isRefused) = (false, false, false);
        _response = null;
        _cluster = null;
        (_route, _ofRoute) = (null, null);
    }

    void IRateLimitHandler.OnRateLimit(RateLimitAnswer answer, RateLimitResponse? response)
    {
        _isWaiting = false;
        _response = response;
        if (!_isStarting) Stream.ResumeRequest();
        if (response?.DynamicMetadata is { Fields.Count: > 0 } metadata) Stream.Info.DynamicMetadata.Replace(MetadataNamespace, metadata);
        var goesOn = MayGoOn(answer);
        Count(answer, goesOn);
        if (goesOn)
        {
            if (response is not null) ServiceHeaders.Add(response.RequestHeadersToAdd, Stream.RequestHeaders);
            if (!_isStarting) Stream.ContinueRequest(this);
            return;
        }

        _isRefused = true;
        if (answer == RateLimitAnswer.Error)
            Stream.SendLocalReply(Config.StatusOnError, [], "rate_limiter_error", ResponseFlags.RateLimitServiceError);
        else
            Refuse(response!);
    }

    private bool MayGoOn(RateLimitAnswer answer) => answer switch
    {
        RateLimitAnswer.Ok => true,
        RateLimitAnswer.Error => !IsDrawn(Config.DeniedOnFailure),
        _ => !IsDrawn(Config.Enforced),
    };

    private bool IsDrawn(in RuntimeFraction share) => _factory.Runtime.Current.IsEnabled(share, _worker.Random.Next());

    private void Refuse(RateLimitResponse response)
    {
        var reply = Stream.LocalReplyHeaders;
        if (Config.SaysRateLimited) reply.Set(KnownHeader.XEnvoyRateLimited, "true"u8);
        if (Config.AsResourceExhausted && GrpcRequest.Is(Stream.RequestHeaders)) reply.Set(KnownHeader.GrpcStatus, GrpcResourceExhausted);
        Config.ResponseHeaders.Apply(reply, new FormatContext(Stream.Info, Stream.RequestHeaders, reply));
        Stream.SendLocalReply(Config.Status, response.RawBody.Span, "request_rate_limited", ResponseFlags.RateLimited);
    }

    private void Count(RateLimitAnswer answer, bool goesOn)
    {
        Count(answer switch
        {
            RateLimitAnswer.Ok => LimitCounter.Ok,
            RateLimitAnswer.OverLimit => LimitCounter.OverLimit,
            _ => LimitCounter.Error,
        });
        if (answer == RateLimitAnswer.Error && goesOn) Count(LimitCounter.FailureModeAllowed);
        if (answer == RateLimitAnswer.OverLimit) _cluster!.Stats.ChargeResponse(Config.Status, -1, isInternal: true, isCanary: false);
    }

    private void Count(LimitCounter counter) => _factory.Counters.Inc(_cluster!, (int)counter);

    private bool IsOfOrigin(HeaderMap headers)
    {
        if (Config.Origin == RequestOrigin.Both) return true;
        var isInternal = headers.Get(KnownHeader.XEnvoyInternal).SequenceEqual("true"u8);
        return isInternal == (Config.Origin == RequestOrigin.Internal);
    }

    /// <summary>Null when there is nothing to ask.</summary>
    private RateLimitRequest? CreateRequest(HeaderMap headers, RuntimeSnapshot runtime)
    {
        if (Stream.Route is not { Forward: { } forward } route || forward.SelectCluster(new RouteRequest(headers, Stream.Info, runtime)) is not { } reference) return null;
        _cluster = _worker.Clusters.Find(reference)?.Config;
        if (_cluster is null) return null;
        (_route, _ofRoute) = (route, Stream.RouteConfig(this) as RateLimitRouteConfig);
        return CreateRequest(route, forward, runtime, onDone: false);
    }

    private RateLimitRequest? CreateRequest(Route route, ForwardAction forward, RuntimeSnapshot runtime, bool onDone)
    {
        var context = new RateLimitContext(Stream.RequestHeaders, Stream.Info, _cluster!.Name);
        RateLimitRequest? request = null;
        if ((_ofRoute?.Limits ?? Config.Limits) is { } own)
        {
            Add(own, 0, context, runtime, onDone, ref request);
        }
        else
        {
            Add(forward.RateLimits, Config.Stage, context, runtime, onDone, ref request);
            if (IncludesVirtualHost(forward)) Add(route.VirtualHost.RateLimits, Config.Stage, context, runtime, onDone, ref request);
        }

        if (request is null) return null;
        request.Domain = _ofRoute is { Domain.Length: > 0 } ? _ofRoute.Domain : Config.Service.Domain;
        request.HitsAddend = (uint)(WellKnownState.FindNumber(Stream.Info.FilterState, WellKnownState.RateLimitHitsAddend) ?? 0);
        return request;
    }

    private bool IncludesVirtualHost(ForwardAction forward) => forward.IncludesVirtualHostRateLimits || (_ofRoute?.VirtualHostLimits ?? VhOption.Override) switch
    {
        VhOption.Include => true,
        VhOption.Override => forward.RateLimits.Count == 0,
        _ => false,
    };

    private void Add(RateLimitPolicy policy, uint stage, in RateLimitContext context, RuntimeSnapshot runtime, bool onDone, ref RateLimitRequest? request)
    {
        if (onDone && !policy.CountsOnDone) return;
        for (var i = 0; i < policy.Count; i++)
        {
            if (!policy.IsEnabled(i, runtime, _worker.Random) || !policy.TryWriteAny(i, stage, context, _descriptor, onDone)) continue;
            var descriptor = Routing.RateLimits.RateLimitDescriptor.ToMessage(_descriptor.Written);
            policy.Override(i, context.Info.DynamicMetadata, descriptor);
            if (!policy.TryAddHits(i, context, descriptor)) continue;
            (request ??= new RateLimitRequest()).Descriptors.Add(descriptor);
        }
    }

    /// <summary>The request is over: tells the service of what counts only now (apply_on_stream_done). Nobody waits for the answer.</summary>
    private void TellOnDone()
    {
        if (_route is { Forward: { } forward } route && CreateRequest(route, forward, _factory.Runtime.Current, onDone: true) is { } request)
            RateLimitCall.Tell(Config.Service, _worker, request);
    }
}
