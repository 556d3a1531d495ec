using Weft.Proxy.Formatting;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>Decides whether a request is logged. Immutable; any worker; allocates nothing.</summary>
internal abstract class AccessLogFilter
{
    public abstract bool Passes(in FormatContext context);
}
