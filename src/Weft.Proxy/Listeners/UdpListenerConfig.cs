using Envoy.Config.Core.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.UdpFilters;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners;

/// <summary>What a UDP listener has that one for connections has not. Immutable, shared by all workers.</summary>
internal sealed class UdpListenerConfig
{
    private const int DefaultDatagramBytes = 1500;

    /// <summary>What takes the datagrams, in order.</summary>
    public required UdpFilterFactory[] Filters { get; init; }

    /// <summary>max_rx_datagram_size; default 1,500.</summary>
    public required int MaxDatagramBytes { get; init; }

    /// <summary>The listener's address asks for UDP.</summary>
    public static bool IsUdp(ListenerMessage source) => source.Address?.SocketAddress?.Protocol == SocketAddress.Types.Protocol.Udp;

    /// <summary>Compiles; faults are reported in the context.</summary>
    /// <param name="source">The listener.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="context">The services.</param>
    public static UdpListenerConfig Create(ListenerMessage source, string name, FactoryContext context)
    {
        var chains = source.FilterChains.Count + (source.DefaultFilterChain is null ? 0 : 1);
        if (chains > 0)
            context.Config.Error(source, "filter_chains", $"error adding listener '{name}': {chains} filter chain(s) specified for connection-less UDP listener.");
        if (source.ListenerFilters.Count == 0)
            context.Config.Error(source, "listener_filters", $"error adding listener '{name}': a UDP listener needs a filter that takes its datagrams");
#pragma warning disable CS0612 // reuse_port is the deprecated name of enable_reuse_port
        if (source.EnableReusePort == false && context.Concurrency > 1)
#pragma warning restore CS0612
        {
            context.Config.Error(source, "enable_reuse_port",
                "Listening on UDP when concurrency is > 1 without the SO_REUSEPORT socket option results in unstable packet proxying. Configure the reuse_port listener option or set concurrency = 1.");
        }

        return new UdpListenerConfig
        {
            Filters = UdpFilterRegistry.Create(source.ListenerFilters, context),
            MaxDatagramBytes = DatagramBytesOf(source.UdpListenerConfig?.DownstreamSocketConfig),
        };
    }

    /// <summary>max_rx_datagram_size of either side's socket configuration.</summary>
    public static int DatagramBytesOf(UdpSocketConfig? config) => (int)(config?.MaxRxDatagramSize ?? DefaultDatagramBytes);
}
