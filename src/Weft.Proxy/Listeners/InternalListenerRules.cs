using Weft.Net;
using Weft.Proxy.Bootstrap;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners;

/// <summary>internal_listener: what a listener may have that takes connections from within the process only. Main thread.</summary>
internal static class InternalListenerRules
{
    public static bool IsInternal(ListenerMessage source) => source.InternalListener is not null;

    /// <summary>Its address; null, with findings, when it cannot have one.</summary>
    public static NetAddress? AddressOf(ListenerMessage source, FactoryContext context)
    {
        if (source.Name.Length == 0)
        {
            context.Config.Error(source, "name", "an internal listener needs a name, by which endpoints find it");
            return null;
        }

        Check(source, context);
        return NetAddress.FromInternal(source.Name);
    }

    private static void Check(ListenerMessage source, FactoryContext context)
    {
        if (source.Address is not null || source.AdditionalAddresses.Count > 0)
            context.Config.Error(source, "internal_listener", $"error adding listener '{source.Name}': address should not be used when an internal listener config is provided");
        if (TcpFeature(source) is { } feature)
            context.Config.Error(source, feature, $"error adding listener named '{source.Name}': has unsupported tcp listener feature");
        if (source.SocketOptions.Count > 0)
            context.Config.Error(source, "socket_options", $"error adding listener named '{source.Name}': does not support socket option");
        if (!context.HasInternalListeners)
            context.Config.Error(source, "internal_listener", $"error adding listener named '{source.Name}': InternalListener bootstrap extension is mandatory");
    }

    private static string? TcpFeature(ListenerMessage source) =>
        source.ConnectionBalanceConfig?.ExactBalance is not null ? "connection_balance_config"
        : source.EnableMptcp ? "enable_mptcp"
        : source.EnableReusePort is not null ? "enable_reuse_port"
        : source.Freebind == true ? "freebind"
        : source.TcpBacklogSize is not null ? "tcp_backlog_size"
        : source.TcpFastOpenQueueLength is not null ? "tcp_fast_open_queue_length"
        : source.TcpKeepalive is not null ? "tcp_keepalive"
        : source.Transparent == true ? "transparent"
        : null;
}
