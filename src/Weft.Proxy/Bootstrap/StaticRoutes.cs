using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Weft.Config;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.Bootstrap;

/// <summary>Finds the inline route_config of every connection manager, for <c>/config_dump</c>.</summary>
internal static class StaticRoutes
{
    public static IReadOnlyList<RouteConfiguration> Of(IEnumerable<Listener> listeners, ConfigContext context)
    {
        var result = new List<RouteConfiguration>();
        foreach (var filter in listeners.SelectMany(Chains).SelectMany(chain => chain.Filters))
        {
            if (filter.TypedConfig is { } config && context.Unpack(config) is HcmMessage { RouteConfig: { } routes })
                result.Add(routes);
        }
        return result;
    }

    private static IEnumerable<FilterChain> Chains(Listener listener) =>
        listener.DefaultFilterChain is { } last ? listener.FilterChains.Append(last) : listener.FilterChains;
}
