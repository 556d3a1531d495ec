using System.Runtime.InteropServices;
using System.Text;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Matching;

namespace Weft.Proxy.Stats.Sinks.OpenTelemetry;

/// <summary>
/// With custom_metric_conversions: a metric for each name, whether conversions or tags make it, with a point for each set of attributes. Statistics
/// that come to the same point are added up. The whole flush is in memory for as long as it is written. Main thread.
/// </summary>
/// <param name="options">What is said of each.</param>
/// <param name="config">Tags and buckets.</param>
/// <param name="conversions">Which statistics become what.</param>
/// <param name="startTime">Since when cumulative values count.</param>
internal sealed class OtlpConvertedMetrics(OtlpMetricOptions options, StatsConfig config, Matcher<MetricConversion> conversions, DateTime startTime)
    : OtlpMetricWriter(options, startTime)
{
    private readonly Dictionary<(int Kind, string Name), Dictionary<string, MetricPoint>> _metrics = [];
    private readonly ByteWriter _attributes = new();

    protected override void WriteAll(ByteWriter output, MetricsSnapshot snapshot, Action onMetric)
    {
        foreach (var gauge in snapshot.Gauges)
            PointOf(gauge, MetricGauge, NumberAttributes).Number += gauge.UnsignedValue;
        foreach (var counter in snapshot.Counters)
            PointOf(counter.Counter, MetricSum, NumberAttributes).Number += ValueOf(counter);
        foreach (var histogram in snapshot.UsedHistograms)
            PointOf(histogram, MetricHistogram, HistogramAttributes).Add(DataOf(histogram), config.BucketsOf(histogram));

        foreach (var ((kind, name), points) in _metrics)
        {
            WritePoints(points.Values, kind);
            EndMetric(output, "", name, kind);
            onMetric();
        }

        _metrics.Clear();
    }

    /// <summary>The point that a statistic counts for, made when it is the first.</summary>
    private MetricPoint PointOf(in Statistic statistic, int kind, int attributes)
    {
        config.Tags.Extract(statistic.Prefix, statistic.Suffix, Name);
        var isConverted = conversions.Find(new MatchData { StatName = Name.Full }, out var conversion) == MatchOutcome.Yes;
        _attributes.Clear();
        WriteTags(_attributes, attributes);
        foreach (var label in isConverted ? conversion!.Labels : [])
            _attributes.WriteBytes(attributes, label);
        var name = isConverted ? conversion!.Name : string.Concat(Options.Prefix, Options.UsesExtractedName ? Name.Rest : Name.Full);
        ref var points = ref CollectionsMarshal.GetValueRefOrAddDefault(_metrics, (kind, name), out _);
        points ??= new Dictionary<string, MetricPoint>(StringComparer.Ordinal);
        ref var point = ref CollectionsMarshal.GetValueRefOrAddDefault(points, Encoding.Latin1.GetString(_attributes.Written), out _);
        return point ??= new MetricPoint(_attributes.Written.ToArray());
    }

    private void WritePoints(IEnumerable<MetricPoint> points, int kind)
    {
        BeginData();
        foreach (var point in points)
        {
            BeginPoint(kind == MetricSum ? Options.CountersAreDeltas : kind == MetricHistogram && Options.HistogramsAreDeltas);
            Point.Write(point.Attributes);
            if (kind == MetricHistogram)
                WriteHistogram(point.Count, point.Sum, point.Buckets, point.Bounds);
            else
                WriteNumber(point.Number);
            AddPoint();
        }
    }

    /// <summary>What the statistics of one name and one set of attributes come to.</summary>
    private sealed class MetricPoint(byte[] attributes)
    {
        public byte[] Attributes => attributes;

        public ulong Number { get; set; }

        public ulong Count { get; private set; }

        public double Sum { get; private set; }

        public double[] Bounds { get; private set; } = [];

        public ulong[] Buckets { get; private set; } = [];

        /// <summary>What has other buckets than the first cannot be added, and is left out.</summary>
        public void Add(HistogramData data, ReadOnlySpan<double> bounds)
        {
            if (Buckets.Length == 0)
                (Bounds, Buckets) = (bounds.ToArray(), new ulong[bounds.Length + 1]);
            else if (!Bounds.AsSpan().SequenceEqual(bounds))
                return;
            Span<ulong> counts = bounds.Length < 128 ? stackalloc ulong[bounds.Length + 1] : new ulong[bounds.Length + 1];
            CountBuckets(data, bounds, counts);
            for (var i = 0; i < counts.Length; i++)
                Buckets[i] += counts[i];
            Count += (ulong)data.Count;
            Sum += data.Sum;
        }
    }
}
