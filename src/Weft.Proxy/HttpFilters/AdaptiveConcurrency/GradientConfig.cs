using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Message = Envoy.Extensions.Filters.Http.AdaptiveConcurrency.V3.GradientControllerConfig;

namespace Weft.Proxy.HttpFilters.AdaptiveConcurrency;

/// <summary>gradient_controller_config, with what runtime says of it now (<c>adaptive_concurrency.gradient_controller.</c>). Any thread.</summary>
internal sealed class GradientConfig(Message config, RuntimeLayers runtime)
{
    private const string Prefix = "adaptive_concurrency.gradient_controller.";

    private readonly Message.Types.MinimumRTTCalculationParams _minimum = config.MinRttCalcParams ?? new();
    private readonly Message.Types.ConcurrencyLimitCalculationParams _limit = config.ConcurrencyLimitParams ?? new();

    /// <summary>min_rtt_calc_params.interval.</summary>
    public long MinRttIntervalMs => Integer(Prefix + "min_rtt_calc_interval_ms", _minimum.Interval.ToMs(0));

    /// <summary>concurrency_limit_params.concurrency_update_interval.</summary>
    public long UpdateIntervalMs => Integer(Prefix + "sample_rtt_calc_interval_ms", _limit.ConcurrencyUpdateInterval.ToMs(0));

    /// <summary>max_concurrency_limit; default 1,000.</summary>
    public int MaxConcurrency => (int)Math.Min(int.MaxValue, Integer(Prefix + "max_concurrency_limit", _limit.MaxConcurrencyLimit ?? 1_000));

    /// <summary>request_count: so many requests decide the shortest time; default 50.</summary>
    public long RequestCount => Integer(Prefix + "min_rtt_aggregate_request_count", _minimum.RequestCount ?? 50);

    /// <summary>min_concurrency: the limit while the shortest time is measured, and never less; default 3.</summary>
    public int MinConcurrency => (int)Math.Clamp(Integer(Prefix + "min_concurrency", _minimum.MinConcurrency ?? 3), 1, int.MaxValue);

    /// <summary>sample_aggregate_percentile as a share; default 0.5.</summary>
    public double Quantile => Share(Prefix + "sample_aggregate_percentile", config.SampleAggregatePercentile?.Value ?? 50);

    /// <summary>jitter as a share of the interval; default 0.15.</summary>
    public double Jitter => Share(Prefix + "jitter", _minimum.Jitter?.Value ?? 15);

    /// <summary>buffer as a share of the shortest time; default 0.25.</summary>
    public double Buffer => Share(Prefix + "min_rtt_buffer", _minimum.Buffer?.Value ?? 25);

    private long Integer(string key, long configured) => (long)Math.Min(long.MaxValue, runtime.Current.GetInteger(key, (ulong)configured));

    private double Share(string key, double configured) => Math.Clamp(runtime.Current.GetDouble(key, configured), 0, 100) / 100;
}
