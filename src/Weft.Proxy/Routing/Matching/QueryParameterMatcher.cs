using System.Text;
using Google.Protobuf.Collections;
using Weft.Config;
using Weft.Http.Urls;
using MatchCase = Envoy.Config.Route.V3.QueryParameterMatcher.QueryParameterMatchSpecifierOneofCase;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A compiled QueryParameterMatcher: looks at the first parameter of its name, as it stands in the path (nothing is decoded). Immutable; any thread.</summary>
public sealed class QueryParameterMatcher
{
    private readonly byte[] _name;
    private readonly bool _present = true;
    private readonly StringMatcher? _text;

    private QueryParameterMatcher(Envoy.Config.Route.V3.QueryParameterMatcher config, ConfigContext context)
    {
        _name = Encoding.UTF8.GetBytes(config.Name);
        if (config.QueryParameterMatchSpecifierCase == MatchCase.PresentMatch) _present = config.PresentMatch;
        else if (config.QueryParameterMatchSpecifierCase == MatchCase.StringMatch) _text = StringMatcher.Create(config.StringMatch, context);
    }

    /// <summary>Compiles a list, all of which must match; faults are reported in the context.</summary>
    public static QueryParameterMatcher[] Create(RepeatedField<Envoy.Config.Route.V3.QueryParameterMatcher> configs, ConfigContext context)
    {
        var matchers = new QueryParameterMatcher[configs.Count];
        for (var i = 0; i < matchers.Length; i++) matchers[i] = new QueryParameterMatcher(configs[i], context);
        return matchers;
    }

    /// <param name="path">The whole <c>:path</c>, query included.</param>
    public bool IsMatch(ReadOnlySpan<byte> path)
    {
        var found = QueryString.TryFind(path, _name, out var value);
        return _text is null ? found == _present : found && _text.IsMatch(value);
    }

    /// <summary>All of them match; true for none.</summary>
    public static bool AllMatch(QueryParameterMatcher[] matchers, ReadOnlySpan<byte> path)
    {
        foreach (var matcher in matchers)
        {
            if (!matcher.IsMatch(path)) return false;
        }

        return true;
    }
}
