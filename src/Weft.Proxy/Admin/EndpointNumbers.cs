using Weft.Proxy.Clusters;

namespace Weft.Proxy.Admin;

/// <summary>The numbers of an endpoint that <c>/clusters</c> shows, under Envoy's names.</summary>
internal static class EndpointNumbers
{
    public static (string Name, long Value)[] Counters(Endpoint endpoint) =>
    [
        ("cx_connect_fail", endpoint.Stats.CxConnectFail.Value),
        ("cx_total", endpoint.Stats.CxTotal.Value),
        ("rq_error", endpoint.Stats.RqError.Value),
        ("rq_success", endpoint.Stats.RqSuccess.Value),
        ("rq_timeout", endpoint.Stats.RqTimeout.Value),
        ("rq_total", endpoint.Stats.RqTotal.Value),
    ];

    public static (string Name, long Value)[] Gauges(Endpoint endpoint) =>
    [
        ("cx_active", endpoint.Stats.CxActive.Value),
        ("rq_active", Volatile.Read(ref endpoint.ActiveRequests)),
    ];

    /// <summary>metadata.filter_metadata["envoy.lb"].canary.</summary>
    public static bool IsCanary(Endpoint endpoint) =>
        endpoint.Metadata is { } metadata
        && metadata.FilterMetadata.TryGetValue("envoy.lb", out var balancing)
        && balancing.Fields.TryGetValue("canary", out var canary)
        && canary.BoolValue;
}
