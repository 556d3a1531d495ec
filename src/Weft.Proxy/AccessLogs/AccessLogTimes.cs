using Weft.Config;
using Weft.Proxy.Bootstrap;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using RouterMessage = Envoy.Extensions.Filters.Http.Router.V3.Router;
using TcpProxyMessage = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Weft.Proxy.AccessLogs;

/// <summary>When lines are written besides the end of a request or connection (access_log_options). Immutable.</summary>
/// <param name="IntervalMs">access_log_flush_interval: again and again while it lasts; 0 (the default): not.</param>
/// <param name="OnBegin">Once the request's head is there (flush_access_log_on_new_request), or the upstream is connected (flush_access_log_on_connected, flush_upstream_log_on_upstream_stream).</param>
/// <param name="OnTunnel">Once an upgrade was answered (flush_log_on_tunnel_successfully_established).</param>
internal sealed record AccessLogTimes(long IntervalMs, bool OnBegin, bool OnTunnel)
{
    public static readonly AccessLogTimes AtEnd = new(0, false, false);

    public static AccessLogTimes Of(HcmMessage source, ConfigContext context)
    {
#pragma warning disable CS0612 // the deprecated form of access_log_options
        if (source.AccessLogOptions is not { } options)
            return new(source.AccessLogFlushInterval.ToMs(0), source.FlushAccessLogOnNewRequest, false);
        if (source.FlushAccessLogOnNewRequest)
            context.Error(source, "flush_access_log_on_new_request", "Only one of flush_access_log_on_new_request or access_log_options can be specified.");
        if (source.AccessLogFlushInterval is not null)
            context.Error(source, "access_log_flush_interval", "Only one of access_log_flush_interval or access_log_options can be specified.");
#pragma warning restore CS0612
        return new(options.AccessLogFlushInterval.ToMs(0), options.FlushAccessLogOnNewRequest, options.FlushLogOnTunnelSuccessfullyEstablished);
    }

    public static AccessLogTimes Of(TcpProxyMessage source, ConfigContext context)
    {
#pragma warning disable CS0612 // the deprecated form of access_log_options
        if (source.AccessLogOptions is not { } options)
            return new(source.AccessLogFlushInterval.ToMs(0), source.FlushAccessLogOnConnected, false);
        if (source.FlushAccessLogOnConnected)
            context.Error(source, "flush_access_log_on_connected", "Only one of flush_access_log_on_connected or access_log_options can be specified.");
        if (source.AccessLogFlushInterval is not null)
            context.Error(source, "access_log_flush_interval", "Only one of access_log_flush_interval or access_log_options can be specified.");
#pragma warning restore CS0612
        return new(options.AccessLogFlushInterval.ToMs(0), options.FlushAccessLogOnConnected, false);
    }

    public static AccessLogTimes Of(RouterMessage source) => source.UpstreamLogOptions is { } options
        ? new(options.UpstreamLogFlushInterval.ToMs(0), options.FlushUpstreamLogOnUpstreamStream, false)
        : AtEnd;
}
