using Google.Protobuf.Collections;
using Opentelemetry.Proto.Collector.Metrics.V1;
using Opentelemetry.Proto.Common.V1;
using Opentelemetry.Proto.Metrics.V1;
using Weft.Observe.Traces.Otlp;
using DataCase = Opentelemetry.Proto.Metrics.V1.Metric.DataOneofCase;
using Point = Opentelemetry.Proto.Metrics.V1.NumberDataPoint;

namespace Weft.Observe.Statsd;

/// <summary>Metrics of OpenTelemetry as values of series: sums, gauges and histograms with bounds. Others are passed over and counted.</summary>
internal sealed class OtlpMetricReader
{
    /// <summary>Of a resource: who sent it.</summary>
    private static readonly string[] s_senders = ["service.name", "service.instance.id"];

    private readonly List<MetricPoint> _points = [];

    /// <summary>Points of kinds that are not shown: exponential histograms and summaries.</summary>
    public int Skipped { get; private set; }

    /// <exception cref="BadInputException">It is no export of metrics; nothing of it is taken.</exception>
    public IReadOnlyList<MetricPoint> Read(ReadOnlySpan<byte> message)
    {
        foreach (var resource in ProtobufBody.Parse(ExportMetricsServiceRequest.Parser, message).ResourceMetrics)
        {
            var sender = resource.Resource?.Attributes.Where(static attribute => s_senders.Contains(attribute.Key)).ToList() ?? [];
            foreach (var metric in resource.ScopeMetrics.SelectMany(static scope => scope.Metrics).Where(static metric => metric.Name.Length is > 0 and <= MetricStore.MaxNameLength))
                Read(metric, sender);
        }

        return _points;
    }

    private void Read(Metric metric, List<KeyValue> sender)
    {
        switch (metric.DataCase)
        {
            case DataCase.Gauge:
                AddNumbers(metric, metric.Gauge.DataPoints, StatsdKind.Gauge, isDelta: false, sender);
                break;
            case DataCase.Sum:
                AddNumbers(metric, metric.Sum.DataPoints, metric.Sum.IsMonotonic ? StatsdKind.Counter : StatsdKind.Gauge, IsDelta(metric.Sum.AggregationTemporality), sender);
                break;
            case DataCase.Histogram:
                foreach (var point in metric.Histogram.DataPoints)
                    AddHistogram(metric, point, sender);
                break;
            default:
                Skipped += metric.DataCase switch
                {
                    DataCase.Summary => metric.Summary.DataPoints.Count,
                    DataCase.ExponentialHistogram => metric.ExponentialHistogram.DataPoints.Count,
                    _ => 0,
                };
                break;
        }
    }

    private void AddNumbers(Metric metric, RepeatedField<Point> points, StatsdKind kind, bool isDelta, List<KeyValue> sender)
    {
        foreach (var point in points)
        {
            var value = point.ValueCase == Point.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
            if (double.IsFinite(value))
                _points.Add(new MetricPoint(metric.Name, metric.Description, kind, Labels(sender, point.Attributes), isDelta) { Value = value });
        }
    }

    private void AddHistogram(Metric metric, HistogramDataPoint point, List<KeyValue> sender)
    {
        if (point.BucketCounts.Count != point.ExplicitBounds.Count + 1)
        {
            Skipped++;
            return;
        }

        _points.Add(new MetricPoint(metric.Name, metric.Description, StatsdKind.Histogram, Labels(sender, point.Attributes), IsDelta(metric.Histogram.AggregationTemporality))
        {
            Bounds = [.. point.ExplicitBounds],
            Counts = [.. point.BucketCounts.Select(static count => (double)count)],
            Value = double.IsFinite(point.Sum) ? point.Sum : 0,
        });
    }

    private static bool IsDelta(AggregationTemporality temporality) => temporality == AggregationTemporality.Delta;

    private static SortedDictionary<string, string> Labels(List<KeyValue> sender, RepeatedField<KeyValue> attributes)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in sender.Concat(attributes).Where(static attribute => attribute.Key.Length > 0))
            labels[MetricNames.Label(attribute.Key)] = OtlpReader.Text(attribute.Value);
        return labels;
    }
}
