using System.Runtime.InteropServices;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Stats.Help;

namespace Weft.Proxy.Stats;

/// <summary>
/// The Prometheus text format: statistics that differ only by their tags are one metric with labels, under one TYPE line
/// and, where something is known of it, one HELP line. Tags are taken out once to group, and once more to print, so that no list of labels is kept; of each statistic only its place is kept.
/// </summary>
internal sealed class PrometheusStatsPrinter(StatsStore store, StatsQuery query) : StatsPrinter(store, query)
{
    private const string MetricPrefix = "envoy_";

    private readonly ExtractedName _name = new();
    private readonly ByteWriter _labels = new();
    private readonly List<StatHandle> _sorted = [];
    private readonly double[] _quantiles = new double[HistogramData.Quantiles.Length];

    private protected override IEnumerable<Statistic> Print(ByteWriter output)
    {
        foreach (var kind in (StatKind[])[StatKind.Counter, StatKind.Gauge, StatKind.Text, StatKind.Histogram])
        {
            if ((kind == StatKind.Text && !Query.TextReadouts) || (Query.Kind is not null && Query.Kind != kind))
                continue;
            foreach (var (name, metric) in Group(kind))
            {
                var version = Store.Version;
                metric.CopyTo(_sorted);
                _sorted.Sort(CompareNames);
                WriteHead(output, name, kind);
                foreach (var handle in _sorted)
                {
                    // The printing pauses while the reader is slow, and configuration may change meanwhile.
                    if (!Store.TryGet(handle, out var statistic) || (Store.Version != version && !IsOf(statistic, kind, name)))
                        continue;
                    Write(output, name, statistic);
                    yield return statistic;
                }
            }
        }
    }

    /// <summary>The statistics of a kind by the metric that their names become without tags.</summary>
    private SortedDictionary<string, StatHandleList> Group(StatKind kind)
    {
        var metrics = new SortedDictionary<string, StatHandleList>(StringComparer.Ordinal);
        var byRest = new Dictionary<string, StatHandleList>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var handle in Store.Handles())
        {
            if (!Store.TryGet(handle, out var statistic) || statistic.Kind != kind || !Query.Shows(statistic))
                continue;
            Query.Config.Tags.Extract(statistic.Prefix, statistic.Suffix, _name);
            ref var metric = ref CollectionsMarshal.GetValueRefOrAddDefault(byRest, _name.Rest, out _);
            metric ??= FindMetric(metrics, MetricName(_name.Rest));
            metric.Add(handle);
        }

        return metrics;
    }

    private int CompareNames(StatHandle first, StatHandle second) =>
        Store.TryGet(first, out var one) && Store.TryGet(second, out var other) ? StatisticOrder.ByName.Compare(one, other) : 0;

    /// <summary>The place has not become another's.</summary>
    private bool IsOf(in Statistic statistic, StatKind kind, string name)
    {
        Query.Config.Tags.Extract(statistic.Prefix, statistic.Suffix, _name);
        return statistic.Kind == kind && MetricName(_name.Rest) == name;
    }

    private static StatHandleList FindMetric(SortedDictionary<string, StatHandleList> metrics, string name)
    {
        if (!metrics.TryGetValue(name, out var metric))
            metrics[name] = metric = new StatHandleList();
        return metric;
    }

    private void WriteHead(ByteWriter output, string name, StatKind kind)
    {
        if (MetricHelp.Find(name[MetricPrefix.Length..]) is { } help)
        {
            output.Write("# HELP "u8);
            output.Write(name);
            output.Write((byte)' ');
            output.Write(help);
            output.Write((byte)'\n');
        }

        output.Write("# TYPE "u8);
        output.Write(name);
        output.Write(TypeOf(kind));
    }

    private void Write(ByteWriter output, string name, in Statistic statistic)
    {
        Query.Config.Tags.Extract(statistic.Prefix, statistic.Suffix, _name);
        WriteLabels();
        switch (statistic.Kind)
        {
            case StatKind.Text:
                WriteLabel("text_value", statistic.Text);
                WriteStart(output, name, ""u8, ""u8);
                output.Write(" 0\n"u8);
                break;
            case StatKind.Histogram when Query.Buckets == HistogramBucketsMode.Summary:
                WriteSummary(output, name, (statistic.Histogram ?? Empty).Interval);
                break;
            case StatKind.Histogram:
                WriteBuckets(output, name, (statistic.Histogram ?? Empty).Cumulative, Query.Config.BucketsOf(statistic));
                break;
            default:
                WriteStart(output, name, ""u8, ""u8);
                output.Write((byte)' ');
                output.Write(statistic.UnsignedValue);
                output.Write((byte)'\n');
                break;
        }
    }

    private void WriteBuckets(ByteWriter output, string name, HistogramData data, ReadOnlySpan<double> bounds)
    {
        foreach (var bound in bounds)
        {
            WriteStart(output, name, "_bucket"u8, "le=\""u8, bound);
            output.Write(data.CountBelow(bound));
            output.Write((byte)'\n');
        }

        WriteStart(output, name, "_bucket"u8, "le=\"+Inf\""u8);
        output.Write((byte)' ');
        output.Write(data.Count);
        output.Write((byte)'\n');
        WriteTotals(output, name, data);
    }

    private void WriteSummary(ByteWriter output, string name, HistogramData data)
    {
        data.ComputeQuantiles(_quantiles);
        for (var i = 0; i < _quantiles.Length; i++)
        {
            WriteStart(output, name, ""u8, "quantile=\""u8, HistogramData.Quantiles[i]);
            StatsNumbers.WriteExact(output, _quantiles[i]);
            output.Write((byte)'\n');
        }

        WriteTotals(output, name, data);
    }

    private void WriteTotals(ByteWriter output, string name, HistogramData data)
    {
        WriteStart(output, name, "_sum"u8, ""u8);
        output.Write((byte)' ');
        StatsNumbers.WriteExact(output, data.Sum);
        output.Write((byte)'\n');
        WriteStart(output, name, "_count"u8, ""u8);
        output.Write((byte)' ');
        output.Write(data.Count);
        output.Write((byte)'\n');
    }

    /// <summary>Name and labels, the last label with a number as its value.</summary>
    private void WriteStart(ByteWriter output, string name, ReadOnlySpan<byte> ending, ReadOnlySpan<byte> labelStart, double value)
    {
        WriteOpening(output, name, ending, labelStart);
        if (ending.IsEmpty)
            StatsNumbers.WriteShortest(output, value);
        else
            StatsNumbers.WriteExact(output, value);
        output.Write("\"} "u8);
    }

    private void WriteStart(ByteWriter output, string name, ReadOnlySpan<byte> ending, ReadOnlySpan<byte> label)
    {
        WriteOpening(output, name, ending, label);
        output.Write((byte)'}');
    }

    private void WriteOpening(ByteWriter output, string name, ReadOnlySpan<byte> ending, ReadOnlySpan<byte> label)
    {
        output.Write(name);
        output.Write(ending);
        output.Write((byte)'{');
        output.Write(_labels.Written);
        if (!label.IsEmpty && _labels.Length > 0)
            output.Write((byte)',');
        output.Write(label);
    }

    private void WriteLabels()
    {
        _labels.Clear();
        for (var tag = 0; tag < _name.TagCount; tag++)
            WriteLabel(_name.TagName(tag), _name.TagValue(tag));
    }

    /// <summary>Values keep their characters, but for backslash, quote and new line.</summary>
    private void WriteLabel(string name, ReadOnlySpan<char> value)
    {
        if (_labels.Length > 0)
            _labels.Write((byte)',');
        WriteSanitized(_labels, name);
        _labels.Write("=\""u8);
        while (value.IndexOfAny('\\', '"', '\n') is >= 0 and var special)
        {
            _labels.Write(value[..special]);
            _labels.Write((byte)'\\');
            _labels.Write(value[special] == '\n' ? (byte)'n' : (byte)value[special]);
            value = value[(special + 1)..];
        }

        _labels.Write(value);
        _labels.Write((byte)'"');
    }

    /// <summary>For every label of every line: no string is made of it.</summary>
    private static void WriteSanitized(ByteWriter output, string name)
    {
        var room = output.GetSpan(name.Length);
        for (var i = 0; i < name.Length; i++)
            room[i] = char.IsAsciiLetterOrDigit(name[i]) ? (byte)name[i] : (byte)'_';
        output.Advance(name.Length);
    }

    private static string MetricName(ReadOnlySpan<char> rest) => MetricPrefix + Sanitize(rest.ToString());

    private static string Sanitize(string name) =>
        string.Create(name.Length, name, static (result, name) =>
        {
            for (var i = 0; i < name.Length; i++)
                result[i] = char.IsAsciiLetterOrDigit(name[i]) ? name[i] : '_';
        });

    private ReadOnlySpan<byte> TypeOf(StatKind kind) => kind switch
    {
        StatKind.Counter => " counter\n"u8,
        StatKind.Histogram => Query.Buckets == HistogramBucketsMode.Summary ? " summary\n"u8 : " histogram\n"u8,
        _ => " gauge\n"u8,
    };

    private static readonly MergedHistogram Empty = new();
}
