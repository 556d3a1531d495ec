using Envoy.Extensions.Filters.Udp.DnsFilter.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.UdpFilters.DnsFilter;
using Weft.Proxy.UdpFilters.UdpProxy;
using FilterMessage = Envoy.Config.Listener.V3.ListenerFilter;
using UdpProxyMessage = Envoy.Extensions.Filters.Udp.UdpProxy.V3.UdpProxyConfig;

namespace Weft.Proxy.UdpFilters;

/// <summary>Which configuration message makes which filter of UDP listeners. The type of the message decides, never the filter's name.</summary>
internal static class UdpFilterRegistry
{
    /// <summary>The factories of a listener's listener_filters, in order; faults are reported in the context.</summary>
    public static UdpFilterFactory[] Create(IEnumerable<FilterMessage> filters, FactoryContext context) =>
        [.. filters.Select(filter => CreateOne(filter, context)).OfType<UdpFilterFactory>()];

    private static UdpFilterFactory? CreateOne(FilterMessage filter, FactoryContext context)
    {
        if (filter.FilterDisabled is not null)
            context.Config.Error(filter, "filter_disabled", "filters of a UDP listener cannot be disabled: datagrams have no connection to judge by");
        switch (context.Config.Unpack(filter.TypedConfig))
        {
            case DnsFilterConfig dns:
                return DnsFilterFactory.Create(dns, context);
            case UdpProxyMessage proxy:
                return UdpProxyFactory.Create(proxy, context);
            case IMessage other:
                context.Config.Error(filter, "typed_config", $"UDP listener filter {other.Descriptor.FullName} is not implemented yet");
                return null;
            default:
                context.Config.Error(filter, "typed_config", "a filter of a UDP listener needs a typed_config");
                return null;
        }
    }
}
