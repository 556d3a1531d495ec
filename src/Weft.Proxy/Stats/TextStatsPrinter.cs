using Weft.Base.Buffers;
using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>Lines of <c>name: value</c>.</summary>
internal sealed class TextStatsPrinter(StatsStore store, StatsQuery query) : StatsPrinter(store, query)
{
    private readonly double[] _interval = new double[HistogramData.Quantiles.Length];
    private readonly double[] _cumulative = new double[HistogramData.Quantiles.Length];

    private protected override IEnumerable<Statistic> Print(ByteWriter output)
    {
        var all = Select();
        foreach (var (kind, orKind) in ((StatKind, StatKind)[])[(StatKind.Text, StatKind.Text), (StatKind.Counter, StatKind.Gauge), (StatKind.Histogram, StatKind.Histogram)])
        {
            foreach (var statistic in OfKinds(all, kind, orKind))
            {
                WriteLine(output, statistic);
                yield return statistic;
            }
        }
    }

    private void WriteLine(ByteWriter output, in Statistic statistic)
    {
        WriteName(output, statistic);
        switch (statistic.Kind)
        {
            case StatKind.Text:
                output.Write(": \""u8);
                output.Write(statistic.Text);
                output.Write("\"\n"u8);
                break;
            case StatKind.Histogram:
                output.Write((byte)':');
                WriteHistogram(output, statistic);
                output.Write((byte)'\n');
                break;
            default:
                output.Write(": "u8);
                output.Write(statistic.UnsignedValue);
                output.Write((byte)'\n');
                break;
        }
    }

    private void WriteHistogram(ByteWriter output, in Statistic statistic)
    {
        if (statistic.Histogram is not { } histogram)
        {
            output.Write(" No recorded values"u8);
            return;
        }

        switch (Query.Buckets)
        {
            case HistogramBucketsMode.Cumulative or HistogramBucketsMode.Disjoint:
                WriteBuckets(output, histogram, Query.Config.BucketsOf(statistic));
                break;
            case HistogramBucketsMode.Detailed:
                output.Write("\n  totals="u8);
                WriteBins(output, histogram.Cumulative);
                output.Write("\n  intervals="u8);
                WriteBins(output, histogram.Interval);
                output.Write("\n  summary="u8);
                WriteQuantiles(output, histogram);
                break;
            default:
                output.Write((byte)' ');
                WriteQuantiles(output, histogram);
                break;
        }
    }

    /// <summary>P50(interval,cumulative) for each quantile.</summary>
    private void WriteQuantiles(ByteWriter output, MergedHistogram histogram)
    {
        histogram.Interval.ComputeQuantiles(_interval);
        histogram.Cumulative.ComputeQuantiles(_cumulative);
        for (var i = 0; i < _interval.Length; i++)
        {
            output.Write(i == 0 ? "P"u8 : " P"u8);
            StatsNumbers.WriteGeneral(output, HistogramData.Quantiles[i] * 100);
            output.Write((byte)'(');
            StatsNumbers.WriteShortest(output, _interval[i]);
            output.Write((byte)',');
            StatsNumbers.WriteShortest(output, _cumulative[i]);
            output.Write((byte)')');
        }
    }

    private void WriteBuckets(ByteWriter output, MergedHistogram histogram, ReadOnlySpan<double> bounds)
    {
        var (intervalBelow, cumulativeBelow) = (0L, 0L);
        foreach (var bound in bounds)
        {
            var (interval, cumulative) = (histogram.Interval.CountBelow(bound), histogram.Cumulative.CountBelow(bound));
            output.Write(" B"u8);
            StatsNumbers.WriteGeneral(output, bound);
            output.Write((byte)'(');
            output.Write(interval - intervalBelow);
            output.Write((byte)',');
            output.Write(cumulative - cumulativeBelow);
            output.Write((byte)')');
            if (Query.Buckets == HistogramBucketsMode.Disjoint)
                (intervalBelow, cumulativeBelow) = (interval, cumulative);
        }
    }

    private static void WriteBins(ByteWriter output, HistogramData data)
    {
        var isFirst = true;
        foreach (var bin in data.Bins)
        {
            if (!isFirst)
                output.Write(", "u8);
            isFirst = false;
            StatsNumbers.WritePrecise(output, bin.Lower);
            output.Write((byte)',');
            StatsNumbers.WritePrecise(output, bin.Width);
            output.Write((byte)':');
            output.Write(bin.Count);
        }
    }
}
