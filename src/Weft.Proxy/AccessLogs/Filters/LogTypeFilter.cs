using Weft.Proxy.Formatting;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>log_type_filter: lines of the listed types, or of all others.</summary>
internal sealed class LogTypeFilter(AccessLogType[] types, bool exclude) : AccessLogFilter
{
    private readonly ulong _types = types.Aggregate(0UL, (bits, type) => bits | (1UL << (int)type));

    public override bool Passes(in FormatContext context) => ((_types & (1UL << (int)context.LogType)) != 0) != exclude;
}
