using Envoy.Data.Cluster.V3;
using Weft.Base.Stats;

namespace Weft.Proxy.Clusters.OutlierDetection;

/// <summary>The statistics <c>cluster.NAME.outlier_detection.*</c>, under Envoy's names.</summary>
internal sealed class OutlierStats
{
    private static readonly (OutlierEjectionType Type, string Name)[] Names =
    [
        (OutlierEjectionType.Consecutive5Xx, "consecutive_5xx"),
        (OutlierEjectionType.ConsecutiveGatewayFailure, "consecutive_gateway_failure"),
        (OutlierEjectionType.SuccessRate, "success_rate"),
        (OutlierEjectionType.ConsecutiveLocalOriginFailure, "consecutive_local_origin_failure"),
        (OutlierEjectionType.SuccessRateLocalOrigin, "local_origin_success_rate"),
        (OutlierEjectionType.FailurePercentage, "failure_percentage"),
        (OutlierEjectionType.FailurePercentageLocalOrigin, "local_origin_failure_percentage"),
    ];

    private readonly Counter[] _detected = new Counter[Names.Length];
    private readonly Counter[] _enforced = new Counter[Names.Length];

    /// <param name="scope">The scope <c>cluster.NAME.</c></param>
    public OutlierStats(StatsScope scope)
    {
        foreach (var (type, name) in Names)
        {
            _detected[(int)type] = scope.Counter("outlier_detection.ejections_detected_" + name);
            _enforced[(int)type] = scope.Counter("outlier_detection.ejections_enforced_" + name);
        }

        EnforcedTotal = scope.Counter("outlier_detection.ejections_enforced_total");
        Overflow = scope.Counter("outlier_detection.ejections_overflow");
        Active = scope.Gauge("outlier_detection.ejections_active");
        Total = scope.Counter("outlier_detection.ejections_total");
        Consecutive5xx = scope.Counter("outlier_detection.ejections_consecutive_5xx");
        SuccessRate = scope.Counter("outlier_detection.ejections_success_rate");
    }

    public Counter EnforcedTotal { get; }

    /// <summary>Ejections that max_ejection_percent prevented.</summary>
    public Counter Overflow { get; }

    public Gauge Active { get; }

    /// <summary>Deprecated in Envoy, as the two that follow.</summary>
    public Counter Total { get; }

    public Counter Consecutive5xx { get; }

    public Counter SuccessRate { get; }

    public Counter Detected(OutlierEjectionType type) => _detected[(int)type];

    public Counter Enforced(OutlierEjectionType type) => _enforced[(int)type];
}
