using Weft.Base.Stats;

namespace Weft.Proxy.Tracing.OpenTelemetry;

/// <summary>The statistics <c>tracing.opentelemetry.*</c>, under Envoy's names; those about reports are Weft's own.</summary>
internal sealed class OtelStats
{
    public OtelStats(StatsStore store)
    {
        var scope = store.Scope("tracing.opentelemetry.");
        SpansSent = scope.Counter("spans_sent");
        SpansDropped = scope.Counter("spans_dropped");
        TimerFlushed = scope.Counter("timer_flushed");
        ReportsSent = scope.Counter("reports_sent");
        ReportsDropped = scope.Counter("reports_dropped");
        ReportsFailed = scope.Counter("reports_failed");
    }

    /// <summary>Spans in reports, whatever became of those.</summary>
    public Counter SpansSent { get; }

    /// <summary>Spans beyond max_cache_size.</summary>
    public Counter SpansDropped { get; }

    /// <summary>Reports because time was up.</summary>
    public Counter TimerFlushed { get; }

    /// <summary>Reports that the collector accepted.</summary>
    public Counter ReportsSent { get; }

    /// <summary>Reports that the collector answered otherwise, or that were not sent.</summary>
    public Counter ReportsDropped { get; }

    /// <summary>Reports that did not reach the collector.</summary>
    public Counter ReportsFailed { get; }
}
