using Weft.Proxy.Expressions;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>envoy.access_loggers.extension_filters.cel: the expression is true; an error is not.</summary>
internal sealed class CelFilter(CelExpression expression) : AccessLogFilter
{
    public override bool Passes(in FormatContext context) => expression.IsTrue(context);
}
