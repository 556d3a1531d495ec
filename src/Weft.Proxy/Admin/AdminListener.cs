using Google.Protobuf.WellKnownTypes;
using Weft.Net;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Admin;
using Weft.Proxy.Listeners;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.NetworkFilters.HttpConnectionManager;
using Weft.Proxy.Overload;
using Weft.Proxy.Stats;
using AdminMessage = Envoy.Config.Bootstrap.V3.Admin;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.Admin;

/// <summary>The admin interface's listener: the data plane's own connection manager, on the main thread, with one filter that answers everything.</summary>
public static class AdminListener
{
    /// <summary>Compiles and binds it; null, with findings, when that fails or no address is configured.</summary>
    public static Listener? Create(AdminMessage admin, AdminHandlers handlers, FactoryContext context, ListenerManager listeners, bool bind)
    {
        if (admin.Address is null || !AddressReader.TryRead(admin.Address, context.Config, out var address))
            return null;
        // Who wants to know why the proxy is overloaded gets an answer.
        context = context with { Overload = OverloadState.Quiet, ListenerStatPrefix = "listener.admin." };
        var manager = new HcmMessage
        {
            StatPrefix = "admin",
            ServerName = "envoy",
            StreamIdleTimeout = Duration.FromTimeSpan(TimeSpan.Zero),
        };
        var config = HttpConnectionManagerConfig.Create(manager, context, new Weft.Proxy.Routing.RouteSource(null), [new AdminFilterFactory(handlers) { Name = "admin" }]);
        config = config with { AccessLogs = AccessLogsOf(admin, context) };
        var chain = new FilterChainConfig("", [new HttpConnectionManagerFactory(config, context.Concurrency)]);
        return bind ? listeners.AddOnMain(ConfigOf(admin, address, chain, context)) : null;
    }

    private static ListenerConfig ConfigOf(AdminMessage admin, NetAddress address, FilterChainConfig chain, FactoryContext context) => new()
    {
        Source = new Envoy.Config.Listener.V3.Listener { Address = admin.Address },
        Name = "admin",
        Addresses = [address],
        FilterChains = new FilterChainSet(chain),
        ListenOptions = [new ListenOptions { ReusePort = false, SocketOptions = ListenerConfig.SocketOptionsOf(admin.SocketOptions) }],
        AccessLogs = [],
        Stats = new ListenerStats(context.Stats, "admin", context.Concurrency),
        IgnoreGlobalLimit = true,
    };

    private static AccessLogger[] AccessLogsOf(AdminMessage admin, FactoryContext context)
    {
        var logs = admin.AccessLog.Clone();
#pragma warning disable CS0612 // the deprecated form of access_log
        if (admin.AccessLogPath.Length > 0)
        {
            var file = new Envoy.Extensions.AccessLoggers.File.V3.FileAccessLog { Path = admin.AccessLogPath };
            logs.Add(new Envoy.Config.Accesslog.V3.AccessLog { Name = "envoy.access_loggers.file", TypedConfig = Any.Pack(file) });
        }
#pragma warning restore CS0612
        return AccessLogger.Create(logs, context);
    }
}
