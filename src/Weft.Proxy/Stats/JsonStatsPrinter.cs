using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Stats;

/// <summary>
/// <c>{"stats":[{"name":..,"value":..}, ..., {"histograms":{..}}]}</c>; what stands under histograms depends on how they are asked for.
/// </summary>
internal sealed class JsonStatsPrinter(StatsStore store, StatsQuery query) : StatsPrinter(store, query)
{
    private readonly double[] _interval = new double[HistogramData.Quantiles.Length];
    private readonly double[] _cumulative = new double[HistogramData.Quantiles.Length];
    private readonly MergedHistogram _empty = new();
    private readonly ByteWriter _name = new();

    private protected override IEnumerable<Statistic> Print(ByteWriter output)
    {
        var all = Select();
        output.Write("{\"stats\":["u8);
        var isFirst = true;
        foreach (var (kind, orKind) in ((StatKind, StatKind)[])[(StatKind.Text, StatKind.Text), (StatKind.Counter, StatKind.Gauge)])
        {
            foreach (var statistic in OfKinds(all, kind, orKind))
            {
                WriteSeparator(output, ref isFirst);
                WriteValue(output, statistic);
                yield return statistic;
            }
        }

        var histograms = OfKinds(all, StatKind.Histogram, StatKind.Histogram);
        if (histograms.Count > 0)
        {
            WriteSeparator(output, ref isFirst);
            output.Write(Opening);
            isFirst = true;
            foreach (var histogram in histograms)
            {
                WriteSeparator(output, ref isFirst);
                WriteHistogram(output, histogram);
                yield return histogram;
            }

            output.Write(IsArray ? "]}"u8 : "]}}"u8);
        }

        output.Write("]}"u8);
    }

    private bool IsArray => Query.Buckets is HistogramBucketsMode.Cumulative or HistogramBucketsMode.Disjoint;

    private ReadOnlySpan<byte> Opening => Query.Buckets switch
    {
        HistogramBucketsMode.Cumulative or HistogramBucketsMode.Disjoint => "{\"histograms\":["u8,
        HistogramBucketsMode.Detailed => "{\"histograms\":{\"supported_percentiles\":[0,25,50,75,90,95,99,99.5,99.9,100],\"details\":["u8,
        _ => "{\"histograms\":{\"supported_quantiles\":[0,25,50,75,90,95,99,99.5,99.9,100],\"computed_quantiles\":["u8,
    };

    private void WriteValue(ByteWriter output, in Statistic statistic)
    {
        WriteNameField(output, statistic);
        output.Write(",\"value\":"u8);
        if (statistic.Kind == StatKind.Text)
            WriteString(output, statistic.Text, "");
        else
            output.Write(statistic.UnsignedValue);
        output.Write((byte)'}');
    }

    private void WriteHistogram(ByteWriter output, in Statistic statistic)
    {
        var histogram = statistic.Histogram ?? _empty;
        WriteNameField(output, statistic);
        switch (Query.Buckets)
        {
            case HistogramBucketsMode.Cumulative or HistogramBucketsMode.Disjoint:
                output.Write(",\"buckets\":["u8);
                WriteBuckets(output, histogram, Query.Config.BucketsOf(statistic));
                break;
            case HistogramBucketsMode.Detailed:
                output.Write(",\"totals\":["u8);
                WriteBins(output, histogram.Cumulative);
                output.Write("],\"intervals\":["u8);
                WriteBins(output, histogram.Interval);
                output.Write("],\"percentiles\":["u8);
                WriteQuantiles(output, histogram);
                break;
            default:
                output.Write(",\"values\":["u8);
                WriteQuantiles(output, histogram);
                break;
        }

        output.Write("]}"u8);
    }

    private void WriteQuantiles(ByteWriter output, MergedHistogram histogram)
    {
        histogram.Interval.ComputeQuantiles(_interval);
        histogram.Cumulative.ComputeQuantiles(_cumulative);
        for (var i = 0; i < _interval.Length; i++)
        {
            output.Write(i == 0 ? "{\"cumulative\":"u8 : ",{\"cumulative\":"u8);
            WriteNumber(output, _cumulative[i]);
            output.Write(",\"interval\":"u8);
            WriteNumber(output, _interval[i]);
            output.Write((byte)'}');
        }
    }

    private void WriteBuckets(ByteWriter output, MergedHistogram histogram, ReadOnlySpan<double> bounds)
    {
        var (intervalBelow, cumulativeBelow) = (0L, 0L);
        var isFirst = true;
        foreach (var bound in bounds)
        {
            var (interval, cumulative) = (histogram.Interval.CountBelow(bound), histogram.Cumulative.CountBelow(bound));
            WriteSeparator(output, ref isFirst);
            output.Write("{\"upper_bound\":"u8);
            WriteNumber(output, bound);
            output.Write(",\"interval\":"u8);
            output.Write(interval - intervalBelow);
            output.Write(",\"cumulative\":"u8);
            output.Write(cumulative - cumulativeBelow);
            output.Write((byte)'}');
            if (Query.Buckets == HistogramBucketsMode.Disjoint)
                (intervalBelow, cumulativeBelow) = (interval, cumulative);
        }
    }

    private static void WriteBins(ByteWriter output, HistogramData data)
    {
        var isFirst = true;
        foreach (var bin in data.Bins)
        {
            WriteSeparator(output, ref isFirst);
            output.Write("{\"lower_bound\":"u8);
            WriteNumber(output, bin.Lower);
            output.Write(",\"width\":"u8);
            WriteNumber(output, bin.Width);
            output.Write(",\"count\":"u8);
            output.Write(bin.Count);
            output.Write((byte)'}');
        }
    }

    private void WriteNameField(ByteWriter output, in Statistic statistic)
    {
        output.Write("{\"name\":"u8);
        WriteString(output, statistic.Prefix, statistic.Suffix);
    }

    private void WriteString(ByteWriter output, string text, string rest)
    {
        _name.Clear();
        _name.Write(text);
        _name.Write(rest);
        JsonText.WriteString(output, _name.Written);
    }

    private static void WriteNumber(ByteWriter output, double value)
    {
        if (double.IsNaN(value))
            output.Write("null"u8);
        else
            StatsNumbers.WriteShortest(output, value);
    }

    private static void WriteSeparator(ByteWriter output, ref bool isFirst)
    {
        if (!isFirst)
            output.Write((byte)',');
        isFirst = false;
    }
}
