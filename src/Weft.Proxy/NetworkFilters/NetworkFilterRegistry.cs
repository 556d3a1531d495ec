using Envoy.Config.Listener.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.NetworkFilters.ConnectionLimit;
using Weft.Proxy.NetworkFilters.DirectResponse;
using Weft.Proxy.NetworkFilters.Discovered;
using Weft.Proxy.NetworkFilters.Echo;
using Weft.Proxy.NetworkFilters.ExtAuthz;
using Weft.Proxy.NetworkFilters.HttpConnectionManager;
using Weft.Proxy.NetworkFilters.LocalRateLimit;
using Weft.Proxy.NetworkFilters.RateLimit;
using Weft.Proxy.NetworkFilters.Rbac;
using Weft.Proxy.NetworkFilters.SetFilterState;
using Weft.Proxy.NetworkFilters.SniCluster;
using Weft.Proxy.NetworkFilters.SniDynamicForwardProxy;
using Weft.Proxy.NetworkFilters.TcpProxy;
using Weft.Proxy.XdsClient.Extensions;
using ConnectionLimitMessage = Envoy.Extensions.Filters.Network.ConnectionLimit.V3.ConnectionLimit;
using DirectResponseMessage = Envoy.Extensions.Filters.Network.DirectResponse.V3.Config;
using EchoMessage = Envoy.Extensions.Filters.Network.Echo.V3.Echo;
using ExtAuthzMessage = Envoy.Extensions.Filters.Network.ExtAuthz.V3.ExtAuthz;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using LocalRateLimitMessage = Envoy.Extensions.Filters.Network.LocalRatelimit.V3.LocalRateLimit;
using RateLimitMessage = Envoy.Extensions.Filters.Network.Ratelimit.V3.RateLimit;
using RbacMessage = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;
using SetFilterStateMessage = Envoy.Extensions.Filters.Network.SetFilterState.V3.Config;
using SniClusterMessage = Envoy.Extensions.Filters.Network.SniCluster.V3.SniCluster;
using SniDynamicForwardProxyMessage = Envoy.Extensions.Filters.Network.SniDynamicForwardProxy.V3.FilterConfig;
using TcpProxyMessage = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Weft.Proxy.NetworkFilters;

/// <summary>Which configuration message makes which network filter. The type of the message decides, never the filter's name.</summary>
internal static class NetworkFilterRegistry
{
    /// <summary>The factories of a chain; null, with findings, when it cannot be made.</summary>
    /// <param name="scope">The statistics of the listener.</param>
    public static NetworkFilterFactory[]? Create(FilterChain chain, StatsScope scope, FactoryContext context)
    {
        if (chain.Filters.Count == 0)
        {
            context.Config.Warning(chain, "filters", "without filters every connection is closed");
            return [new NoFiltersFactory()];
        }

        var factories = new List<NetworkFilterFactory>();
        foreach (var filter in chain.Filters)
        {
            var factory = filter.ConfigTypeCase == Filter.ConfigTypeOneofCase.ConfigDiscovery
                ? CreateDiscovered(filter, isLast: filter == chain.Filters[^1], scope, context)
                : CreateOne(filter, context);
            if (factory is not null)
                factories.Add(factory);
        }

        if (factories.Count != chain.Filters.Count)
            return null;
        return CheckTerminal(chain, factories, context) ? [.. factories] : null;
    }

    private static NetworkFilterFactory? CreateOne(Filter filter, FactoryContext context)
    {
        switch (context.Config.Unpack(filter.TypedConfig))
        {
            case HcmMessage manager:
                return HttpConnectionManagerFactory.Create(manager, context);
            case TcpProxyMessage proxy:
                return TcpProxyFactory.Create(proxy, context);
            case EchoMessage:
                return new EchoFactory();
            case DirectResponseMessage response:
                return DirectResponseFactory.Create(response, context);
            case SniClusterMessage:
                return new SniClusterFactory();
            case SniDynamicForwardProxyMessage proxy:
                return SniDynamicForwardProxyFactory.Create(proxy, context);
            case ConnectionLimitMessage limit:
                return new ConnectionLimitFactory(limit, context);
            case LocalRateLimitMessage limit:
                return LocalRateLimitFactory.Create(limit, context);
            case RateLimitMessage limit:
                return RateLimitFactory.Create(limit, context);
            case RbacMessage rbac:
                return new RbacFilterFactory(rbac, context);
            case ExtAuthzMessage authz:
                return ExtAuthzFactory.Create(authz, context);
            case SetFilterStateMessage state:
                return new SetFilterStateFactory(state, context);
            case IMessage other:
                context.Config.Error(filter, "typed_config", $"network filter {other.Descriptor.FullName} is not implemented yet");
                return null;
            default:
                return null;
        }
    }

    /// <summary>A place for a filter whose configuration is discovered.</summary>
    private static DiscoveredNetworkFilterFactory CreateDiscovered(Filter filter, bool isLast, StatsScope scope, FactoryContext context)
    {
        var place = new DiscoveredNetworkFilterFactory(scope.Counter("network_extension_config_missing"), isLast);
        place.Slot = new ExtensionSlot<NetworkFilterFactory>("network_filter", filter.Name, filter.ConfigDiscovery, Make, context);
        return place;

        NetworkFilterFactory? Make(Any config, FactoryContext its)
        {
            var factory = CreateOne(new Filter { Name = filter.Name, TypedConfig = config }, its);
            if (factory is null || EndFault(filter.Name, factory, isLast) is not { } fault)
                return factory;
            its.Config.Error(config, null, fault);
            return null;
        }
    }

    private static bool CheckTerminal(FilterChain chain, List<NetworkFilterFactory> factories, FactoryContext context)
    {
        for (var i = 0; i < factories.Count; i++)
        {
            if (EndFault(chain.Filters[i].Name, factories[i], isLast: i == factories.Count - 1) is not { } fault)
                continue;
            context.Config.Error(chain.Filters[i], "name", fault);
            return false;
        }

        return true;
    }

    private static string? EndFault(string name, NetworkFilterFactory factory, bool isLast) => (factory.IsTerminal, isLast) switch
    {
        (true, false) => $"Error: terminal filter named {name} must be the last filter in a network filter chain.",
        (false, true) => $"Error: non-terminal filter named {name} is the last filter in a network filter chain.",
        _ => null,
    };
}
