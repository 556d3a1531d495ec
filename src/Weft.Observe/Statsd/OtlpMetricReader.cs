using Google.Protobuf.Collections;
using Opentelemetry.Proto.Collector.Metrics.V1;
using Opentelemetry.Proto.Common.V1;
using Opentelemetry.Proto.Metrics.V1;
using Weft.Observe.Traces.Otlp;
using DataCase = Opentelemetry.Proto.Metrics.V1.Metric.DataOneofCase;
using Point = Opentelemetry.Proto.Metrics.V1.NumberDataPoint;

namespace Weft.Observe.Statsd;

/// <summary>Metrics of OpenTelemetry as values of series.</summary>
internal sealed class OtlpMetricReader
{
    /// <summary>Quantiles of one summary: who says more is not heard.</summary>
    private const int MaxQuantiles = 32;

    /// <summary>Of a resource: who sent it.</summary>
    private static readonly string[] s_senders = ["service.name", "service.instance.id"];

    private readonly List<MetricPoint> _points = [];

    /// <summary>Points that do not fit together, or say nothing.</summary>
    public int Skipped { get; private set; }

    /// <exception cref="BadInputException">It is no export of metrics; nothing of it is taken.</exception>
    public IReadOnlyList<MetricPoint> Read(ReadOnlySpan<byte> message) => Read(ProtobufBody.Parse(ExportMetricsServiceRequest.Parser, message));

    /// <summary>The points of an export, whichever way it came.</summary>
    public IReadOnlyList<MetricPoint> Read(ExportMetricsServiceRequest request)
    {
        foreach (var resource in request.ResourceMetrics)
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
            case DataCase.ExponentialHistogram:
                foreach (var point in metric.ExponentialHistogram.DataPoints)
                    AddExponential(metric, point, sender);
                break;
            case DataCase.Summary:
                foreach (var point in metric.Summary.DataPoints)
                    AddSummary(metric, point, sender);
                break;
        }
    }

    private void AddNumbers(Metric metric, RepeatedField<Point> points, StatsdKind kind, bool isDelta, List<KeyValue> sender)
    {
        foreach (var point in points)
        {
            var value = point.ValueCase == Point.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
            if (point.ValueCase == Point.ValueOneofCase.None || !double.IsFinite(value))
                Skipped++;
            else
                _points.Add(new MetricPoint(metric.Name, metric.Description, kind, Labels(sender, point.Attributes), isDelta) { Value = value });
        }
    }

    private void AddHistogram(Metric metric, HistogramDataPoint point, List<KeyValue> sender)
    {
        // Without any bucket it tells only sum and count, which is allowed.
        if (point.BucketCounts.Count != point.ExplicitBounds.Count + 1 && point.BucketCounts.Count + point.ExplicitBounds.Count > 0)
        {
            Skipped++;
            return;
        }

        _points.Add(new MetricPoint(metric.Name, metric.Description, StatsdKind.Histogram, Labels(sender, point.Attributes), IsDelta(metric.Histogram.AggregationTemporality))
        {
            Bounds = [.. point.ExplicitBounds],
            Counts = [.. point.BucketCounts.Select(static count => (double)count)],
            Count = point.BucketCounts.Count == 0 ? point.Count : point.BucketCounts.Sum(static count => (double)count),
            Value = Finite(point.Sum),
        });
    }

    private void AddExponential(Metric metric, ExponentialHistogramDataPoint point, List<KeyValue> sender)
    {
        var below = point.ZeroCount + (point.Negative?.BucketCounts.Sum(static count => (double)count) ?? 0);
        var buckets = ExponentialBuckets.Of(point.Scale, point.Positive?.Offset ?? 0, point.Positive?.BucketCounts ?? [], below);
        _points.Add(new MetricPoint(metric.Name, metric.Description, StatsdKind.Histogram, Labels(sender, point.Attributes), IsDelta(metric.ExponentialHistogram.AggregationTemporality))
        {
            Exponential = buckets,
            // Not what the sender says: with it buckets could be more than all.
            Count = below + buckets.Counts.Sum(static bucket => bucket.Value),
            Value = Finite(point.Sum),
        });
    }

    private void AddSummary(Metric metric, SummaryDataPoint point, List<KeyValue> sender) =>
        _points.Add(new MetricPoint(metric.Name, metric.Description, StatsdKind.Histogram, Labels(sender, point.Attributes), IsDelta: false)
        {
            Quantiles = [.. point.QuantileValues.Where(static value => value.Quantile is >= 0 and <= 1).Take(MaxQuantiles).Select(static value => new ReportedQuantile(value.Quantile, value.Value))],
            Count = point.Count,
            Value = Finite(point.Sum),
        });

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;

    private static bool IsDelta(AggregationTemporality temporality) => temporality == AggregationTemporality.Delta;

    private static SortedDictionary<string, string> Labels(List<KeyValue> sender, RepeatedField<KeyValue> attributes)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in sender.Concat(attributes).Where(static attribute => attribute.Key.Length > 0))
            labels[MetricNames.Label(attribute.Key)] = OtlpReader.Text(attribute.Value);
        return labels;
    }
}
