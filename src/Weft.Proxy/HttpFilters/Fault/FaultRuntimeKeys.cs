using Envoy.Extensions.Filters.Http.Fault.V3;

namespace Weft.Proxy.HttpFilters.Fault;

/// <summary>The runtime keys that override a fault: Envoy's, unless the configuration names others. Immutable.</summary>
internal sealed class FaultRuntimeKeys(HTTPFault config)
{
    public string DelayPercent { get; } = Or(config.DelayPercentRuntime, "fault.http.delay.fixed_delay_percent");

    public string DelayDuration { get; } = Or(config.DelayDurationRuntime, "fault.http.delay.fixed_duration_ms");

    public string AbortPercent { get; } = Or(config.AbortPercentRuntime, "fault.http.abort.abort_percent");

    public string AbortHttpStatus { get; } = Or(config.AbortHttpStatusRuntime, "fault.http.abort.http_status");

    public string AbortGrpcStatus { get; } = Or(config.AbortGrpcStatusRuntime, "fault.http.abort.grpc_status");

    public string MaxActiveFaults { get; } = Or(config.MaxActiveFaultsRuntime, "fault.http.max_active_faults");

    public string ResponseRatePercent { get; } = Or(config.ResponseRateLimitPercentRuntime, "fault.http.rate_limit.response_percent");

    private static string Or(string configured, string standard) => configured.Length > 0 ? configured : standard;
}
