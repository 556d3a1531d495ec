using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Stats.Sinks.OpenTelemetry;

/// <summary>Writes the statistics of a flush as opentelemetry.proto.metrics.v1.Metric messages of a ScopeMetrics. Main thread.</summary>
/// <param name="options">What is said of each.</param>
/// <param name="startTime">Since when cumulative values count.</param>
internal abstract class OtlpMetricWriter(OtlpMetricOptions options, DateTime startTime)
{
    protected const int MetricGauge = 5, MetricSum = 7, MetricHistogram = 9;
    protected const int NumberAttributes = 7, HistogramAttributes = 9;

    private const int ScopeMetricsMetrics = 2, MetricName = 1;
    private const int DataPoints = 1, Temporality = 2, IsMonotonic = 3;
    private const ulong Delta = 1, Cumulative = 2;
    private const int StartTime = 2, Time = 3;
    private const int NumberAsInt = 6;
    private const int HistogramCount = 4, HistogramSum = 5, BucketCounts = 6, ExplicitBounds = 7;

    private readonly ByteWriter _metric = new();
    private readonly ByteWriter _data = new();
    private readonly ByteWriter _text = new();
    private readonly ByteWriter _value = new();
    private DateTime? _lastFlush;
    private DateTime _now;

    protected ExtractedName Name { get; } = new();

    /// <summary>The data point that is being written.</summary>
    protected ByteWriter Point { get; } = new();

    protected OtlpMetricOptions Options => options;

    /// <param name="output">Takes the metrics.</param>
    /// <param name="snapshot">The flush.</param>
    /// <param name="now">Its time.</param>
    /// <param name="onMetric">Called after each, to send what there is.</param>
    public void WriteTo(ByteWriter output, MetricsSnapshot snapshot, DateTime now, Action onMetric)
    {
        _now = now;
        WriteAll(output, snapshot, onMetric);
        _lastFlush = now;
    }

    protected abstract void WriteAll(ByteWriter output, MetricsSnapshot snapshot, Action onMetric);

    /// <summary>What a counter counts for: what it has, or what it grew by.</summary>
    protected ulong ValueOf(in CounterDelta counter) => options.CountersAreDeltas ? (ulong)Math.Max(0, counter.Delta) : counter.Counter.UnsignedValue;

    protected HistogramData DataOf(in Statistic histogram) => options.HistogramsAreDeltas ? histogram.Histogram!.Interval : histogram.Histogram!.Cumulative;

    protected void BeginPoint(bool isDelta)
    {
        Point.Clear();
        Point.WriteFixed64(StartTime, Nanoseconds(isDelta ? _lastFlush ?? startTime : startTime));
        Point.WriteFixed64(Time, Nanoseconds(_now));
    }

    /// <summary>Adds the tags of <see cref="Name"/>, where they are wanted, to what is written.</summary>
    protected void WriteTags(ByteWriter output, int field)
    {
        for (var tag = 0; options.TagsAreAttributes && tag < Name.TagCount; tag++)
        {
            _value.Clear();
            _value.WriteText(1, Name.TagValue(tag));
            _text.Clear();
            _text.WriteText(1, Name.TagName(tag));
            _text.WriteBytes(2, _value.Written);
            output.WriteBytes(field, _text.Written);
        }
    }

    protected void WriteNumber(ulong number) => Point.WriteFixed64(NumberAsInt, number);

    /// <param name="counts">Of each bucket, one more than there are bounds.</param>
    /// <param name="bounds">Of the buckets.</param>
    protected void WriteHistogram(ulong count, double sum, ReadOnlySpan<ulong> counts, ReadOnlySpan<double> bounds)
    {
        Point.WriteFixed64(HistogramCount, count);
        Point.WriteDouble(HistogramSum, sum);
        Point.WriteHead(BucketCounts, counts.Length * sizeof(ulong));
        foreach (var bucket in counts)
            Point.WriteLittleEndian(bucket);
        Point.WriteHead(ExplicitBounds, bounds.Length * sizeof(double));
        foreach (var bound in bounds)
            Point.WriteLittleEndian(BitConverter.DoubleToUInt64Bits(bound));
    }

    /// <summary>The counts of buckets with these bounds, and of what is beyond.</summary>
    protected static void CountBuckets(HistogramData data, ReadOnlySpan<double> bounds, Span<ulong> counts)
    {
        var below = 0L;
        for (var i = 0; i < bounds.Length; i++)
        {
            var upTo = data.CountBelow(bounds[i]);
            counts[i] = (ulong)(upTo - below);
            below = upTo;
        }

        counts[bounds.Length] = (ulong)(data.Count - below);
    }

    /// <summary>Begins the data of a metric; <see cref="AddPoint"/> and <see cref="EndMetric"/> follow.</summary>
    protected void BeginData() => _data.Clear();

    protected void AddPoint() => _data.WriteBytes(DataPoints, Point.Written);

    protected void EndMetric(ByteWriter output, ReadOnlySpan<char> prefix, ReadOnlySpan<char> name, int kind)
    {
        if (kind != MetricGauge)
            _data.WriteNumber(Temporality, (kind == MetricSum ? options.CountersAreDeltas : options.HistogramsAreDeltas) ? Delta : Cumulative);
        if (kind == MetricSum)
            _data.WriteNumber(IsMonotonic, 1);
        _metric.Clear();
        _text.Clear();
        _text.Write(prefix);
        _text.Write(name);
        _metric.WriteBytes(MetricName, _text.Written);
        _metric.WriteBytes(kind, _data.Written);
        output.WriteBytes(ScopeMetricsMetrics, _metric.Written);
    }

    private static ulong Nanoseconds(DateTime time) => (ulong)(time.Ticks - DateTime.UnixEpoch.Ticks) * 100;
}
