using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Listeners.ListenerFilters.Conditional;
using Weft.Proxy.Listeners.ListenerFilters.Discovered;
using Weft.Proxy.Listeners.ListenerFilters.HttpInspector;
using Weft.Proxy.Listeners.ListenerFilters.LocalRateLimit;
using Weft.Proxy.Listeners.ListenerFilters.OriginalDst;
using Weft.Proxy.Listeners.ListenerFilters.OriginalSrc;
using Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;
using Weft.Proxy.Listeners.ListenerFilters.TlsInspector;
using Weft.Proxy.XdsClient.Extensions;
using LocalRateLimitMessage = Envoy.Extensions.Filters.Listener.LocalRatelimit.V3.LocalRateLimit;
using FilterMessage = Envoy.Config.Listener.V3.ListenerFilter;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;
using ProxyProtocolMessage = Envoy.Extensions.Filters.Listener.ProxyProtocol.V3.ProxyProtocol;
using TlsInspectorMessage = Envoy.Extensions.Filters.Listener.TlsInspector.V3.TlsInspector;

namespace Weft.Proxy.Listeners.ListenerFilters;

/// <summary>Which configuration message makes which listener filter. The type of the message decides, never the filter's name.</summary>
internal static class ListenerFilterRegistry
{
    /// <summary>The factories of a listener, in order; faults are reported in the context.</summary>
    /// <param name="source">The listener.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="scope">Its statistics.</param>
    /// <param name="context">The services.</param>
    public static ListenerFilterFactory[] Create(ListenerMessage source, string name, StatsScope scope, FactoryContext context)
    {
        var factories = new List<ListenerFilterFactory>();
        var root = context.Stats.Scope("");
#pragma warning disable CS0612 // the deprecated form of a PROXY protocol filter in front of the others
        if (source.FilterChains.Any(chain => chain.UseProxyProto ?? false))
            factories.Add(ProxyProtocolFactory.Create(new ProxyProtocolMessage(), context, root));
#pragma warning restore CS0612
        var hasInspector = false;
        foreach (var filter in source.ListenerFilters)
        {
            var factory = filter.ConfigTypeCase == FilterMessage.ConfigTypeOneofCase.ConfigDiscovery
                ? CreateDiscovered(filter, scope, context, root)
                : CreateOne(filter, context, root);
            hasInspector |= factory is TlsInspectorFactory;
            if (factory is not null)
                factories.Add(filter.FilterDisabled is { } disabled ? new ConditionalListenerFilterFactory(factory, ListenerFilterCondition.Create(disabled, context.Config)) : factory);
        }

        if (NeedsTlsInspector(source) && !hasInspector)
        {
            Logger.Get("config").Warning($"adding listener '{name}': filter chain match rules require TLS Inspector listener filter, but it isn't configured, trying to inject it");
            factories.Add(new TlsInspectorFactory(root, wantsJa3: false, wantsJa4: false));
        }

        if ((source.UseOriginalDst ?? false) && !factories.Contains(OriginalDstFactory.Instance))
            factories.Add(OriginalDstFactory.Instance);
        return [.. factories];
    }

    private static DiscoveredListenerFilterFactory CreateDiscovered(FilterMessage filter, StatsScope scope, FactoryContext context, StatsScope root)
    {
        var slot = new ExtensionSlot<ListenerFilterFactory>("tcp_listener_filter", filter.Name, filter.ConfigDiscovery, Make, context);
        return new DiscoveredListenerFilterFactory(slot, scope.Counter("extension_config_missing"));

        ListenerFilterFactory? Make(Any config, FactoryContext its) => CreateOne(new FilterMessage { Name = filter.Name, TypedConfig = config }, its, root);
    }

    private static ListenerFilterFactory? CreateOne(FilterMessage filter, FactoryContext context, StatsScope root)
    {
        switch (context.Config.Unpack(filter.TypedConfig))
        {
            case TlsInspectorMessage inspector:
                return new TlsInspectorFactory(root, inspector.EnableJa3Fingerprinting ?? false, inspector.EnableJa4Fingerprinting ?? false);
            case Envoy.Extensions.Filters.Listener.HttpInspector.V3.HttpInspector:
                return new HttpInspectorFactory(root);
            case ProxyProtocolMessage proxy:
                return ProxyProtocolFactory.Create(proxy, context, root);
            case Envoy.Extensions.Filters.Listener.OriginalDst.V3.OriginalDst:
                return OriginalDstFactory.Instance;
            case Envoy.Extensions.Filters.Listener.OriginalSrc.V3.OriginalSrc original:
                return new OriginalSrcFactory(original);
            case LocalRateLimitMessage limit:
                return LocalRateLimitFactory.Create(limit, context, root);
            case IMessage other:
                context.Config.Error(filter, "typed_config", $"listener filter {other.Descriptor.FullName} is not implemented yet");
                return null;
            default:
                return null;
        }
    }

    private static bool NeedsTlsInspector(ListenerMessage source) => source.FilterChains.Any(chain =>
        chain.FilterChainMatch is { } match
        && (match.TransportProtocol == FilterChains.FilterChainMatchInput.Tls || (match.TransportProtocol.Length == 0 && match.ServerNames.Count + match.ApplicationProtocols.Count > 0)));
}
