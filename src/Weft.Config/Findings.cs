namespace Weft.Config;

/// <summary>All that was found in one run over a configuration. Main thread only.</summary>
public sealed class Findings
{
    private readonly List<Finding> _all = [];
    private readonly HashSet<Finding> _seen = [];

    /// <summary>Adds a finding; one that is already there is not added again.</summary>
    public void Add(Finding f)
    {
        if (_seen.Add(f)) _all.Add(f);
    }

    /// <summary>Everything, in the order of the files: by file, line and column; what has no position comes last, as it was added.</summary>
    public IReadOnlyList<Finding> All => Ordered(static _ => true);

    /// <summary>True when nothing was found.</summary>
    public bool IsEmpty => _all.Count == 0;

    /// <summary>True when at least one finding forbids the use of the configuration.</summary>
    public bool HasErrors => _all.Exists(static f => f.Severity == Severity.Error);

    /// <summary>The errors, ordered like <see cref="All"/>.</summary>
    public IEnumerable<Finding> Errors => Ordered(static f => f.Severity == Severity.Error);

    /// <summary>The warnings, ordered like <see cref="All"/>.</summary>
    public IEnumerable<Finding> Warnings => Ordered(static f => f.Severity == Severity.Warning);

    /// <summary>The notes, ordered like <see cref="All"/>.</summary>
    public IEnumerable<Finding> Notes => Ordered(static f => f.Severity == Severity.Note);

    private List<Finding> Ordered(Func<Finding, bool> wanted)
        => _all.Count == 0 ? [] : [.. _all.Where(wanted)
            .OrderBy(static f => f.Position is null)
            .ThenBy(static f => f.Position?.File, StringComparer.Ordinal)
            .ThenBy(static f => f.Position?.Line)
            .ThenBy(static f => f.Position?.Column)];
}
