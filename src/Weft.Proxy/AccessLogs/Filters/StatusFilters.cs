using Weft.Proxy.Formatting;
using Weft.Proxy.Formatting.Operators;
using Weft.Proxy.Streams;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>status_code_filter; no response counts as 0.</summary>
internal sealed class StatusCodeFilter(Comparison comparison) : AccessLogFilter
{
    public override bool Passes(in FormatContext context) => comparison.IsTrue(context.Info.ResponseCode);
}

/// <summary>duration_filter, in milliseconds.</summary>
internal sealed class DurationFilter(Comparison comparison) : AccessLogFilter
{
    public override bool Passes(in FormatContext context) =>
        context.Info.EndUs != 0 && comparison.IsTrue((context.Info.EndUs - context.Info.StartUs) / 1000);
}

/// <summary>response_flag_filter: one of the flags is set; without a list, any.</summary>
internal sealed class ResponseFlagFilter(ResponseFlags flags) : AccessLogFilter
{
    public override bool Passes(in FormatContext context) =>
        (flags == ResponseFlags.None ? context.Info.ResponseFlags : context.Info.ResponseFlags & flags) != ResponseFlags.None;
}

/// <summary>grpc_status_filter; without a status, Unknown is taken.</summary>
/// <param name="statuses">A bit for each status.</param>
/// <param name="exclude">Those in the list do not pass, all others do.</param>
internal sealed class GrpcStatusFilter(ulong statuses, bool exclude) : AccessLogFilter
{
    private const long Unknown = 2;

    public override bool Passes(in FormatContext context)
    {
        if (!GrpcStatusOperator.TryGetStatus(context, out var status))
            status = Unknown;
        var isListed = status is >= 0 and < 64 && (statuses & (1UL << (int)status)) != 0;
        return isListed != exclude;
    }
}
