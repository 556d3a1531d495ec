using Envoy.Data.Accesslog.V3;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>log_type_filter: lines are written when a request or a TCP connection has ended, so there are two types.</summary>
internal sealed class LogTypeFilter(AccessLogType[] types, bool exclude) : AccessLogFilter
{
    private readonly bool _passesRequests = types.Contains(AccessLogType.DownstreamEnd) != exclude;
    private readonly bool _passesConnections = types.Contains(AccessLogType.TcpConnectionEnd) != exclude;

    public override bool Passes(in FormatContext context) => context.RequestHeaders is null ? _passesConnections : _passesRequests;
}
