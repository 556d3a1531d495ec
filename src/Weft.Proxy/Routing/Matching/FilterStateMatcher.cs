using Weft.Config;
using Weft.Proxy.Streams;
using MatcherMessage = Envoy.Type.Matcher.V3.FilterStateMatcher;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A compiled envoy.type.matcher.v3.FilterStateMatcher: what a filter, or the connection, has left under a name. Immutable; any thread.</summary>
internal sealed class FilterStateMatcher(MatcherMessage config, ConfigContext context)
{
    private readonly string _key = config.Key;

    // Without one the API's own rules report it.
    private readonly StringMatcher _text = config.StringMatch is { } text ? StringMatcher.Create(text, context) : StringMatcher.Never;

    public bool IsMatch(FilterState state) => state.Find(_key)?.Text is { } text && _text.IsMatch(text);
}
