using Envoy.Data.Cluster.V3;
using Weft.Base;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Clusters.OutlierDetection;

/// <summary>
/// Takes endpoints that answer badly out of a cluster for a while. Failures in a row are told by the worker that sees the last of them;
/// success rates are compared once per interval, which is also when ejected endpoints return. Main thread, but <see cref="PostConsecutive"/>.
/// </summary>
internal sealed class OutlierDetector : IDisposable
{
    private readonly Dictionary<Endpoint, OutlierMonitor> _monitors = [];
    private readonly EventLoop _loop;
    private readonly RandomSource _random;
    private readonly RuntimeLayers _runtime;
    private readonly LoopTimer _interval;
    private readonly Action<Endpoint> _onChanged;
    private readonly OutlierStats _stats;
    private readonly OutlierEventLog _events;
    private int _ejected;
    private bool _isDisposed;

    /// <param name="onChanged">Hears of each ejection and return, after the endpoint's flag says so.</param>
    public OutlierDetector(ClusterConfig cluster, FactoryContext context, Action<Endpoint> onChanged)
    {
        Config = cluster.OutlierDetection!;
        _loop = context.MainLoop;
        _random = context.Random;
        _runtime = context.Runtime;
        _onChanged = onChanged;
        _stats = new OutlierStats(cluster.StatsScope);
        _events = new OutlierEventLog(cluster, _loop, context.OutlierLog);
        _interval = new LoopTimer(_loop, OnInterval);
        _interval.Arm(Config.IntervalMs.Of(Runtime));
    }

    public OutlierDetectionConfig Config { get; }

    /// <summary>Of the last interval; for answers.</summary>
    public SuccessRateThreshold External { get; private set; } = SuccessRateThreshold.None;

    /// <summary>Of the last interval; for attempts to reach endpoints.</summary>
    public SuccessRateThreshold LocalOrigin { get; private set; } = SuccessRateThreshold.None;

    private RuntimeSnapshot Runtime => _runtime.Current;

    /// <summary>Watches an endpoint; a new one before workers see it.</summary>
    /// <param name="former">What another detector knew of it, which stays known; null: nothing.</param>
    public void Add(Endpoint endpoint, OutlierMonitor? former = null)
    {
        if (_monitors.ContainsKey(endpoint))
            return;
        var monitor = new OutlierMonitor(this, endpoint, _runtime, former);
        _monitors.Add(endpoint, monitor);
        endpoint.OutlierMonitor = monitor;
        if (monitor.IsEjected)
            CountEjected(1);
    }

    public void Remove(Endpoint endpoint)
    {
        if (_monitors.Remove(endpoint, out var monitor) && monitor.IsEjected)
            CountEjected(-1);
    }

    /// <summary>Lets an ejected endpoint return.</summary>
    public void Uneject(Endpoint endpoint)
    {
        if (!_monitors.TryGetValue(endpoint, out var monitor) || !monitor.IsEjected)
            return;
        CountEjected(-1);
        endpoint.ClearHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        // Counts that were about to reach their thresholds must not throw it out again at the next failure.
        monitor.ResetConsecutive(OutlierEjectionType.Consecutive5Xx);
        monitor.ResetConsecutive(OutlierEjectionType.ConsecutiveGatewayFailure);
        monitor.ResetConsecutive(OutlierEjectionType.ConsecutiveLocalOriginFailure);
        monitor.UnejectedAtMs = _loop.NowMs;
        _onChanged(endpoint);
        _events.Unejected(monitor);
    }

    /// <summary>A worker has counted enough failures in a row. Any thread.</summary>
    public void PostConsecutive(OutlierMonitor monitor, OutlierEjectionType type) => _loop.Post(() => OnConsecutive(monitor, type));

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _interval.Cancel();
        CountEjected(-_ejected);
        _monitors.Clear();
    }

    private void OnConsecutive(OutlierMonitor monitor, OutlierEjectionType type)
    {
        // Meanwhile the endpoint may be gone, or out for another reason.
        if (!_monitors.ContainsKey(monitor.Endpoint) || monitor.IsEjected)
            return;
        _stats.Detected(type).Inc();
        Eject(monitor, type);
        if (type == OutlierEjectionType.Consecutive5Xx)
            _stats.Consecutive5xx.Inc();
        // So that the next bout counts from nothing although no success came between.
        monitor.ResetConsecutive(type);
    }

    private void Eject(OutlierMonitor monitor, OutlierEjectionType type)
    {
        if (!MayEjectAnother)
        {
            _stats.Overflow.Inc();
            return;
        }

        if (type is OutlierEjectionType.Consecutive5Xx or OutlierEjectionType.SuccessRate)
            _stats.Total.Inc();
        var isEnforced = IsEnforced(type);
        if (isEnforced)
            Enforce(monitor, type);
        _events.Ejected(monitor, type, isEnforced, type == OutlierEjectionType.SuccessRateLocalOrigin ? LocalOrigin : External);
    }

    private bool MayEjectAnother
    {
        get
        {
            var percent = 100.0 * (_ejected + 1) / _monitors.Count;
            return percent <= Math.Min(100, Config.MaxEjectionPercent.Of(Runtime)) || (Config.AlwaysEjectsOne && _ejected == 0);
        }
    }

    private void Enforce(OutlierMonitor monitor, OutlierEjectionType type)
    {
        CountEjected(1);
        _stats.EnforcedTotal.Inc();
        _stats.Enforced(type).Inc();
        monitor.Endpoint.SetHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        monitor.Ejections++;
        monitor.EjectedAtMs = _loop.NowMs;
        monitor.JitterMs = (long)(_random.Next() % (ulong)(Config.MaxEjectionJitterMs.Of(Runtime) + 1));
        var baseMs = Config.BaseEjectionMs.Of(Runtime);
        if (monitor.Backoff * baseMs < Config.MaxEjectionMs.Of(Runtime) + baseMs)
            monitor.Backoff++;
        _onChanged(monitor.Endpoint);
    }

    private bool IsEnforced(OutlierEjectionType type)
    {
        var percent = type switch
        {
            OutlierEjectionType.Consecutive5Xx => Config.EnforcingConsecutive5xx,
            OutlierEjectionType.ConsecutiveGatewayFailure => Config.EnforcingConsecutiveGatewayFailure,
            OutlierEjectionType.ConsecutiveLocalOriginFailure => Config.EnforcingConsecutiveLocalOriginFailure,
            OutlierEjectionType.SuccessRate => Config.EnforcingSuccessRate,
            OutlierEjectionType.SuccessRateLocalOrigin => Config.EnforcingLocalOriginSuccessRate,
            OutlierEjectionType.FailurePercentage => Config.EnforcingFailurePercentage,
            _ => Config.EnforcingFailurePercentageLocalOrigin,
        };
        return _random.Next(100) < percent.Of(Runtime);
    }

    private void OnInterval()
    {
        foreach (var monitor in _monitors.Values)
        {
            if (monitor.IsEjected && IsOver(monitor))
                Uneject(monitor.Endpoint);
            monitor.External.Turn();
            monitor.LocalOrigin.Turn();
        }

        External = JudgeRates(isLocal: false);
        LocalOrigin = JudgeRates(isLocal: true);
        foreach (var monitor in _monitors.Values)
            Forgive(monitor);
        _interval.Arm(Config.IntervalMs.Of(Runtime));
    }

    private bool IsOver(OutlierMonitor monitor)
    {
        var ejectionMs = Math.Min(Config.BaseEjectionMs.Of(Runtime) * monitor.Backoff, Config.MaxEjectionMs.Of(Runtime));
        return _loop.NowMs - monitor.EjectedAtMs >= ejectionMs + monitor.JitterMs;
    }

    /// <summary>For each interval that an endpoint behaved since its return, its next ejection will be shorter.</summary>
    private void Forgive(OutlierMonitor monitor)
    {
        if (!monitor.IsEjected && monitor.Backoff > 0 && _loop.NowMs - monitor.UnejectedAtMs >= Config.IntervalMs.Of(Runtime))
            monitor.Backoff--;
    }

    private SuccessRateThreshold JudgeRates(bool isLocal)
    {
        var rateHosts = Config.SuccessRateMinimumHosts.Of(Runtime);
        var failureHosts = Config.FailurePercentageMinimumHosts.Of(Runtime);
        if (_monitors.Count < rateHosts && _monitors.Count < failureHosts)
            return SuccessRateThreshold.None;
        var rateVolume = Config.SuccessRateRequestVolume.Of(Runtime);
        var failureVolume = Config.FailurePercentageRequestVolume.Of(Runtime);
        var (byRate, byFailure) = (new List<OutlierMonitor>(), new List<OutlierMonitor>());
        foreach (var monitor in _monitors.Values)
        {
            var window = WindowOf(monitor, isLocal);
            var attempts = window.LastAttempts;
            if (monitor.IsEjected || attempts == 0)
                continue;
            if (attempts >= Math.Min(rateVolume, failureVolume))
                window.SuccessRate = window.LastRate;
            if (attempts >= rateVolume)
                byRate.Add(monitor);
            if (attempts >= failureVolume)
                byFailure.Add(monitor);
        }

        var threshold = byRate.Count > 0 && byRate.Count >= rateHosts ? EjectByRate(byRate, isLocal) : SuccessRateThreshold.None;
        if (byFailure.Count > 0 && byFailure.Count >= failureHosts)
            EjectByFailure(byFailure, isLocal);
        return threshold;
    }

    private SuccessRateThreshold EjectByRate(List<OutlierMonitor> monitors, bool isLocal)
    {
        var type = isLocal ? OutlierEjectionType.SuccessRateLocalOrigin : OutlierEjectionType.SuccessRate;
        var rates = monitors.ConvertAll(monitor => WindowOf(monitor, isLocal).SuccessRate);
        var threshold = SuccessRateThreshold.Of(rates, Config.SuccessRateStdevFactor.Of(Runtime) / 1000.0);
        // The events of the ejections that follow tell it.
        (External, LocalOrigin) = isLocal ? (External, threshold) : (threshold, LocalOrigin);
        foreach (var monitor in monitors)
        {
            if (WindowOf(monitor, isLocal).SuccessRate >= threshold.Ejection)
                continue;
            _stats.SuccessRate.Inc();
            _stats.Detected(type).Inc();
            Eject(monitor, type);
        }

        return threshold;
    }

    private void EjectByFailure(List<OutlierMonitor> monitors, bool isLocal)
    {
        var type = isLocal ? OutlierEjectionType.FailurePercentageLocalOrigin : OutlierEjectionType.FailurePercentage;
        var threshold = Config.FailurePercentageThreshold.Of(Runtime);
        foreach (var monitor in monitors)
        {
            if (monitor.IsEjected || 100.0 - WindowOf(monitor, isLocal).SuccessRate < threshold)
                continue;
            _stats.Detected(type).Inc();
            Eject(monitor, type);
        }
    }

    private static RequestWindow WindowOf(OutlierMonitor monitor, bool isLocal) => isLocal ? monitor.LocalOrigin : monitor.External;

    private void CountEjected(int change)
    {
        _ejected += change;
        _stats.Active.Add(change);
    }
}
