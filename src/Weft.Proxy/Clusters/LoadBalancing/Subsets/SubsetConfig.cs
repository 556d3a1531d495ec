namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>What happens to requests that no subset matches.</summary>
internal enum SubsetFallback : byte
{
    NoFallback,
    AnyEndpoint,
    DefaultSubset,

    /// <summary>Selectors only: the criteria are tried again with fewer names.</summary>
    KeysSubset,

    /// <summary>Selectors only: the policy of the whole cluster holds.</summary>
    NotDefined,
}

/// <summary>lb_subset_config. Immutable.</summary>
internal sealed record SubsetConfig
{
    public SubsetFallback Fallback { get; init; }

    /// <summary>For <see cref="SubsetFallback.DefaultSubset"/>; without any values all endpoints belong to it.</summary>
    public MetadataCriteria DefaultSubset { get; init; } = new([]);

    public IReadOnlyList<SubsetSelector> Selectors { get; init; } = [];

    /// <summary>locality_weight_aware: subsets keep the weights of localities.</summary>
    public bool IsLocalityWeightAware { get; init; }

    /// <summary>scale_locality_weight: a locality's weight shrinks with the part of its endpoints that a subset has.</summary>
    public bool ScalesLocalityWeight { get; init; }

    /// <summary>panic_mode_any: when the fallback has nobody either, any endpoint serves.</summary>
    public bool PanicModeAny { get; init; }

    /// <summary>list_as_any: an endpoint with a list of values is in the subset of each.</summary>
    public bool ListAsAny { get; init; }

    /// <summary>metadata_fallback_policy FALLBACK_LIST: the criterion fallback_list holds alternatives that are tried in order.</summary>
    public bool HasFallbackList { get; init; }

    /// <summary>allow_redundant_keys: names that no selector has are left out of the criteria.</summary>
    public bool AllowsRedundantKeys { get; init; }
}

/// <summary>One of subset_selectors: endpoints that have all these names are in a subset for each combination of values. Immutable.</summary>
internal sealed record SubsetSelector
{
    /// <summary>In order.</summary>
    public required string[] Keys { get; init; }

    public SubsetFallback Fallback { get; init; } = SubsetFallback.NotDefined;

    public string[] FallbackKeys { get; init; } = [];

    /// <summary>single_host_per_subset: a subset has one endpoint, whose health does not count.</summary>
    public bool IsSingleHost { get; init; }

    /// <summary>The criteria have exactly these names.</summary>
    public bool HasNamesOf(MetadataCriteria criteria) => criteria.Names.SequenceEqual(Keys);
}
