using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Stats.Sinks.OpenTelemetry;

/// <summary>How statistics are exported.</summary>
/// <param name="CountersAreDeltas">report_counters_as_deltas.</param>
/// <param name="HistogramsAreDeltas">report_histograms_as_deltas.</param>
/// <param name="TagsAreAttributes">emit_tags_as_attributes; default true.</param>
/// <param name="UsesExtractedName">use_tag_extracted_name; default true.</param>
/// <param name="Prefix">Before every name, with its dot; "" for none.</param>
internal sealed record OtlpMetricOptions(bool CountersAreDeltas, bool HistogramsAreDeltas, bool TagsAreAttributes, bool UsesExtractedName, string Prefix);

/// <summary>Writes statistics as opentelemetry.proto.metrics.v1.Metric messages of a ScopeMetrics, one for each, without making the messages. Main thread.</summary>
/// <param name="options">What is said of each.</param>
/// <param name="config">Tags and buckets.</param>
/// <param name="startTime">Since when cumulative values count.</param>
internal sealed class OtlpMetrics(OtlpMetricOptions options, StatsConfig config, DateTime startTime)
{
    private const int ScopeMetricsMetrics = 2;
    private const int MetricName = 1, MetricGauge = 5, MetricSum = 7, MetricHistogram = 9;
    private const int DataPoints = 1, Temporality = 2, IsMonotonic = 3;
    private const ulong Delta = 1, Cumulative = 2;
    private const int StartTime = 2, Time = 3;
    private const int NumberAsInt = 6, NumberAttributes = 7;
    private const int HistogramCount = 4, HistogramSum = 5, BucketCounts = 6, ExplicitBounds = 7, HistogramAttributes = 9;

    private readonly ExtractedName _name = new();
    private readonly ByteWriter _metric = new();
    private readonly ByteWriter _data = new();
    private readonly ByteWriter _point = new();
    private readonly ByteWriter _text = new();
    private readonly ByteWriter _value = new();
    private readonly DateTime _start = startTime;
    private DateTime? _lastFlush;

    /// <param name="output">Takes the metrics.</param>
    /// <param name="snapshot">The flush.</param>
    /// <param name="now">Its time.</param>
    /// <param name="onMetric">Called after each, to send what there is.</param>
    public void WriteTo(ByteWriter output, MetricsSnapshot snapshot, DateTime now, Action onMetric)
    {
        foreach (var gauge in snapshot.Gauges)
        {
            WriteNumber(gauge, gauge.UnsignedValue, _start, now);
            _data.Clear();
            _data.WriteBytes(DataPoints, _point.Written);
            WriteMetric(output, MetricGauge);
            onMetric();
        }

        foreach (var counter in snapshot.Counters)
        {
            var isDelta = options.CountersAreDeltas;
            WriteNumber(counter.Counter, isDelta ? (ulong)Math.Max(0, counter.Delta) : counter.Counter.UnsignedValue, SinceOf(isDelta), now);
            WriteData(isDelta);
            _data.WriteNumber(IsMonotonic, 1);
            WriteMetric(output, MetricSum);
            onMetric();
        }

        foreach (var histogram in snapshot.UsedHistograms)
        {
            var isDelta = options.HistogramsAreDeltas;
            WriteHistogram(histogram, isDelta ? histogram.Histogram!.Interval : histogram.Histogram!.Cumulative, SinceOf(isDelta), now);
            WriteData(isDelta);
            WriteMetric(output, MetricHistogram);
            onMetric();
        }

        _lastFlush = now;
    }

    /// <summary>When what is sent began to count.</summary>
    private DateTime SinceOf(bool isDelta) => isDelta ? _lastFlush ?? _start : _start;

    private void WriteNumber(in Statistic statistic, ulong number, DateTime start, DateTime now)
    {
        BeginPoint(statistic, start, now, NumberAttributes);
        _point.WriteFixed64(NumberAsInt, number);
    }

    private void WriteHistogram(in Statistic statistic, HistogramData data, DateTime start, DateTime now)
    {
        BeginPoint(statistic, start, now, HistogramAttributes);
        _point.WriteFixed64(HistogramCount, (ulong)data.Count);
        _point.WriteDouble(HistogramSum, data.Sum);
        var bounds = config.BucketsOf(statistic);
        var below = 0L;
        _point.WriteHead(BucketCounts, (bounds.Length + 1) * sizeof(ulong));
        foreach (var bound in bounds)
        {
            var upTo = data.CountBelow(bound);
            _point.WriteLittleEndian((ulong)(upTo - below));
            below = upTo;
        }

        _point.WriteLittleEndian((ulong)(data.Count - below));
        _point.WriteHead(ExplicitBounds, bounds.Length * sizeof(double));
        foreach (var bound in bounds)
            _point.WriteLittleEndian(BitConverter.DoubleToUInt64Bits(bound));
    }

    private void BeginPoint(in Statistic statistic, DateTime start, DateTime now, int attributes)
    {
        config.Tags.Extract(statistic.Prefix, statistic.Suffix, _name);
        _point.Clear();
        _point.WriteFixed64(StartTime, Nanoseconds(start));
        _point.WriteFixed64(Time, Nanoseconds(now));
        for (var tag = 0; options.TagsAreAttributes && tag < _name.TagCount; tag++)
            WriteAttribute(attributes, _name.TagName(tag), _name.TagValue(tag));
    }

    /// <summary>A KeyValue of a text.</summary>
    private void WriteAttribute(int field, string name, ReadOnlySpan<char> value)
    {
        _value.Clear();
        _value.WriteText(1, value);
        _text.Clear();
        _text.WriteText(1, name);
        _text.WriteBytes(2, _value.Written);
        _point.WriteBytes(field, _text.Written);
    }

    private void WriteData(bool isDelta)
    {
        _data.Clear();
        _data.WriteBytes(DataPoints, _point.Written);
        _data.WriteNumber(Temporality, isDelta ? Delta : Cumulative);
    }

    private void WriteMetric(ByteWriter output, int kind)
    {
        _metric.Clear();
        _text.Clear();
        _text.Write(options.Prefix);
        _text.Write(options.UsesExtractedName ? _name.Rest : _name.Full);
        _metric.WriteBytes(MetricName, _text.Written);
        _metric.WriteBytes(kind, _data.Written);
        output.WriteBytes(ScopeMetricsMetrics, _metric.Written);
    }

    private static ulong Nanoseconds(DateTime time) => (ulong)(time.Ticks - DateTime.UnixEpoch.Ticks) * 100;
}
