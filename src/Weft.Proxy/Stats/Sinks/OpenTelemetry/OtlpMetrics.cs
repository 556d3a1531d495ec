using Weft.Base.Buffers;
using Weft.Base.Stats;

namespace Weft.Proxy.Stats.Sinks.OpenTelemetry;

/// <summary>How statistics are exported.</summary>
/// <param name="CountersAreDeltas">report_counters_as_deltas.</param>
/// <param name="HistogramsAreDeltas">report_histograms_as_deltas.</param>
/// <param name="TagsAreAttributes">emit_tags_as_attributes; default true.</param>
/// <param name="UsesExtractedName">use_tag_extracted_name; default true.</param>
/// <param name="Prefix">Before every name, with its dot; "" for none.</param>
internal sealed record OtlpMetricOptions(bool CountersAreDeltas, bool HistogramsAreDeltas, bool TagsAreAttributes, bool UsesExtractedName, string Prefix);

/// <summary>One metric for each statistic, without making the messages. Main thread.</summary>
/// <param name="options">What is said of each.</param>
/// <param name="config">Tags and buckets.</param>
/// <param name="startTime">Since when cumulative values count.</param>
internal sealed class OtlpMetrics(OtlpMetricOptions options, StatsConfig config, DateTime startTime) : OtlpMetricWriter(options, startTime)
{
    private ulong[] _counts = [];

    protected override void WriteAll(ByteWriter output, MetricsSnapshot snapshot, Action onMetric)
    {
        foreach (var gauge in snapshot.Gauges)
        {
            WriteNumberMetric(output, gauge, gauge.UnsignedValue, MetricGauge, isDelta: false);
            onMetric();
        }

        foreach (var counter in snapshot.Counters)
        {
            WriteNumberMetric(output, counter.Counter, ValueOf(counter), MetricSum, Options.CountersAreDeltas);
            onMetric();
        }

        foreach (var histogram in snapshot.UsedHistograms)
        {
            Begin(histogram, Options.HistogramsAreDeltas, HistogramAttributes);
            var bounds = config.BucketsOf(histogram);
            if (_counts.Length <= bounds.Length)
                _counts = new ulong[bounds.Length + 1];
            var counts = _counts.AsSpan(0, bounds.Length + 1);
            var data = DataOf(histogram);
            CountBuckets(data, bounds, counts);
            WriteHistogram((ulong)data.Count, data.Sum, counts, bounds);
            End(output, MetricHistogram);
            onMetric();
        }
    }

    private void WriteNumberMetric(ByteWriter output, in Statistic statistic, ulong number, int kind, bool isDelta)
    {
        Begin(statistic, isDelta, NumberAttributes);
        WriteNumber(number);
        End(output, kind);
    }

    private void Begin(in Statistic statistic, bool isDelta, int attributes)
    {
        config.Tags.Extract(statistic.Prefix, statistic.Suffix, Name);
        BeginPoint(isDelta);
        WriteTags(Point, attributes);
    }

    private void End(ByteWriter output, int kind)
    {
        BeginData();
        AddPoint();
        EndMetric(output, Options.Prefix, Options.UsesExtractedName ? Name.Rest : Name.Full, kind);
    }
}
