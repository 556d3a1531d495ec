using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.HttpFilters.Router.Timeouts;
using Weft.Proxy.Matching;
using Weft.Proxy.NetworkFilters.HttpConnectionManager;
using Weft.Proxy.Routing.RateLimits;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Routing.Explaining;

/// <summary>What else happens to a request that takes a route, a line each: filters, rate limits, mirrors, retries, time limits.</summary>
internal static class RouteDetails
{
    public static IEnumerable<string> Of(RouteOutcome outcome, ExplainedRequest request, HttpConnectionManagerConfig manager)
    {
        foreach (var filter in Filters(outcome.Route, request, manager)) yield return $"filter   {filter}";
        if (outcome.Route.VirtualHost.VirtualClusterOf(request.Headers) is { } group) yield return $"counted  as virtual cluster {group.Name}";
        if (outcome.Route.Forward is not { } forward) yield break;
        foreach (var step in SpecifierSteps(forward, request, manager.Runtime.Current)) yield return $"cluster  {step}";
        foreach (var limit in Limits(outcome, request)) yield return $"limit    {limit}";
        foreach (var mirror in Mirrors(forward, request, manager.Runtime.Current)) yield return $"mirror   {mirror}";
        if (forward.HashPolicy is { } hashing) yield return $"hash     {hashing.Hash(request.Headers, request.Info, null)?.ToString() ?? "none: the request has nothing to hash"}";
        if (forward.Priority > 0) yield return "priority high";
        yield return $"timeouts {Timeouts(forward, manager)}";
        yield return $"retries  {Retries(forward.Policies.Retry, forward.Policies.Timeouts)}";
    }

    private static List<string> Filters(Route route, ExplainedRequest request, HttpConnectionManagerConfig manager)
    {
        var lines = new List<string>();
        for (var i = 0; i < manager.Filters.Length; i++)
        {
            var filter = manager.Filters[i];
            var isOff = route.Filters?.IsDisabled(i) ?? filter.IsDisabled;
            var switchedBy = route.Filters?.SwitchedBy(i);
            if (isOff)
                lines.Add($"{filter.Name}: left out, {(switchedBy is null ? "disabled by default" : $"disabled by {switchedBy}")}");
            else if (route.Filters?.PlacesOf(i) is { Count: > 0 } places)
                lines.Add($"{filter.Name}: configured by {string.Join(", then ", places)}");
            else
                lines.Add(filter.IsDisabled ? $"{filter.Name}: enabled by {switchedBy}" : filter.Name);
            if (isOff) continue;
            var data = new MatchData(request.Info, manager.Runtime.Current) { RequestHeaders = request.Headers, Trail = [] };
            foreach (var step in filter.Explain(route.Filters?.MostSpecific(i), data)) lines.Add("  " + step);
        }

        return lines;
    }

    /// <summary>What a cluster specifier plugin looked at.</summary>
    private static List<string> SpecifierSteps(ForwardAction forward, ExplainedRequest request, RuntimeSnapshot runtime)
    {
        var steps = new List<string>();
        forward.Specifier?.Select(new RouteRequest(request.Headers, request.Info, runtime), steps);
        return steps;
    }

    private static IEnumerable<string> Limits(RouteOutcome outcome, ExplainedRequest request)
    {
        var forward = outcome.Route.Forward!;
        var context = new RateLimitContext(request.Headers, request.Info, outcome.Cluster ?? "");
        var own = forward.RateLimits.Describe(context);
        return forward.IncludesVirtualHostRateLimits || forward.RateLimits.Count == 0
            ? own.Concat(outcome.Route.VirtualHost.RateLimits.Describe(context).Select(static line => line + " (virtual host)"))
            : own;
    }

    private static List<string> Mirrors(ForwardAction forward, ExplainedRequest request, RuntimeSnapshot runtime)
    {
        var lines = new List<string>();
        foreach (var mirror in forward.Policies.Mirrors)
        {
            var isDrawn = mirror.TargetOf(new RouteRequest(request.Headers, request.Info, runtime)) is not null;
            lines.Add($"to {mirror}: {(isDrawn ? "yes" : $"no, by the random value {request.Info.RandomValue}")}");
        }

        return lines;
    }

    private static string Timeouts(ForwardAction forward, HttpConnectionManagerConfig manager)
    {
        var limits = forward.Policies.Timeouts;
        var parts = new List<string> { $"route {Time(limits.GlobalMs)}", $"stream idle {Time(forward.IdleTimeoutMs ?? manager.StreamIdleTimeoutMs)}" };
        var duration = forward.StreamDuration?.LimitMs ?? manager.MaxStreamDurationMs;
        if (duration > 0) parts.Add($"stream duration {Time(duration)}");
        if (limits.MaxGrpcMs is { } grpcMs) parts.Add($"grpc-timeout up to {Time(grpcMs)}");
        if (forward.StreamDuration?.GrpcMaxMs is { } streamGrpcMs) parts.Add($"grpc-timeout up to {Time(streamGrpcMs)}");
        if (manager.RequestTimeoutMs > 0) parts.Add($"whole request {Time(manager.RequestTimeoutMs)}");
        return string.Join(", ", parts);
    }

    private static string Retries(RetryPolicyConfig policy, TimeoutPolicy timeouts)
    {
        if (policy.Conditions == RetryOn.None) return "only what the request's own headers ask for";
        var parts = new List<string> { $"up to {policy.Retries} on {policy.Conditions}" };
        if (policy.RetriableStatusCodes.Length > 0) parts.Add($"status codes {string.Join(' ', policy.RetriableStatusCodes)}");
        if (policy.PerTryTimeoutMs > 0) parts.Add($"each try {Time(policy.PerTryTimeoutMs)}");
        if (policy.PerTryIdleTimeoutMs > 0) parts.Add($"each try idle {Time(policy.PerTryIdleTimeoutMs)}");
        if (policy.BaseIntervalMs is { } interval) parts.Add($"back-off from {Time(interval)}");
        if (timeouts.HedgesOnPerTryTimeout) parts.Add("a slow try goes on beside the next");
        return string.Join(", ", parts);
    }

    private static string Time(long ms) => ms == 0 ? "none" : $"{ms} ms";
}
