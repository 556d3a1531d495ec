using System.Text.RegularExpressions;
using Weft.Base.Stats;
using Weft.Config;

namespace Weft.Proxy.Stats;

/// <summary>
/// Bootstrap.stats_config: which tags are taken out of names, which statistics exist, which buckets histograms are printed with.
/// Immutable.
/// </summary>
public sealed class StatsConfig
{
    private readonly HistogramBuckets[] _buckets;

    private StatsConfig(TagExtractor tags, IStatNameFilter? nameFilter, HistogramBuckets[] buckets) =>
        (Tags, NameFilter, _buckets) = (tags, nameFilter, buckets);

    /// <summary>What holds without stats_config.</summary>
    public static StatsConfig Default { get; } = new(TagExtractor.Default, null, []);

    /// <summary>Envoy's buckets, upper bounds: 0.5 to 3,600,000.</summary>
    public static ReadOnlySpan<double> DefaultBuckets =>
    [
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000,
    ];

    /// <summary>stats_tags and use_all_default_tags.</summary>
    public TagExtractor Tags { get; }

    /// <summary>stats_matcher: to be set on the <see cref="StatsStore"/> before statistics are made. Null: everything is kept.</summary>
    public IStatNameFilter? NameFilter { get; }

    /// <summary>histogram_bucket_settings: the upper bounds for a histogram, ascending.</summary>
    public ReadOnlySpan<double> BucketsOf(in Statistic histogram)
    {
        if (_buckets.Length == 0)
            return DefaultBuckets;
        foreach (var buckets in _buckets)
        {
            if (buckets.Matcher.IsMatch(histogram.Prefix, histogram.Suffix))
                return buckets.UpperBounds;
        }

        return DefaultBuckets;
    }

    /// <summary>Compiles the configuration; faults are reported in the context.</summary>
    public static StatsConfig Create(Envoy.Config.Metrics.V3.StatsConfig? config, ConfigContext context)
    {
        if (config is null)
            return Default;
        return new StatsConfig(
            CreateTags(config, context),
            StatNameFilter.Create(config.StatsMatcher, context),
            [.. config.HistogramBucketSettings.Where(setting => setting.Buckets.Count > 0).Select(setting => CreateBuckets(setting, context))]);
    }

    private static HistogramBuckets CreateBuckets(Envoy.Config.Metrics.V3.HistogramBucketSettings setting, ConfigContext context) =>
        new(new StatNameMatcher(setting.Match, context), [.. setting.Buckets.Order()]);

    private static TagExtractor CreateTags(Envoy.Config.Metrics.V3.StatsConfig config, ConfigContext context)
    {
        var rules = new List<TagRule>();
        if (config.UseAllDefaultTags ?? true)
            rules.AddRange(DefaultTagRules.All);
        foreach (var tag in config.StatsTags)
            AddRules(tag, rules, context);
        return new TagExtractor(rules);
    }

    private static void AddRules(Envoy.Config.Metrics.V3.TagSpecifier tag, List<TagRule> rules, ConfigContext context)
    {
        if (tag.TagName.Length == 0)
            context.Error(tag, "tag_name", "tag_name cannot be empty");
        else if (tag.TagValueCase == Envoy.Config.Metrics.V3.TagSpecifier.TagValueOneofCase.FixedValue)
            rules.Add(new FixedTagRule(tag.TagName, tag.FixedValue));
        else if (tag.Regex.Length > 0)
            AddRegexRule(tag, rules, context);
        else if (DefaultTagRules.All.Where(rule => rule.TagName == tag.TagName).ToArray() is { Length: > 0 } defaults)
            rules.AddRange(defaults);
        else
            context.Error(tag, "tag_name", $"No regex specified for tag specifier and no default regex for name: '{tag.TagName}'");
    }

    private static void AddRegexRule(Envoy.Config.Metrics.V3.TagSpecifier tag, List<TagRule> rules, ConfigContext context)
    {
        try
        {
            _ = new Regex(tag.Regex, RegexOptions.CultureInvariant);
            rules.Add(new RegexTagRule(tag.TagName, tag.Regex));
        }
        catch (ArgumentException fault)
        {
            context.Error(tag, "regex", $"Invalid regex '{tag.Regex}': {fault.Message}");
        }
    }

    private sealed record HistogramBuckets(StatNameMatcher Matcher, double[] UpperBounds);
}
