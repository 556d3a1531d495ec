using Weft.Base.Stats;
using Weft.Config;
using MatcherCase = Envoy.Config.Metrics.V3.StatsMatcher.StatsMatcherOneofCase;

namespace Weft.Proxy.Stats;

/// <summary>A StatsMatcher: keeps what an inclusion list names, or all that an exclusion list does not name, or nothing.</summary>
internal sealed class StatNameFilter : IStatNameFilter
{
    private readonly StatNameMatcher[] _matchers;
    private readonly bool _rejectsMatches;

    private StatNameFilter(StatNameMatcher[] matchers, bool rejectsMatches) => (_matchers, _rejectsMatches) = (matchers, rejectsMatches);

    /// <summary>Null when everything is kept.</summary>
    public static StatNameFilter? Create(Envoy.Config.Metrics.V3.StatsMatcher? config, ConfigContext context) => config?.StatsMatcherCase switch
    {
        MatcherCase.RejectAll when config.RejectAll => new StatNameFilter([], rejectsMatches: false),
        MatcherCase.InclusionList => new StatNameFilter(Compile(config.InclusionList, context), rejectsMatches: false),
        MatcherCase.ExclusionList => new StatNameFilter(Compile(config.ExclusionList, context), rejectsMatches: true),
        _ => null,
    };

    public bool Rejects(string prefix, string suffix)
    {
        foreach (var matcher in _matchers)
        {
            if (matcher.IsMatch(prefix, suffix))
                return _rejectsMatches;
        }

        return !_rejectsMatches;
    }

    private static StatNameMatcher[] Compile(Envoy.Type.Matcher.V3.ListStringMatcher list, ConfigContext context) =>
        [.. list.Patterns.Select(pattern => new StatNameMatcher(pattern, context))];
}
