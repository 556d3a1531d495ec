using System.Globalization;
using System.Text;

namespace Weft.Observe.Statsd;

/// <summary>Metrics in the text format of Prometheus, version 0.0.4.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>Labels as they stand between the braces.</summary>
    public static string Labels(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join(',', labels.Select(static label => $"{label.Key}=\"{Escape(label.Value)}\""));

    public void Write(MetricFamily family)
    {
        if (family.Series.Count == 0)
            return;
        var type = family.Kind switch { StatsdKind.Counter => "counter", StatsdKind.Gauge => "gauge", _ => family.Rule.Observer == ObserverType.Histogram ? "histogram" : "summary" };
        Head(family.Name, type, family.Rule.Help);
        foreach (var (labels, series) in family.Series)
        {
            if (type is "counter" or "gauge")
                Sample(family.Name, labels, series.Value);
            else
                WriteObserved(family, labels, series);
        }
    }

    /// <summary>A metric of the process itself.</summary>
    public void Write(string name, string type, string help, double value)
    {
        Head(name, type, help);
        Sample(name, "", value);
    }

    public override string ToString() => _text.ToString();

    private void WriteObserved(MetricFamily family, string labels, MetricSeries series)
    {
        switch (family.Shape)
        {
            case FamilyShape.Reported:
                foreach (var quantile in series.Quantiles)
                    Sample(family.Name, With(labels, "quantile", quantile.Share), quantile.Value);
                break;
            case FamilyShape.Exponential:
                WriteExponential(family, labels, series);
                break;
            default:
                WritePlain(family, labels, series);
                break;
        }

        Sample(family.Name + "_sum", labels, series.Sum);
        Sample(family.Name + "_count", labels, series.Count);
    }

    private void WritePlain(MetricFamily family, string labels, MetricSeries series)
    {
        if (family.Rule.Observer == ObserverType.Summary)
        {
            foreach (var share in family.Rule.Quantiles)
                Sample(family.Name, With(labels, "quantile", share), series.Quantile(share));
            return;
        }

        for (var i = 0; i < series.Buckets.Length; i++)
            Sample(family.Name + "_bucket", With(labels, "le", family.Rule.Buckets[i]), series.Buckets[i]);
        WriteAll(family, labels, series);
    }

    private void WriteExponential(MetricFamily family, string labels, MetricSeries series)
    {
        var below = series.AtMostZero;
        Sample(family.Name + "_bucket", With(labels, "le", 0), below);
        foreach (var index in family.Bounds.Indexes)
            Sample(family.Name + "_bucket", With(labels, "le", ExponentialBuckets.Bound(index)), below += series.InBucket(index));
        WriteAll(family, labels, series);
    }

    private void WriteAll(MetricFamily family, string labels, MetricSeries series) =>
        Sample(family.Name + "_bucket", (labels.Length > 0 ? labels + "," : "") + "le=\"+Inf\"", series.Count);

    private static string With(string labels, string label, double value) =>
        $"{labels}{(labels.Length > 0 ? "," : "")}{label}=\"{value.ToString(CultureInfo.InvariantCulture)}\"";

    private void Head(string name, string type, string help) => _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(double.IsNaN(value) ? "NaN" : value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Escape(string value) =>
        value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
