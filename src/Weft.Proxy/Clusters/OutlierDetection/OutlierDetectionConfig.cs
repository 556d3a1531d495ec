using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using OutlierMessage = Envoy.Config.Cluster.V3.OutlierDetection;

namespace Weft.Proxy.Clusters.OutlierDetection;

/// <summary>
/// Cluster.outlier_detection. Immutable. Each number may be overridden at run time by the key <c>outlier_detection.</c> with the field's name
/// (milliseconds: <c>_ms</c> behind it).
/// </summary>
internal sealed class OutlierDetectionConfig
{
    private const long DefaultBaseEjectionMs = 30_000;

    /// <summary>Between two looks at the success rates; default 10,000.</summary>
    public OutlierSetting IntervalMs { get; private init; }

    /// <summary>An endpoint stays out for this long times the number of its ejections; default 30,000.</summary>
    public OutlierSetting BaseEjectionMs { get; private init; }

    /// <summary>... but for no longer than this; default 300,000, or the base if that is more.</summary>
    public OutlierSetting MaxEjectionMs { get; private init; }

    /// <summary>A random time of up to this is added; default 0.</summary>
    public OutlierSetting MaxEjectionJitterMs { get; private init; }

    /// <summary>Share of the endpoints that may be out at once; default 10.</summary>
    public OutlierSetting MaxEjectionPercent { get; private init; }

    /// <summary>
    /// One endpoint may be out whatever <see cref="MaxEjectionPercent"/> says. Default true: the rule that Envoy had for years and that small clusters rely
    /// on; its newest versions need always_eject_one_host for it.
    /// </summary>
    public bool AlwaysEjectsOne { get; private init; }

    /// <summary>Answers of 5xx in a row; default 5.</summary>
    public OutlierSetting Consecutive5xx { get; private init; }

    /// <summary>Answers of 502, 503 and 504 in a row; default 5.</summary>
    public OutlierSetting ConsecutiveGatewayFailure { get; private init; }

    /// <summary>Failures to reach it in a row, where they are told apart; default 5.</summary>
    public OutlierSetting ConsecutiveLocalOriginFailure { get; private init; }

    /// <summary>Endpoints with enough requests that the success rate needs; default 5.</summary>
    public OutlierSetting SuccessRateMinimumHosts { get; private init; }

    /// <summary>Requests of an interval that are enough; default 100.</summary>
    public OutlierSetting SuccessRateRequestVolume { get; private init; }

    /// <summary>How many thousandths of a standard deviation below the mean make an outlier; default 1,900.</summary>
    public OutlierSetting SuccessRateStdevFactor { get; private init; }

    /// <summary>Percent of failures; default 85.</summary>
    public OutlierSetting FailurePercentageThreshold { get; private init; }

    /// <summary>Default 5.</summary>
    public OutlierSetting FailurePercentageMinimumHosts { get; private init; }

    /// <summary>Default 50.</summary>
    public OutlierSetting FailurePercentageRequestVolume { get; private init; }

    /// <summary>Chance in percent that a detected outlier is ejected; defaults 100 but for gateway failures and failure percentages: 0.</summary>
    public OutlierSetting EnforcingConsecutive5xx { get; private init; }

    public OutlierSetting EnforcingConsecutiveGatewayFailure { get; private init; }

    public OutlierSetting EnforcingConsecutiveLocalOriginFailure { get; private init; }

    public OutlierSetting EnforcingSuccessRate { get; private init; }

    public OutlierSetting EnforcingLocalOriginSuccessRate { get; private init; }

    public OutlierSetting EnforcingFailurePercentage { get; private init; }

    public OutlierSetting EnforcingFailurePercentageLocalOrigin { get; private init; }

    /// <summary>split_external_local_origin_errors: failures to reach an endpoint count apart from its answers; default false.</summary>
    public bool SplitsLocalOrigin { get; private init; }

    /// <summary>successful_active_health_check_uneject_host; default true.</summary>
    public bool UnejectsOnHealthCheck { get; private init; }

    /// <summary>Null when the cluster has none; faults are reported.</summary>
    public static OutlierDetectionConfig? Create(OutlierMessage? config, ConfigContext context)
    {
        if (config is null)
            return null;
        var baseMs = config.BaseEjectionTime.ToMs(DefaultBaseEjectionMs);
        var maxMs = config.MaxEjectionTime.ToMs(Math.Max(10 * DefaultBaseEjectionMs, baseMs));
        if (maxMs < baseMs)
            context.Error(config, "max_ejection_time", "outlier detector's max_ejection_time cannot be smaller than base_ejection_time");
        return new OutlierDetectionConfig
        {
            IntervalMs = new("interval_ms", config.Interval.ToMs(10_000)),
            BaseEjectionMs = new("base_ejection_time_ms", baseMs),
            MaxEjectionMs = new("max_ejection_time_ms", maxMs),
            MaxEjectionJitterMs = new("max_ejection_time_jitter_ms", config.MaxEjectionTimeJitter.ToMs(0)),
            MaxEjectionPercent = new("max_ejection_percent", config.MaxEjectionPercent ?? 10),
            AlwaysEjectsOne = config.AlwaysEjectOneHost ?? true,
            Consecutive5xx = new("consecutive_5xx", config.Consecutive5Xx ?? 5),
            ConsecutiveGatewayFailure = new("consecutive_gateway_failure", config.ConsecutiveGatewayFailure ?? 5),
            ConsecutiveLocalOriginFailure = new("consecutive_local_origin_failure", config.ConsecutiveLocalOriginFailure ?? 5),
            SuccessRateMinimumHosts = new("success_rate_minimum_hosts", config.SuccessRateMinimumHosts ?? 5),
            SuccessRateRequestVolume = new("success_rate_request_volume", config.SuccessRateRequestVolume ?? 100),
            SuccessRateStdevFactor = new("success_rate_stdev_factor", config.SuccessRateStdevFactor ?? 1900),
            FailurePercentageThreshold = new("failure_percentage_threshold", config.FailurePercentageThreshold ?? 85),
            FailurePercentageMinimumHosts = new("failure_percentage_minimum_hosts", config.FailurePercentageMinimumHosts ?? 5),
            FailurePercentageRequestVolume = new("failure_percentage_request_volume", config.FailurePercentageRequestVolume ?? 50),
            EnforcingConsecutive5xx = new("enforcing_consecutive_5xx", config.EnforcingConsecutive5Xx ?? 100),
            EnforcingConsecutiveGatewayFailure = new("enforcing_consecutive_gateway_failure", config.EnforcingConsecutiveGatewayFailure ?? 0),
            EnforcingConsecutiveLocalOriginFailure = new("enforcing_consecutive_local_origin_failure", config.EnforcingConsecutiveLocalOriginFailure ?? 100),
            EnforcingSuccessRate = new("enforcing_success_rate", config.EnforcingSuccessRate ?? 100),
            EnforcingLocalOriginSuccessRate = new("enforcing_local_origin_success_rate", config.EnforcingLocalOriginSuccessRate ?? 100),
            EnforcingFailurePercentage = new("enforcing_failure_percentage", config.EnforcingFailurePercentage ?? 0),
            EnforcingFailurePercentageLocalOrigin = new("enforcing_failure_percentage_local_origin", config.EnforcingFailurePercentageLocalOrigin ?? 0),
            SplitsLocalOrigin = config.SplitExternalLocalOriginErrors,
            UnejectsOnHealthCheck = config.SuccessfulActiveHealthCheckUnejectHost ?? true,
        };
    }
}

/// <summary>A configured number with the runtime key that overrides it.</summary>
internal readonly struct OutlierSetting(string name, long value)
{
    private readonly string _key = "outlier_detection." + name;

    /// <summary>The number now; any thread.</summary>
    public long Of(RuntimeSnapshot runtime) => (long)Math.Min(runtime.GetInteger(_key, (ulong)value), long.MaxValue);
}
