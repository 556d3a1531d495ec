using Weft.Base;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>not_health_check_filter.</summary>
internal sealed class NotHealthCheckFilter : AccessLogFilter
{
    public override bool Passes(in FormatContext context) => !context.Info.IsHealthCheck;
}

/// <summary>traceable_filter: tracing was forced for the request, as the 15th character of its x-request-id says.</summary>
internal sealed class TraceableFilter : AccessLogFilter
{
    private const int TracePosition = 14;

    /// <summary>What stands there when the service forced the trace.</summary>
    private const byte ServiceForced = (byte)'a';

    public override bool Passes(in FormatContext context)
    {
        if (context.Info.IsHealthCheck || context.RequestHeaders is not { } headers)
            return false;
        var id = headers.Get(KnownHeader.XRequestId);
        return id.Length > TracePosition && id[TracePosition] == ServiceForced;
    }
}

/// <summary>header_filter, on request headers.</summary>
internal sealed class HeaderFilter(HeaderMatcher matcher) : AccessLogFilter
{
    /// <summary>What a TCP connection has; never changed.</summary>
    private static readonly HeaderMap s_none = new();

    public override bool Passes(in FormatContext context) => matcher.IsMatch(context.RequestHeaders ?? s_none);
}

/// <summary>runtime_filter: a share of requests, drawn by their x-request-id, so that all proxies on the way log the same ones; at random for those without, or where that is wished.</summary>
/// <param name="fraction">The share; an integer in the runtime is another numerator of it.</param>
/// <param name="isIndependent">use_independent_randomness.</param>
/// <param name="runtime">Null: the default holds.</param>
internal sealed class RuntimeFilter(RuntimeFraction fraction, bool isIndependent, RuntimeLayers? runtime) : AccessLogFilter
{
    [ThreadStatic]
    private static RandomSource? t_random;

    public override bool Passes(in FormatContext context)
    {
        var number = 0UL;
        if (isIndependent || context.RequestHeaders is not { } headers || !RequestIds.TryReadNumber(headers, out number))
            number = (t_random ??= RandomSource.FromSystem()).Next();
        return number % fraction.Denominator < (runtime?.Current ?? RuntimeSnapshot.Empty).GetInteger(fraction.Key!, fraction.Numerator);
    }
}

/// <summary>and_filter.</summary>
internal sealed class AndFilter(AccessLogFilter[] filters) : AccessLogFilter
{
    public override bool Passes(in FormatContext context)
    {
        foreach (var filter in filters)
        {
            if (!filter.Passes(context))
                return false;
        }

        return true;
    }
}

/// <summary>or_filter.</summary>
internal sealed class OrFilter(AccessLogFilter[] filters) : AccessLogFilter
{
    public override bool Passes(in FormatContext context)
    {
        foreach (var filter in filters)
        {
            if (filter.Passes(context))
                return true;
        }

        return false;
    }
}

/// <summary>A filter whose answer is always the same.</summary>
internal sealed class ConstantFilter(bool passes) : AccessLogFilter
{
    public override bool Passes(in FormatContext context) => passes;
}
