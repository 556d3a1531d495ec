using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Clusters.Calls;
using EmitMode = Envoy.Config.Metrics.V3.HistogramEmitMode;

namespace Weft.Proxy.Stats.Sinks.MetricsService;

/// <summary>How statistics are sent.</summary>
/// <param name="CountersAreDeltas">report_counters_as_deltas: what they grew by since the last flush, instead of their value.</param>
/// <param name="TagsAreLabels">emit_tags_as_labels: tags are taken out of names.</param>
/// <param name="Histograms">histogram_emit_mode.</param>
internal sealed record MetricFamilyOptions(bool CountersAreDeltas, bool TagsAreLabels, EmitMode Histograms);

/// <summary>
/// Writes statistics as io.prometheus.client.MetricFamily messages of a StreamMetricsMessage, one for each, as Envoy does, without making the
/// messages. Main thread.
/// </summary>
internal sealed class MetricFamilies(MetricFamilyOptions options, StatsConfig config)
{
    private const int EnvoyMetrics = 2;
    private const int FamilyName = 1, FamilyType = 3, FamilyMetric = 4;
    private const int TypeCounter = 0, TypeGauge = 1, TypeSummary = 2, TypeHistogram = 4;
    private const int MetricLabel = 1, MetricGauge = 2, MetricCounter = 3, MetricSummary = 4, MetricTimestampMs = 6, MetricHistogram = 7;
    private const int LabelName = 1, LabelValue = 2;
    private const int SampleCount = 1, SampleSum = 2, Parts = 3;

    private readonly ExtractedName _name = new();
    private readonly ByteWriter _family = new();
    private readonly ByteWriter _metric = new();
    private readonly ByteWriter _value = new();
    private readonly ByteWriter _part = new();
    private readonly double[] _quantiles = new double[HistogramData.Quantiles.Length];

    /// <param name="message">Takes the families.</param>
    /// <param name="snapshot">The flush.</param>
    /// <param name="nowMs">Its time, since 1970.</param>
    /// <param name="onFamily">Called after each, to send what there is.</param>
    public void WriteTo(ByteWriter message, MetricsSnapshot snapshot, long nowMs, Action onFamily)
    {
        foreach (var counter in snapshot.Counters)
        {
            WriteNumber(options.CountersAreDeltas ? counter.Delta : counter.Counter.UnsignedValue);
            Write(message, counter.Counter, TypeCounter, MetricCounter, nowMs);
            onFamily();
        }

        foreach (var gauge in snapshot.Gauges)
        {
            WriteNumber(gauge.UnsignedValue);
            Write(message, gauge, TypeGauge, MetricGauge, nowMs);
            onFamily();
        }

        foreach (var histogram in snapshot.UsedHistograms)
        {
            if (options.Histograms != EmitMode.Histogram)
            {
                WriteSummary(histogram.Histogram!.Interval);
                Write(message, histogram, TypeSummary, MetricSummary, nowMs);
            }

            if (options.Histograms != EmitMode.Summary)
            {
                WriteBuckets(histogram.Histogram!.Interval, config.BucketsOf(histogram));
                Write(message, histogram, TypeHistogram, MetricHistogram, nowMs);
            }

            onFamily();
        }
    }

    private void WriteNumber(double number)
    {
        _value.Clear();
        _value.WriteDouble(1, number);
    }

    private void WriteSummary(HistogramData data)
    {
        WriteTotals(data);
        data.ComputeQuantiles(_quantiles);
        for (var i = 0; i < _quantiles.Length; i++)
        {
            _part.Clear();
            _part.WriteDouble(1, HistogramData.Quantiles[i]);
            _part.WriteDouble(2, _quantiles[i]);
            _value.WriteBytes(Parts, _part.Written);
        }
    }

    private void WriteBuckets(HistogramData data, ReadOnlySpan<double> bounds)
    {
        WriteTotals(data);
        foreach (var bound in bounds)
        {
            _part.Clear();
            _part.WriteNumber(1, (ulong)data.CountBelow(bound));
            _part.WriteDouble(2, bound);
            _value.WriteBytes(Parts, _part.Written);
        }
    }

    private void WriteTotals(HistogramData data)
    {
        _value.Clear();
        _value.WriteNumber(SampleCount, (ulong)data.Count);
        _value.WriteDouble(SampleSum, data.Sum);
    }

    /// <summary>Puts the value into its metric, and that into its family.</summary>
    private void Write(ByteWriter message, in Statistic statistic, int type, int field, long nowMs)
    {
        config.Tags.Extract(statistic.Prefix, statistic.Suffix, _name);
        _metric.Clear();
        for (var tag = 0; options.TagsAreLabels && tag < _name.TagCount; tag++)
        {
            _part.Clear();
            _part.WriteText(LabelName, _name.TagName(tag));
            _part.WriteText(LabelValue, _name.TagValue(tag));
            _metric.WriteBytes(MetricLabel, _part.Written);
        }

        _metric.WriteBytes(field, _value.Written);
        _metric.WriteNumber(MetricTimestampMs, (ulong)nowMs);
        _family.Clear();
        _family.WriteText(FamilyName, options.TagsAreLabels ? _name.Rest : _name.Full);
        _family.WriteNumber(FamilyType, (ulong)type);
        _family.WriteBytes(FamilyMetric, _metric.Written);
        message.WriteBytes(EnvoyMetrics, _family.Written);
    }
}
