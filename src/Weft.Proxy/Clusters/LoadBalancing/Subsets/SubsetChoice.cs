namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>What criteria lead to in one plan: a subset or a fallback, or with a fallback list several that are tried in order. Worked out once per criteria.</summary>
internal sealed class SubsetChoice
{
    /// <summary>No subset matches, and no selector says what then: the fallback of the cluster.</summary>
    public static readonly SubsetChoice OfCluster = new();

    private static readonly SubsetChoice s_nothing = new() { IsFinal = true };

    /// <summary>Where to pick; null: nowhere, or the fallback of the cluster when not <see cref="IsFinal"/>.</summary>
    public SubsetPlan.Subset? Subset { get; private init; }

    /// <summary>A subset matched: counts as lb_subsets_selected.</summary>
    public bool IsSelected { get; private init; }

    /// <summary>What comes of it is the answer, even if it is nothing.</summary>
    public bool IsFinal { get; private init; }

    /// <summary>To try in order instead of this one; empty: there are none.</summary>
    public SubsetChoice[] Alternatives { get; private init; } = [];

    public static SubsetChoice Of(MetadataCriteria? criteria, SubsetPlan plan)
    {
        if (criteria is null)
            return OfCluster;
        var fallbackList = plan.Config.HasFallbackList ? criteria.Find("fallback_list") : null;
        if (fallbackList is null)
            return OfOne(criteria, plan);
        var own = criteria.Without("fallback_list");
        if (fallbackList.ListValue is not { Values.Count: > 0 } list)
            return OfOne(own, plan);
        return new SubsetChoice { Alternatives = [.. list.Values.Select(one => OfOne(own.Merge(one.StructValue?.Fields ?? []), plan))] };
    }

    private static SubsetChoice OfOne(MetadataCriteria criteria, SubsetPlan plan)
    {
        var used = plan.Config.AllowsRedundantKeys ? WithoutRedundant(criteria, plan.Config) : criteria;
        if (plan.Find(used.Text) is { } subset)
            return new SubsetChoice { Subset = subset, IsSelected = true, IsFinal = true };
        var selector = plan.Config.Selectors.FirstOrDefault(selector => selector.HasNamesOf(used));
        return selector?.Fallback switch
        {
            SubsetFallback.NoFallback => s_nothing,
            SubsetFallback.AnyEndpoint => new SubsetChoice { Subset = plan.Any, IsFinal = true },
            SubsetFallback.DefaultSubset => new SubsetChoice { Subset = plan.Default, IsFinal = true },
            SubsetFallback.KeysSubset => OfOne(used.Only(selector.FallbackKeys), plan),
            _ => OfCluster,
        };
    }

    /// <summary>The names of the first selector that has all of its own among the criteria.</summary>
    private static MetadataCriteria WithoutRedundant(MetadataCriteria criteria, SubsetConfig config) =>
        config.Selectors.FirstOrDefault(selector => Array.TrueForAll(selector.Keys, key => criteria.Find(key) is not null)) is { } selector
            ? criteria.Only(selector.Keys)
            : criteria;
}
