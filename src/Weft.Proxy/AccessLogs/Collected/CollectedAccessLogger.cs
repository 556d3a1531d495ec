using Weft.Proxy.AccessLogs.Filters;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;

namespace Weft.Proxy.AccessLogs.Collected;

/// <summary>Hands a request or connection to the reporter of its worker.</summary>
internal sealed class CollectedAccessLogger(AccessLogFilter? filter, CollectedLogConfig config) : AccessLogger
{
    public override void Log(in FormatContext context)
    {
        if (filter is not null && !filter.Passes(context))
            return;
        if (Worker.Current is { } worker)
            config.For(worker).Add(context);
        else
            config.LogsDropped.Inc();
    }
}
