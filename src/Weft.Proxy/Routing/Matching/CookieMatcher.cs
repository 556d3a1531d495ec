using System.Text;
using Google.Protobuf.Collections;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Routing.HashPolicies;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A compiled CookieMatcher: looks at the first cookie of its name. A cookie that is missing does not match, so that an inverted matcher does. Immutable; any thread.</summary>
internal sealed class CookieMatcher
{
    private readonly byte[] _name;
    private readonly StringMatcher _text;
    private readonly bool _isInverted;

    private CookieMatcher(Envoy.Config.Route.V3.CookieMatcher config, ConfigContext context)
    {
        _name = Encoding.UTF8.GetBytes(config.Name);
        _text = StringMatcher.Create(config.StringMatch ?? new Envoy.Type.Matcher.V3.StringMatcher(), context);
        _isInverted = config.InvertMatch;
    }

    /// <summary>Compiles a list, all of which must match; faults are reported in the context.</summary>
    public static CookieMatcher[] Create(RepeatedField<Envoy.Config.Route.V3.CookieMatcher> configs, ConfigContext context) =>
        [.. configs.Select(config => new CookieMatcher(config, context))];

    public bool IsMatch(HeaderMap headers) =>
        (RequestCookies.TryFind(headers, _name, out var value) && _text.IsMatch(value)) != _isInverted;
}
