using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing;

/// <summary>A configured provider (tracing.provider). Immutable, shared by all workers and by all connection managers that configure the same.</summary>
/// <param name="concurrency">Workers, without the main thread.</param>
internal abstract class TracerConfig(int concurrency)
{
    // One entry per worker (the main thread has the highest index), each written by its own worker only.
    private readonly Tracer?[] _perWorker = new Tracer?[concurrency + 1];

    /// <summary>The worker's part; called on its thread.</summary>
    public Tracer For(Worker worker) => _perWorker[worker.Index] ??= Create(worker);

    private protected abstract Tracer Create(Worker worker);
}

/// <summary>Begins spans, tells upstreams of them, and reports them when they end. One worker.</summary>
internal abstract class Tracer
{
    /// <summary>For whoever ends a span: cleared and filled anew each time.</summary>
    public SpanTags Tags { get; } = new();

    /// <summary>Begins the span of a received request, going on from what its headers say.</summary>
    /// <param name="span">Its start times are set; the rest is filled in here, but for the name, which only sampled spans have.</param>
    /// <param name="headers">Of the request.</param>
    /// <param name="info">Of the request.</param>
    /// <param name="isTraced">This proxy's own decision, which holds where the headers bring none.</param>
    /// <param name="config">Of the connection manager.</param>
    /// <returns>False: the headers cannot be understood, and nothing is traced.</returns>
    public abstract bool TryStart(Span span, HeaderMap headers, StreamInfo info, bool isTraced, TracingConfig config);

    /// <summary>The proxy decides again about a span that <see cref="Span.IsDecidedHere"/>.</summary>
    public virtual void SetSampled(Span span, bool isSampled) => span.IsSampled = isSampled;

    /// <summary>Begins the span of a request to an upstream, below <paramref name="parent"/>.</summary>
    public abstract void StartUpstream(Span span, Span parent, TracingConfig config);

    /// <summary>Writes the headers by which an upstream goes on with the trace.</summary>
    /// <param name="span">The request's, or the attempt's.</param>
    /// <param name="headers">Of the request to the upstream.</param>
    /// <param name="upstream">Whom it goes to.</param>
    public abstract void Inject(Span span, HeaderMap headers, Endpoint? upstream);

    /// <summary>Decorators name spans; false: they keep the names that the tracer gives.</summary>
    public virtual bool TakesOperations => true;

    /// <summary>Takes a sampled span that has ended.</summary>
    /// <param name="span">Valid during the call.</param>
    /// <param name="tags">Valid during the call.</param>
    /// <param name="durationUs">At least 1.</param>
    public abstract void Report(Span span, SpanTags tags, long durationUs);

    /// <summary>
    /// Names a sampled span of a received request: by the traffic's direction <c>ingress</c>, or <c>egress</c> and the host. A decorator may name it
    /// otherwise later.
    /// </summary>
    public virtual void Name(Span span, HeaderMap headers, TracingConfig tracing)
    {
        if (!tracing.IsEgress)
        {
            span.SetName("ingress"u8);
            return;
        }

        span.SetName("egress "u8);
        span.Name.Write(headers.Get(KnownHeader.Authority));
    }
}
