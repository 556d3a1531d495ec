using System.Text.RegularExpressions;

namespace Weft.Observe.Statsd;

/// <summary>How timers and histograms are shown.</summary>
internal enum ObserverType : byte { Summary, Histogram }

/// <summary>What one rule of a mapping file makes of the names that fit it. Immutable.</summary>
/// <param name="Match">Anchored at both ends; a glob's stars are its groups.</param>
/// <param name="Kind">Only for lines of this kind.</param>
/// <param name="Name">With <c>$1</c> for the groups.</param>
/// <param name="Labels">Likewise.</param>
internal sealed record MappingRule(Regex Match, StatsdKind? Kind, string Name, IReadOnlyList<KeyValuePair<string, string>> Labels)
{
    public bool Drops { get; init; }

    public ObserverType Observer { get; init; }

    /// <summary>Upper bounds of a histogram's buckets, in seconds for timers.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = StatsdMapping.DefaultBuckets;

    public IReadOnlyList<double> Quantiles { get; init; } = StatsdMapping.DefaultQuantiles;

    public string Help { get; init; } = StatsdMapping.DefaultHelp;
}

/// <summary>The rules of a mapping file, of which the first that fits a name is used; without one names are only escaped. Immutable.</summary>
internal sealed record StatsdMapping(IReadOnlyList<MappingRule> Rules)
{
    public const string DefaultHelp = "Metric from statsd.";

    /// <summary>Those of the Prometheus client libraries.</summary>
    public static IReadOnlyList<double> DefaultBuckets { get; } = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    public static IReadOnlyList<double> DefaultQuantiles { get; } = [0.5, 0.9, 0.99];

    public static StatsdMapping None { get; } = new([]);

    /// <summary>How the rest is shown.</summary>
    public MappingRule Default { get; init; } = new(new Regex("", RegexOptions.NonBacktracking), null, "", []);

    /// <summary>The rule of a name with its groups; null: none.</summary>
    public (MappingRule Rule, Match Match)? Find(string name, StatsdKind kind)
    {
        foreach (var rule in Rules)
        {
            if (rule.Kind is not { } only || only == kind)
            {
                var match = rule.Match.Match(name);
                if (match.Success)
                    return (rule, match);
            }
        }

        return null;
    }
}
