using Envoy.Type.Matcher.V3;
using Weft.Config;
using StringMatcher = Weft.Proxy.Routing.Matching.StringMatcher;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>Names of headers, by a ListStringMatcher. Immutable; any thread.</summary>
internal sealed class NameMatchers
{
    public static readonly NameMatchers None = new([]);

    private readonly StringMatcher[] _matchers;

    private NameMatchers(StringMatcher[] matchers) => _matchers = matchers;

    public bool IsEmpty => _matchers.Length == 0;

    /// <param name="always">Names that match besides.</param>
    public static NameMatchers Create(ListStringMatcher? list, ConfigContext context, params ReadOnlySpan<string> always)
    {
        var matchers = new List<StringMatcher>();
        foreach (var pattern in list?.Patterns ?? []) matchers.Add(StringMatcher.Create(pattern, context));
        foreach (var name in always) matchers.Add(StringMatcher.Exact(name));
        return new NameMatchers([.. matchers]);
    }

    public bool IsMatch(ReadOnlySpan<byte> name)
    {
        foreach (var matcher in _matchers)
        {
            if (matcher.IsMatch(name)) return true;
        }

        return false;
    }
}
