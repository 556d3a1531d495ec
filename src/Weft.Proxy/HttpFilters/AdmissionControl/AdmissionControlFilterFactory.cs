using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Compression;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.AdmissionControl.V3.AdmissionControl;

namespace Weft.Proxy.HttpFilters.AdmissionControl;

/// <summary>Makes filters that refuse requests while the upstream fails (envoy.filters.http.admission_control). Each worker judges by its own requests.</summary>
internal sealed class AdmissionControlFilterFactory : HttpFilterFactory
{
    private readonly Message _config;
    private readonly RuntimeLayers _runtime;
    private readonly FeatureFlag _enabled;
    private readonly RequestHistory?[] _histories;

    private AdmissionControlFilterFactory(Message config, StatsScope scope, FactoryContext context)
    {
        (_config, _runtime) = (config, context.Runtime);
        _enabled = new FeatureFlag(config.Enabled);
        _histories = new RequestHistory?[context.Concurrency + 1];
        Criteria = SuccessCriteria.Create(config.SuccessCriteria ?? new(), context.Config);
        Rejected = scope.Counter("rq_rejected");
        Succeeded = scope.Counter("rq_success");
        Failed = scope.Counter("rq_failure");
    }

    public SuccessCriteria Criteria { get; }

    public Counter Rejected { get; }

    public Counter Succeeded { get; }

    public Counter Failed { get; }

    /// <summary>enabled; default true.</summary>
    public bool IsEnabled => _enabled.IsOn(_runtime.Current);

    /// <summary>aggression: above 1 requests are refused sooner; default 1, at least 1.</summary>
    public double Aggression => Math.Max(1, Number(_config.Aggression?.RuntimeKey, _config.Aggression?.DefaultValue ?? 1));

    /// <summary>sr_threshold as a share: below it requests are refused; default 0.95.</summary>
    public double SuccessRateThreshold => Math.Min(100, Number(_config.SrThreshold?.RuntimeKey, _config.SrThreshold?.DefaultValue?.Value ?? 95)) / 100;

    /// <summary>rps_threshold: below it nothing is refused; default 0.</summary>
    public long RpsThreshold => (long)Number(_config.RpsThreshold?.RuntimeKey, _config.RpsThreshold?.DefaultValue ?? 0);

    /// <summary>max_rejection_probability as a share; default 0.8.</summary>
    public double MaxRejectionProbability => Number(_config.MaxRejectionProbability?.RuntimeKey, _config.MaxRejectionProbability?.DefaultValue?.Value ?? 80) / 100;

    public static AdmissionControlFilterFactory Create(string name, Message config, string statPrefix, FactoryContext context)
    {
        if (config.SrThreshold is { } threshold && (threshold.DefaultValue?.Value ?? 0) < 1)
            context.Config.Error(config, "sr_threshold", "Success rate threshold cannot be less than 1.0%.");
        return new AdmissionControlFilterFactory(config, context.Stats.Scope(context.HttpFilterPrefix(statPrefix) + "admission_control."), context) { Name = name };
    }

    public override HttpFilter Create(Worker worker) =>
        new AdmissionControlFilter(this, _histories[worker.Index] ??= new RequestHistory(worker.Loop, _config.SamplingWindow.ToMs(30_000)), worker);

    private double Number(string? key, double configured) => string.IsNullOrEmpty(key) ? configured : _runtime.Current.GetDouble(key, configured);
}
