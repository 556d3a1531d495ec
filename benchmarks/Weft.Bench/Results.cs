namespace Weft.Bench;

/// <summary>Which way a figure is better.</summary>
internal enum Better { Higher, Lower }

/// <summary>A row of the table: one figure of every peer, a value per round.</summary>
internal sealed class Metric(string title, string format, Better better, string group = "")
{
    private readonly Dictionary<string, List<double>> _values = [];

    public string Title => title;

    /// <summary>Shape or kind that the goals look for.</summary>
    public string Group => group;

    public void Add(string peer, double value)
    {
        if (!_values.TryGetValue(peer, out var values))
            _values[peer] = values = [];
        values.Add(value);
    }

    /// <summary>NaN when it was not measured.</summary>
    public double Median(string peer) => _values.TryGetValue(peer, out var values) ? MedianOf(values) : double.NaN;

    /// <summary>
    /// How many times better the first peer is than the other: the median of the rounds' ratios, because rounds of one number
    /// ran next to each other and the machine's mood was the same. NaN when either is missing.
    /// </summary>
    public double Lead(string first, string other)
    {
        if (!_values.TryGetValue(first, out var mine) || !_values.TryGetValue(other, out var theirs))
            return double.NaN;
        return MedianOf(mine.Zip(theirs, (m, t) => better == Better.Higher ? m / t : t / m));
    }

    public string Text(string peer, string first)
    {
        var value = Median(peer);
        if (double.IsNaN(value))
            return "-";
        var text = value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
        var lead = peer == first ? double.NaN : Lead(first, peer);
        return double.IsFinite(lead) ? $"{text} (x{lead.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)})" : text;
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Where(v => !double.IsNaN(v)).Order().ToList();
        if (sorted.Count == 0)
            return double.NaN;
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>Everything measured, in the order of the table.</summary>
internal sealed class Results
{
    private readonly List<Metric> _metrics = [];

    public IReadOnlyList<Metric> Metrics => _metrics;

    public Waiting Waiting { get; } = new();

    /// <summary>What failed, or was left out, and why.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The row of that title, made when it is new.</summary>
    public Metric Row(string title, string format, Better better, string group = "")
    {
        var metric = _metrics.Find(m => m.Title == title);
        if (metric is null)
            _metrics.Add(metric = new Metric(title, format, better, group));
        return metric;
    }
}
