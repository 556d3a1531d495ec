using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Http.Http1;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Streams;

/// <summary>Http1ProtocolOptions.ignore_http_11_upgrade: upgrades that are passed over as though nobody had asked for them. Main thread.</summary>
internal static class IgnoredUpgrades
{
    /// <summary>Null when there are none; faults are reported in the context.</summary>
    public static UpgradeMatch? Of(Http1ProtocolOptions? config, ConfigContext context)
    {
        if (config is not { IgnoreHttp11Upgrade.Count: > 0 })
            return null;
        StringMatcher[] matchers = [.. config.IgnoreHttp11Upgrade.Select(matcher => StringMatcher.Create(matcher, context))];
        return member => IsAny(matchers, member);
    }

    private static bool IsAny(StringMatcher[] matchers, ReadOnlySpan<byte> member)
    {
        foreach (var matcher in matchers)
        {
            if (matcher.IsMatch(member))
                return true;
        }

        return false;
    }
}
