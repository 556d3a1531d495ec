using Envoy.Type.V3;
using Google.Protobuf.Collections;
using Weft.Config;

namespace Weft.Proxy.Clusters.HealthChecking.HttpCheck;

/// <summary>HTTP statuses as half-open ranges. Immutable.</summary>
internal sealed class StatusRanges
{
    private readonly (long Start, long End)[] _ranges;

    private StatusRanges((long Start, long End)[] ranges) => _ranges = ranges;

    /// <param name="kind">For faults: <c>expected</c> or <c>retriable</c>.</param>
    /// <param name="byDefault">The only status when none is configured; 0 for none.</param>
    public static StatusRanges Create(RepeatedField<Int64Range> config, string kind, int byDefault, ConfigContext context)
    {
        foreach (var range in config)
            Check(range, kind, context);
        if (config.Count == 0 && byDefault > 0)
            return new StatusRanges([(byDefault, byDefault + 1)]);
        return new StatusRanges([.. config.Select(static range => (range.Start, range.End))]);
    }

    public bool Contains(int status)
    {
        foreach (var (start, end) in _ranges)
        {
            if (status >= start && status < end)
                return true;
        }

        return false;
    }

    private static void Check(Int64Range range, string kind, ConfigContext context)
    {
        if (range.Start >= range.End)
            context.Error(range, "start", $"Invalid http {kind} status range: expecting start < end, but found start={range.Start} and end={range.End}");
        else if (range.Start < 100)
            context.Error(range, "start", $"Invalid http {kind} status range: expecting start >= 100, but found start={range.Start}");
        else if (range.End > 600)
            context.Error(range, "end", $"Invalid http {kind} status range: expecting end <= 600, but found end={range.End}");
    }
}
