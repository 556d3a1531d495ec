using System.Globalization;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing.OpenTelemetry;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.Datadog;

/// <summary>Datadog's way: its headers and those of W3C Trace Context, and a sampling priority that goes along. One worker.</summary>
internal sealed class DatadogTracer(DatadogTracerConfig config, Worker worker) : Tracer
{
    private const int AutoKeep = 1;
    private const int UserDrop = -1;
    private const int UserKeep = 2;

    private readonly DatadogReporter _reporter = new(config, worker);

    public override bool TryStart(Span span, HeaderMap headers, StreamInfo info, bool isTraced, TracingConfig tracing)
    {
        span.Kind = tracing.IsEgress ? SpanKind.Client : SpanKind.Server;
        span.Id = NextId();
        if (DatadogContext.TryRead(headers, out var context))
        {
            (span.TraceIdHigh, span.TraceIdLow, span.ParentId) = (context.TraceIdHigh, context.TraceIdLow, context.SpanId);
        }
        else
        {
            // The upper half begins with the time, as Datadog's own tracers have it.
            var seconds = (ulong)(span.StartTime.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
            (span.TraceIdHigh, span.TraceIdLow, span.ParentId) = (seconds << 32, NextId(), 0);
        }

        Decide(span, context.Priority ?? (isTraced ? AutoKeep : UserDrop));
        span.IsDecidedHere = context.Priority is null;
        return true;
    }

    public override void SetSampled(Span span, bool isSampled) => Decide(span, isSampled ? UserKeep : UserDrop);

    public override void StartUpstream(Span span, Span parent, TracingConfig tracing)
    {
        span.Kind = SpanKind.Client;
        (span.TraceIdHigh, span.TraceIdLow, span.ParentId) = (parent.TraceIdHigh, parent.TraceIdLow, parent.Id);
        span.Id = NextId();
        Decide(span, parent.State<SamplingPriority>().Value);
    }

    public override void Inject(Span span, HeaderMap headers, Endpoint? upstream)
    {
        Set(headers, DatadogContext.TraceIdName, span.TraceIdLow);
        Set(headers, DatadogContext.ParentIdName, span.Id);
        Set(headers, DatadogContext.PriorityName, span.State<SamplingPriority>().Value);
        // What came along stays; tags of a trace that begins here hold the upper half of its id.
        if (span.TraceIdHigh != 0 && !headers.Has(DatadogContext.TagsName))
        {
            Span<byte> tags = stackalloc byte[26];
            "_dd.p.tid="u8.CopyTo(tags);
            HexText.Write(tags[10..], span.TraceIdHigh);
            headers.Set(DatadogContext.TagsName, tags);
        }

        TraceParent.Write(span, headers);
    }

    public override void Report(Span span, SpanTags tags, long durationUs) => _reporter.Add(span, tags, durationUs);

    private static void Decide(Span span, int priority)
    {
        span.State<SamplingPriority>().Value = priority;
        span.IsSampled = priority > 0;
    }

    /// <summary>63 bits, which every reader of Datadog's headers takes.</summary>
    private ulong NextId() => (worker.Random.Next() >> 1) | 1;

    private static void Set<T>(HeaderMap headers, HeaderName name, T number)
        where T : IUtf8SpanFormattable
    {
        Span<byte> text = stackalloc byte[20];
        number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        headers.Set(name, text[..length]);
    }
}

/// <summary>x-datadog-sampling-priority of a span: positive when its trace is kept.</summary>
internal sealed class SamplingPriority
{
    public int Value { get; set; }
}
