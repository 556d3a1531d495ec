using System.Text;
using Envoy.Config.Core.V3;

namespace Weft.Proxy.Clusters;

/// <summary>Reasons against an endpoint; names and order are Envoy's, as /clusters prints them.</summary>
[Flags]
public enum EndpointHealthFlags
{
    None = 0,
    FailedActiveHc = 1 << 0,
    FailedOutlierCheck = 1 << 1,

    /// <summary>Configured or discovered health_status UNHEALTHY or TIMEOUT.</summary>
    FailedEdsHealth = 1 << 2,
    DegradedActiveHc = 1 << 3,
    DegradedEdsHealth = 1 << 4,
    PendingDynamicRemoval = 1 << 5,
    PendingActiveHc = 1 << 6,
    ExcludedViaImmediateHcFail = 1 << 7,
    ActiveHcTimeout = 1 << 8,
    EdsStatusDraining = 1 << 9,
}

/// <summary>What the flags mean.</summary>
public static class EndpointHealthFlagsExtensions
{
    private const EndpointHealthFlags Unusable =
        EndpointHealthFlags.FailedActiveHc | EndpointHealthFlags.FailedOutlierCheck | EndpointHealthFlags.FailedEdsHealth | EndpointHealthFlags.EdsStatusDraining;

    /// <summary>What configuration or discovery says; the others come from checks.</summary>
    internal const EndpointHealthFlags Discovered = EndpointHealthFlags.FailedEdsHealth | EndpointHealthFlags.DegradedEdsHealth | EndpointHealthFlags.EdsStatusDraining;

    private const EndpointHealthFlags UsableIfNeeded = EndpointHealthFlags.DegradedActiveHc | EndpointHealthFlags.DegradedEdsHealth;

    private static readonly (EndpointHealthFlags Flag, string Text)[] Texts =
    [
        (EndpointHealthFlags.FailedActiveHc, "/failed_active_hc"),
        (EndpointHealthFlags.FailedOutlierCheck, "/failed_outlier_check"),
        (EndpointHealthFlags.FailedEdsHealth, "/failed_eds_health"),
        (EndpointHealthFlags.DegradedActiveHc, "/degraded_active_hc"),
        (EndpointHealthFlags.DegradedEdsHealth, "/degraded_eds_health"),
        (EndpointHealthFlags.PendingDynamicRemoval, "/pending_dynamic_removal"),
        (EndpointHealthFlags.PendingActiveHc, "/pending_active_hc"),
        (EndpointHealthFlags.ExcludedViaImmediateHcFail, "/excluded_via_immediate_hc_fail"),
        (EndpointHealthFlags.ActiveHcTimeout, "/active_hc_timeout"),
        (EndpointHealthFlags.EdsStatusDraining, "/eds_status_draining"),
    ];

    public static EndpointHealth ToHealth(this EndpointHealthFlags flags) =>
        (flags & Unusable) != 0 ? EndpointHealth.Unhealthy
        : (flags & UsableIfNeeded) != 0 ? EndpointHealth.Degraded
        : EndpointHealth.Healthy;

    /// <summary>The text of /clusters: <c>healthy</c>, or the flags in Envoy's words.</summary>
    public static string ToText(this EndpointHealthFlags flags)
    {
        if (flags == EndpointHealthFlags.None)
            return "healthy";
        var text = new StringBuilder();
        foreach (var (flag, word) in Texts)
        {
            if ((flags & flag) != 0)
                text.Append(word);
        }
        return text.ToString();
    }

    /// <summary>The flags of a configured LbEndpoint.health_status.</summary>
    public static EndpointHealthFlags ToFlags(this HealthStatus status) => status switch
    {
        HealthStatus.Unhealthy or HealthStatus.Timeout => EndpointHealthFlags.FailedEdsHealth,
        HealthStatus.Draining => EndpointHealthFlags.EdsStatusDraining,
        HealthStatus.Degraded => EndpointHealthFlags.DegradedEdsHealth,
        _ => EndpointHealthFlags.None,
    };
}
