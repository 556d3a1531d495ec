using System.Text;
using Google.Protobuf.Collections;
using Weft.Http;
using Status = Envoy.Service.Ratelimit.V3.RateLimitResponse.Types.DescriptorStatus;
using Unit = Envoy.Service.Ratelimit.V3.RateLimitResponse.Types.RateLimit.Types.Unit;

namespace Weft.Proxy.HttpFilters.RateLimit;

/// <summary>The x-ratelimit headers of draft-polli-ratelimit-headers-03: of the limit that is nearest, and what all limits are.</summary>
internal static class LimitHeaders
{
    private static readonly HeaderName s_limit = new("x-ratelimit-limit");
    private static readonly HeaderName s_remaining = new("x-ratelimit-remaining");
    private static readonly HeaderName s_reset = new("x-ratelimit-reset");

    public static void Add(RepeatedField<Status> statuses, HeaderMap headers)
    {
        Status? nearest = null;
        var policy = new StringBuilder();
        foreach (var status in statuses)
        {
            if (status.CurrentLimit is not { } limit) continue;
            if (nearest is null || status.LimitRemaining < nearest.LimitRemaining) nearest = status;
            if (SecondsOf(limit.Unit) is not (> 0 and var seconds)) continue;
            policy.Append(", ").Append(limit.RequestsPerUnit).Append(";w=").Append(seconds);
            if (limit.Name.Length > 0) policy.Append(";name=\"").Append(limit.Name).Append('"');
        }

        if (nearest is null) return;
        headers.Add(s_limit, Encoding.UTF8.GetBytes($"{nearest.CurrentLimit.RequestsPerUnit}{policy}"));
        headers.Add(s_remaining, Encoding.UTF8.GetBytes($"{nearest.LimitRemaining}"));
        headers.Add(s_reset, Encoding.UTF8.GetBytes($"{nearest.DurationUntilReset?.Seconds ?? 0}"));
    }

    private static int SecondsOf(Unit unit) => unit switch
    {
        Unit.Second => 1,
        Unit.Minute => 60,
        Unit.Hour => 3600,
        Unit.Day => 86_400,
        Unit.Month => 30 * 86_400,
        Unit.Year => 365 * 86_400,
        _ => 0,
    };
}
