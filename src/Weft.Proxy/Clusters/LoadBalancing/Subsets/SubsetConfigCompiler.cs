using Google.Protobuf;
using Weft.Config;
using LegacyFallback = Envoy.Config.Cluster.V3.Cluster.Types.LbSubsetConfig.Types.LbSubsetFallbackPolicy;
using LegacyMessage = Envoy.Config.Cluster.V3.Cluster.Types.LbSubsetConfig;
using LegacyMetadataFallback = Envoy.Config.Cluster.V3.Cluster.Types.LbSubsetConfig.Types.LbSubsetMetadataFallbackPolicy;
using SubsetMessage = Envoy.Extensions.LoadBalancingPolicies.Subset.V3.Subset;

namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>lb_subset_config, or the extension of the same content, to <see cref="SubsetConfig"/>. Main thread.</summary>
internal static class SubsetConfigCompiler
{
    /// <summary>Null when there are no selectors: then there are no subsets at all.</summary>
    public static SubsetConfig? Compile(LegacyMessage? config, ConfigContext context) => config is null || config.SubsetSelectors.Count == 0 ? null : new SubsetConfig
    {
        Fallback = Fallback((int)config.FallbackPolicy),
        DefaultSubset = new MetadataCriteria(config.DefaultSubset?.Fields ?? []),
        Selectors = [.. config.SubsetSelectors.Select(selector => Selector(selector, selector.Keys, (int)selector.FallbackPolicy, selector.FallbackKeysSubset, selector.SingleHostPerSubset, context))],
        IsLocalityWeightAware = config.LocalityWeightAware,
        ScalesLocalityWeight = config.ScaleLocalityWeight,
        PanicModeAny = config.PanicModeAny,
        ListAsAny = config.ListAsAny,
        HasFallbackList = config.MetadataFallbackPolicy == LegacyMetadataFallback.FallbackList,
    };

    public static SubsetConfig Compile(SubsetMessage config, ConfigContext context) => new()
    {
        Fallback = Fallback((int)config.FallbackPolicy),
        DefaultSubset = new MetadataCriteria(config.DefaultSubset?.Fields ?? []),
        Selectors = [.. config.SubsetSelectors.Select(selector => Selector(selector, selector.Keys, (int)selector.FallbackPolicy, selector.FallbackKeysSubset, selector.SingleHostPerSubset, context))],
        IsLocalityWeightAware = config.LocalityWeightAware,
        ScalesLocalityWeight = config.ScaleLocalityWeight,
        PanicModeAny = config.PanicModeAny,
        ListAsAny = config.ListAsAny,
        HasFallbackList = config.MetadataFallbackPolicy == SubsetMessage.Types.LbSubsetMetadataFallbackPolicy.FallbackList,
        AllowsRedundantKeys = config.AllowRedundantKeys,
    };

    /// <summary>Both messages number their policies alike.</summary>
    private static SubsetFallback Fallback(int number) => (LegacyFallback)number switch
    {
        LegacyFallback.AnyEndpoint => SubsetFallback.AnyEndpoint,
        LegacyFallback.DefaultSubset => SubsetFallback.DefaultSubset,
        _ => SubsetFallback.NoFallback,
    };

    private static SubsetSelector Selector(IMessage at, IReadOnlyCollection<string> keys, int fallback, IReadOnlyCollection<string> fallbackKeys, bool isSingleHost, ConfigContext context)
    {
        var selector = new SubsetSelector
        {
            Keys = [.. keys.Distinct().Order(StringComparer.Ordinal)],
            Fallback = SelectorFallback(fallback),
            FallbackKeys = [.. fallbackKeys.Distinct().Order(StringComparer.Ordinal)],
            IsSingleHost = isSingleHost,
        };
        if (FaultOf(selector) is { } fault)
            context.Error(at, "fallback_keys_subset", fault);
        return selector;
    }

    private static SubsetFallback SelectorFallback(int number) => (LegacyMessage.Types.LbSubsetSelector.Types.LbSubsetSelectorFallbackPolicy)number switch
    {
        LegacyMessage.Types.LbSubsetSelector.Types.LbSubsetSelectorFallbackPolicy.NoFallback => SubsetFallback.NoFallback,
        LegacyMessage.Types.LbSubsetSelector.Types.LbSubsetSelectorFallbackPolicy.AnyEndpoint => SubsetFallback.AnyEndpoint,
        LegacyMessage.Types.LbSubsetSelector.Types.LbSubsetSelectorFallbackPolicy.DefaultSubset => SubsetFallback.DefaultSubset,
        LegacyMessage.Types.LbSubsetSelector.Types.LbSubsetSelectorFallbackPolicy.KeysSubset => SubsetFallback.KeysSubset,
        _ => SubsetFallback.NotDefined,
    };

    private static string? FaultOf(SubsetSelector selector)
    {
        if (selector.Fallback != SubsetFallback.KeysSubset)
            return selector.FallbackKeys.Length > 0 ? "fallback_keys_subset can be set only for KEYS_SUBSET fallback_policy" : null;
        if (selector.FallbackKeys.Length == 0)
            return "fallback_keys_subset cannot be empty";
        if (selector.FallbackKeys.Except(selector.Keys).Any())
            return "fallback_keys_subset must be a subset of selector keys";
        return selector.FallbackKeys.Length == selector.Keys.Length ? "fallback_keys_subset cannot be equal to keys" : null;
    }
}
