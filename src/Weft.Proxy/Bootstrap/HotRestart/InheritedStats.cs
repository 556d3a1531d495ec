using System.Globalization;
using Weft.Base.Stats;

namespace Weft.Proxy.Bootstrap.HotRestart;

/// <summary>
/// Adds what the predecessor still counts (<see cref="StatsReport"/>) to this process's statistics of the same names, so that sinks and
/// scrapers of this one see both. Main thread.
/// </summary>
internal sealed class InheritedStats(StatsStore stats)
{
    private readonly Dictionary<Name, long> _gauges = [];

    /// <summary>What has no statistic of its name here (yet): a cluster that is still discovered, or is no more.</summary>
    private readonly Dictionary<Name, long> _waiting = [];

    /// <summary>Takes the lines of a message.</summary>
    public void Add(string lines)
    {
        Retry();
        foreach (var line in lines.AsSpan().EnumerateLines())
        {
            if (line.ToString().Split('\t') is [var kind, var number, var prefix, var suffix] && long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount))
                Add(new Name(kind == "c" ? StatKind.Counter : StatKind.Gauge, prefix, suffix), amount);
        }
    }

    /// <summary>The predecessor has ended, and with it whatever was active there.</summary>
    public void End()
    {
        foreach (var (name, amount) in _gauges)
            stats.TryAdd(name.Prefix, name.Suffix, name.Kind, -amount);
        _gauges.Clear();
        _waiting.Clear();
    }

    private void Add(Name name, long amount)
    {
        if (!stats.TryAdd(name.Prefix, name.Suffix, name.Kind, amount))
            _waiting[name] = _waiting.GetValueOrDefault(name) + amount;
        else if (name.Kind == StatKind.Gauge)
            _gauges[name] = _gauges.GetValueOrDefault(name) + amount;
    }

    private void Retry()
    {
        if (_waiting.Count == 0)
            return;
        var waiting = _waiting.ToArray();
        _waiting.Clear();
        foreach (var (name, amount) in waiting)
            Add(name, amount);
    }

    private readonly record struct Name(StatKind Kind, string Prefix, string Suffix);
}
