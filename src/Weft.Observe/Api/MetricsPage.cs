using System.Text;
using Weft.Observe.Serving;
using Weft.Observe.Statsd;

namespace Weft.Observe.Api;

/// <summary><c>/metrics</c>: what came by statsd, and how the process itself is doing, for Prometheus. Loop thread.</summary>
internal sealed class MetricsPage(Observer observer)
{
    public HttpAnswer Answer(HttpCall call)
    {
        var text = new PrometheusText();
        foreach (var family in observer.Metrics.Families)
            text.Write(family);
        var (traces, logs, metrics) = (observer.Traces, observer.Logs, observer.Metrics);
        text.Write("weft_observe_spans_received_total", "counter", "Spans that were sent.", traces.Received);
        text.Write("weft_observe_spans_evicted_total", "counter", "Spans that went to make room.", traces.Evicted);
        text.Write("weft_observe_spans_dropped_total", "counter", "Spans of traces that had too many.", traces.Dropped);
        text.Write("weft_observe_spans", "gauge", "Spans that are kept.", traces.SpanCount);
        text.Write("weft_observe_span_bytes", "gauge", "About how much memory they take.", traces.Bytes);
        text.Write("weft_observe_log_lines_received_total", "counter", "Lines of access logs that came in.", logs.Received);
        text.Write("weft_observe_log_lines_evicted_total", "counter", "Lines that went to make room.", logs.Evicted);
        text.Write("weft_observe_statsd_values_total", "counter", "Values that came by statsd or OpenTelemetry.", metrics.Received);
        text.Write("weft_observe_statsd_malformed_total", "counter", "Lines that are no statsd.", metrics.Malformed);
        text.Write("weft_observe_statsd_conflicts_total", "counter", "Values whose name another kind of metric has.", metrics.Conflicts);
        text.Write("weft_observe_statsd_dropped_total", "counter", "Values that would have begun one series too many.", metrics.Dropped);
        text.Write("weft_observe_otlp_points_skipped_total", "counter", "Points of OpenTelemetry that do not fit together, or say nothing.", metrics.Skipped);
        text.Write("weft_observe_statsd_datagrams_lost_total", "counter", "Datagrams that the system dropped because they came faster than they were read: use TCP, or allow larger buffers (net.core.rmem_max).", observer.LostDatagrams);
        text.Write("weft_observe_proxies", "gauge", "Proxies that are watched.", observer.Proxies.All.Count);
        text.Write("weft_observe_proxies_failing", "gauge", "Of them, those that could not be asked.", observer.Proxies.All.Count(static proxy => proxy.Error.Length > 0));
        text.Write("weft_observe_proxies_refused", "gauge", "Proxies that were found and are not watched, because there are too many.", observer.Proxies.Refused);
        text.Write("weft_observe_config_bytes", "gauge", "About how much memory configurations of proxies take.", observer.Configs.Bytes);
        text.Write("weft_observe_requests_malformed_total", "counter", "Requests whose body was refused.", observer.Malformed);
        text.Write("weft_observe_connections_refused_total", "counter", "Connections beyond those that are allowed.", observer.RefusedConnections);
        text.Write("weft_observe_disk_write_failures_total", "counter", "Spans and lines that could not be written to the disk.", observer.FailedWrites);
        return new HttpAnswer(200, PrometheusText.ContentType, Encoding.UTF8.GetBytes(text.ToString()));
    }
}
