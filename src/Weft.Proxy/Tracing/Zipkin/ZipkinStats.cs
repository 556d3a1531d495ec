using Weft.Base.Stats;

namespace Weft.Proxy.Tracing.Zipkin;

/// <summary>The statistics <c>tracing.zipkin.*</c>, under Envoy's names.</summary>
internal sealed class ZipkinStats
{
    public ZipkinStats(StatsStore store)
    {
        var scope = store.Scope("tracing.zipkin.");
        SpansSent = scope.Counter("spans_sent");
        TimerFlushed = scope.Counter("timer_flushed");
        ReportsSkippedNoCluster = scope.Counter("reports_skipped_no_cluster");
        ReportsSent = scope.Counter("reports_sent");
        ReportsDropped = scope.Counter("reports_dropped");
        ReportsFailed = scope.Counter("reports_failed");
    }

    /// <summary>Spans in reports, whatever became of those.</summary>
    public Counter SpansSent { get; }

    /// <summary>Reports because time was up.</summary>
    public Counter TimerFlushed { get; }

    public Counter ReportsSkippedNoCluster { get; }

    /// <summary>Reports that the collector accepted.</summary>
    public Counter ReportsSent { get; }

    /// <summary>Reports that the collector answered otherwise, or that were too many at once.</summary>
    public Counter ReportsDropped { get; }

    /// <summary>Reports that did not reach the collector.</summary>
    public Counter ReportsFailed { get; }
}
