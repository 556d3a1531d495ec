using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing;

/// <summary>
/// The tracing of one stream of a connection manager that traces: decides whether the request is traced, marks it, and keeps its span
/// until it ends. Pooled with the stream; allocates nothing per request.
/// </summary>
internal sealed class HttpTrace(TracingConfig config, Worker worker)
{
    private readonly Tracer? _tracer = config.Tracer?.For(worker);
    private readonly Span _span = new();
    private bool _hasBegun;
    private bool _hasSpan;
    private bool _isNameOverridden;
    private TraceReason _reason;

    public TracingConfig Config => config;

    /// <summary>The head of a request has passed the connection manager's rules and its route is known.</summary>
    public void Begin(HeaderMap headers, StreamInfo info, Route? route)
    {
        _hasBegun = true;
        _reason = Decide(headers, route);
        if (_tracer is null)
            return;
        _span.StartTime = info.StartTime;
        _span.StartUs = info.StartUs;
        _span.IsDecidedHere = false;
        _span.Name.Clear();
        _hasSpan = _tracer.TryStart(_span, headers, info, IsTraced(info), config);
        if (!_hasSpan)
            return;
        info.Span = _span;
        NameSampled(headers);
        Decorate(headers, route?.Tracing);
    }

    /// <summary>
    /// Another route was found for a request that has begun (a filter had the route forgotten): its sampling and its decorator count from here on. A
    /// request that is marked as traced stays so, unless fewer are traced at all.
    /// </summary>
    public void OnRoute(HeaderMap headers, StreamInfo info, Route? route)
    {
        if (!_hasBegun)
            return;
        _reason = Decide(headers, route);
        if (!_hasSpan)
            return;
        if (_span.IsDecidedHere)
            _tracer!.SetSampled(_span, IsTraced(info));
        NameSampled(headers);
        Decorate(headers, route?.Tracing);
    }

    /// <summary>The request goes to an upstream: it is told of the span.</summary>
    public void Inject(HeaderMap headers, Endpoint? upstream)
    {
        if (_hasSpan)
            _tracer!.Inject(_span, headers, upstream);
    }

    /// <summary>The same for a span of an attempt.</summary>
    public void Inject(Span span, HeaderMap headers, Endpoint? upstream) => _tracer!.Inject(span, headers, upstream);

    /// <summary>Begins the span of an attempt; false when attempts have none.</summary>
    public bool TryStartUpstream(Span span, bool routerSpawns)
    {
        if (!_hasSpan || !(config.SpawnsUpstreamSpans || routerSpawns))
            return false;
        _tracer!.StartUpstream(span, _span, config);
        return true;
    }

    /// <summary>For the tags of a span that ends.</summary>
    public SpanTags BeginTags()
    {
        _tracer!.Tags.Clear();
        return _tracer.Tags;
    }

    /// <summary>Reports a span with the tags that were begun.</summary>
    public void Report(Span span, long endUs) => _tracer!.Report(span, _tracer.Tags, Math.Max(1, endUs - span.StartUs));

    /// <summary>The head of the response is about to be written.</summary>
    public void OnResponseHead(HeaderMap headers, StreamInfo info, Route? route)
    {
        if (info.IsHealthCheck)
            config.Stats.HealthCheck.Inc();
        else
            config.Stats.Count(_reason);
        if (!_hasSpan)
            return;
        if (config.IsEgress)
        {
            if (headers.Get(KnownHeader.XEnvoyDecoratorOperation) is { IsEmpty: false } operation)
                Rename(operation);
            headers.Remove(KnownHeader.XEnvoyDecoratorOperation);
        }
        else if (!_isNameOverridden && route?.Tracing is { Propagates: true, Operation.Length: > 0 } tracing)
        {
            headers.Set(KnownHeader.XEnvoyDecoratorOperation, tracing.Operation);
        }
    }

    /// <summary>The request is over.</summary>
    public void Finish(in FormatContext context)
    {
        _hasBegun = false;
        _reason = TraceReason.NotTraceable;
        if (!_hasSpan)
            return;
        _hasSpan = _isNameOverridden = false;
        if (!_span.IsSampled)
            return;
        if ((context.Info.Route?.Tracing?.Format ?? config.Operation) is { } operation && _tracer!.TakesOperations)
            _span.SetName(operation, context);
        HttpSpanTags.WriteDownstream(BeginTags(), context, config);
        Report(_span, context.Info.EndUs);
    }

    private bool IsTraced(StreamInfo info) => _reason != TraceReason.NotTraceable && !info.IsHealthCheck;

    /// <summary>Only spans that are sampled need a name.</summary>
    private void NameSampled(HeaderMap headers)
    {
        if (_span.IsSampled && _span.Name.Length == 0)
            _tracer!.Name(_span, headers, config);
    }

    private TraceReason Decide(HeaderMap headers, Route? route)
    {
        if (!config.Ids.DecidesSampling)
            return TraceReason.Sampled;
        if (!config.Ids.TryRead(headers, out var number, out var reason))
            return TraceReason.NotTraceable;
        var sampling = route?.Tracing?.Sampling ?? config.Sampling;
        var runtime = config.Runtime.Current;
        if (reason == TraceReason.NotTraceable)
        {
            if (headers.Has(KnownHeader.XClientTraceId) && runtime.IsEnabled(sampling.Client, worker.Random.Next()))
                reason = TraceReason.ClientForced;
            else if (headers.Has(KnownHeader.XEnvoyForceTrace))
                reason = TraceReason.Forced;
            else if (runtime.IsEnabled(sampling.Random, number))
                reason = TraceReason.Sampled;
            if (reason != TraceReason.NotTraceable)
                config.Ids.SetReason(headers, reason);
        }

        if (reason == TraceReason.NotTraceable || runtime.IsEnabled(sampling.Overall, number))
            return reason;
        config.Ids.SetReason(headers, TraceReason.NotTraceable);
        return TraceReason.NotTraceable;
    }

    /// <summary>The route's operation names the span; going out it is told to the other side, coming in the other side's counts.</summary>
    private void Decorate(HeaderMap headers, RouteTracing? route)
    {
        if (route is { Operation.Length: > 0 })
            Rename(route.Operation);
        if (config.IsEgress)
        {
            if (route is { Operation.Length: > 0, Propagates: true })
                headers.Set(KnownHeader.XEnvoyDecoratorOperation, route.Operation);
            return;
        }

        if (headers.Get(KnownHeader.XEnvoyDecoratorOperation) is { IsEmpty: false } operation)
        {
            Rename(operation);
            _isNameOverridden = true;
        }

        headers.Remove(KnownHeader.XEnvoyDecoratorOperation);
    }

    private void Rename(ReadOnlySpan<byte> operation)
    {
        if (_tracer!.TakesOperations)
            _span.SetName(operation);
    }
}
