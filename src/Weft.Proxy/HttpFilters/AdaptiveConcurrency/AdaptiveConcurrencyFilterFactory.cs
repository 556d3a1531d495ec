using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Compression;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.AdaptiveConcurrency.V3.AdaptiveConcurrency;

namespace Weft.Proxy.HttpFilters.AdaptiveConcurrency;

/// <summary>Makes filters that limit active requests by how long they take (envoy.filters.http.adaptive_concurrency). All workers share one limit.</summary>
internal sealed class AdaptiveConcurrencyFilterFactory : HttpFilterFactory
{
    private readonly RuntimeLayers _runtime;
    private readonly FeatureFlag _enabled;

    private AdaptiveConcurrencyFilterFactory(Message config, GradientController controller, StatsScope scope, RuntimeLayers runtime)
    {
        (Controller, _runtime, _enabled) = (controller, runtime, new FeatureFlag(config.Enabled));
        RefusedStatus = config.ConcurrencyLimitExceededStatus is { } status && (int)status.Code >= 400 ? (int)status.Code : 503;
        Blocked = scope.Counter("rq_blocked");
        scope.ComputedGauge("concurrency_limit", () => controller.Limit);
        scope.ComputedGauge("burst_queue_size", () => controller.Headroom);
        scope.ComputedGauge("gradient", () => controller.GradientPerMille);
        scope.ComputedGauge("min_rtt_calculation_active", () => controller.IsMeasuring ? 1 : 0);
        scope.ComputedGauge("min_rtt_msecs", () => controller.MinRttMs);
        scope.ComputedGauge("sample_rtt_msecs", () => controller.SampleRttMs);
    }

    public GradientController Controller { get; }

    /// <summary>concurrency_limit_exceeded_status; default 503, also for what is no error.</summary>
    public int RefusedStatus { get; }

    public Counter Blocked { get; }

    /// <summary>enabled; default true.</summary>
    public bool IsEnabled => _enabled.IsOn(_runtime.Current);

    public static AdaptiveConcurrencyFilterFactory Create(string name, Message config, string statPrefix, FactoryContext context)
    {
        var gradient = new GradientConfig(config.GradientControllerConfig ?? new(), context.Runtime);
        var scope = context.Stats.Scope($"http.{statPrefix}.adaptive_concurrency.gradient_controller.");
        return new AdaptiveConcurrencyFilterFactory(config, new GradientController(gradient), scope, context.Runtime) { Name = name };
    }

    public override HttpFilter Create(Worker worker) => new AdaptiveConcurrencyFilter(this, worker);
}
