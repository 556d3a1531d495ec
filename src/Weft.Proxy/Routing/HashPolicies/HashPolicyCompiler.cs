using System.Text;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Routing.Matching;
using HashMessage = Envoy.Config.Route.V3.RouteAction.Types.HashPolicy;
using HashCase = Envoy.Config.Route.V3.RouteAction.Types.HashPolicy.PolicySpecifierOneofCase;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>RouteAction.hash_policy to <see cref="HashPolicy"/>. Main thread.</summary>
internal static class HashPolicyCompiler
{
    /// <summary>Null when there is none; faults are reported in the context.</summary>
    public static HashPolicy? Compile(IReadOnlyList<HashMessage> messages, ConfigContext context)
    {
        var methods = new List<(HashMethod, bool)>(messages.Count);
        foreach (var message in messages)
        {
            if (Compile(message, context) is { } method)
                methods.Add((method, message.Terminal));
        }
        return methods.Count == 0 ? null : new HashPolicy([.. methods]);
    }

    private static HashMethod? Compile(HashMessage message, ConfigContext context) => message.PolicySpecifierCase switch
    {
        HashCase.Header => Header(message.Header, context),
        HashCase.Cookie => Cookie(message.Cookie),
        HashCase.QueryParameter => new QueryParameterHash(Encoding.UTF8.GetBytes(message.QueryParameter.Name)),
        HashCase.ConnectionProperties when message.ConnectionProperties.SourceIp => new SourceIpHash(),
        HashCase.FilterState => new FilterStateHash(message.FilterState.Key),
        _ => null, // Nothing to hash, or refused as not implemented.
    };

    private static HeaderHash? Header(HashMessage.Types.Header message, ConfigContext context)
    {
        if (message.RegexRewrite is null)
            return new HeaderHash(new HeaderName(message.HeaderName), null);
        return RegexRewrite.Create(message.RegexRewrite, context) is { } rewrite ? new HeaderHash(new HeaderName(message.HeaderName), rewrite) : null;
    }

    private static CookieHash Cookie(HashMessage.Types.Cookie message)
    {
        var text = new CookieText(message.Name, message.Ttl?.Seconds ?? 0, message.Path, message.Attributes.Select(static attribute => (attribute.Name, attribute.Value)));
        return new CookieHash(text, isGenerated: message.Ttl is not null);
    }
}
