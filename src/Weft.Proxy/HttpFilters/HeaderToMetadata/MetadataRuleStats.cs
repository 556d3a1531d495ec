using Weft.Base.Stats;

namespace Weft.Proxy.HttpFilters.HeaderToMetadata;

/// <summary>The statistics <c>http_filter_name.PREFIX.*</c> of rules with a stat_prefix, under Envoy's names: those of requests or those of responses, some of which are the same.</summary>
internal sealed class MetadataRuleStats(StatsScope scope, string direction)
{
    public Counter RulesProcessed { get; } = scope.Counter(direction + "_rules_processed");

    public Counter MetadataAdded { get; } = scope.Counter(direction + "_metadata_added");

    /// <summary>Headers that were not there, of rules for that case.</summary>
    public Counter HeaderNotFound { get; } = scope.Counter(direction + "_header_not_found");

    public Counter Base64DecodeFailed { get; } = scope.Counter("base64_decode_failed");

    public Counter HeaderValueTooLong { get; } = scope.Counter("header_value_too_long");

    /// <summary>Values of which a rewrite left nothing.</summary>
    public Counter RegexSubstitutionFailed { get; } = scope.Counter("regex_substitution_failed");

    /// <summary>Null without a prefix: nothing is counted then.</summary>
    /// <param name="direction"><c>request</c> or <c>response</c>.</param>
    public static MetadataRuleStats? Create(string prefix, string direction, StatsStore store) =>
        prefix.Length == 0 ? null : new MetadataRuleStats(store.Scope($"http_filter_name.{prefix.TrimEnd('.')}."), direction);
}
