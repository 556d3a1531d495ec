using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.HealthChecking;
using Weft.Proxy.Clusters.OutlierDetection;

namespace Weft.Proxy.Clusters;

/// <summary>
/// Who watches a cluster's endpoints, and what follows for the list of them: an endpoint that discovery no longer has stays
/// while its checks pass (discovery may be wrong), and goes when they fail. Main thread.
/// </summary>
internal sealed class EndpointMonitors : IDisposable
{
    private readonly Cluster _cluster;
    private HealthChecker? _checker;
    private OutlierDetector? _detector;

    /// <summary>Watches nothing until <see cref="Change"/> says what.</summary>
    public EndpointMonitors(Cluster cluster) => _cluster = cluster;

    /// <summary>Null when nothing is to be watched.</summary>
    public static EndpointMonitors? Create(Cluster cluster, FactoryContext context)
    {
        if (cluster.Config is { HealthCheck: null, OutlierDetection: null })
            return null;
        var monitors = new EndpointMonitors(cluster);
        monitors.Change(null, context, []);
        return monitors;
    }

    /// <summary>
    /// The cluster's settings have changed: watches as they say now. What is known of the endpoints stays known, but for what nobody looks after any more.
    /// </summary>
    /// <param name="former">The settings until now; null: there were none.</param>
    /// <param name="context">For what is made anew.</param>
    /// <param name="endpoints">Those of the cluster.</param>
    public void Change(ClusterConfig? former, FactoryContext context, IReadOnlyList<Endpoint> endpoints)
    {
        if (!Equals(former?.Source.HealthChecks, _cluster.Config.Source.HealthChecks) || IsPendingAtFirst(former) != IsPendingAtFirst(_cluster.Config))
            ChangeChecks(context, endpoints);
        if (!Equals(former?.Source.OutlierDetection, _cluster.Config.Source.OutlierDetection))
            ChangeDetection(context, endpoints);
    }

    /// <summary>Without checks nothing keeps an endpoint that discovery has given up.</summary>
    public IReadOnlyList<Endpoint> WithoutUnwatched(IReadOnlyList<Endpoint> listed) =>
        _checker is null && listed.Any(IsPendingRemoval) ? [.. listed.Where(static endpoint => !IsPendingRemoval(endpoint))] : listed;

    /// <summary>For the admin interface; null without outlier detection.</summary>
    public OutlierDetector? Detector => _detector;

    /// <summary>Every endpoint that is checked has its first result.</summary>
    public bool IsFirstRoundDone => _checker?.IsFirstRoundDone ?? true;

    /// <summary>The discovered endpoints with those behind them that discovery has given up although their checks pass.</summary>
    public IReadOnlyList<Endpoint> WithKept(IReadOnlyList<Endpoint> listed, IReadOnlyList<Endpoint> discovered)
    {
        if (_checker is null)
            return discovered;
        foreach (var endpoint in discovered)
            endpoint.ClearHealthFlags(EndpointHealthFlags.PendingDynamicRemoval);
        if (_cluster.Config.IgnoresHealthOnRemoval)
            return discovered;
        var addresses = discovered.Select(static endpoint => endpoint.Address).ToHashSet();
        var kept = listed.Where(endpoint => !addresses.Contains(endpoint.Address) && OutlivesDiscovery(endpoint)).ToArray();
        foreach (var endpoint in kept)
            endpoint.SetHealthFlags(EndpointHealthFlags.PendingDynamicRemoval);
        return kept.Length == 0 ? discovered : [.. discovered, .. kept];
    }

    /// <summary>The list without endpoints that neither discovery nor their checks speak for; null when there are none such.</summary>
    public IReadOnlyList<Endpoint>? WithoutDead(IReadOnlyList<Endpoint> listed) =>
        listed.Any(IsDead) ? [.. listed.Where(static endpoint => !IsPendingRemoval(endpoint))] : null; // Publish keeps those that live.

    /// <summary>An endpoint that is kept although discovery had given it up.</summary>
    public static Endpoint? FindKept(IReadOnlyList<Endpoint> listed, NetAddress address, string hostname) =>
        listed.FirstOrDefault(endpoint => IsPendingRemoval(endpoint) && endpoint.Address == address && endpoint.Hostname == hostname);

    /// <summary>Before a snapshot with new endpoints: what they may be used for yet.</summary>
    public void Prepare(IReadOnlyList<Endpoint> added, IReadOnlyList<Endpoint> removed)
    {
        foreach (var endpoint in added)
            _detector?.Add(endpoint);
        if (_checker is null || added.Count == 0)
            return;
        var predecessors = removed.ToLookup(static endpoint => endpoint.Address);
        foreach (var endpoint in added)
            _checker.Prepare(endpoint, predecessors[endpoint.Address].FirstOrDefault());
    }

    /// <summary>After that snapshot: watches the new ones and no longer those that are gone.</summary>
    public void Update(IReadOnlyList<Endpoint> added, IReadOnlyList<Endpoint> removed)
    {
        foreach (var endpoint in removed)
        {
            _checker?.Remove(endpoint);
            _detector?.Remove(endpoint);
        }

        foreach (var endpoint in added)
            _checker?.Add(endpoint);
        if (removed.Count > 0)
            _cluster.FinishWhenChecked();
    }

    public void Dispose()
    {
        _checker?.Dispose();
        _detector?.Dispose();
    }

    /// <summary>The new checks begin before the old ones end, so that their statistics live on; until its first result an endpoint counts as before.</summary>
    private void ChangeChecks(FactoryContext context, IReadOnlyList<Endpoint> endpoints)
    {
        var former = _checker;
        _checker = _cluster.Config.HealthCheck is null ? null : new HealthChecker(_cluster.Config, context, OnChecked);
        former?.Dispose();
        foreach (var endpoint in endpoints)
        {
            endpoint.HealthCheckSession = null;
            if (_checker is null)
                endpoint.ClearHealthFlags(HealthChecker.Findings);
            else
                _checker.Add(endpoint);
        }
    }

    private void ChangeDetection(FactoryContext context, IReadOnlyList<Endpoint> endpoints)
    {
        var former = _detector;
        _detector = _cluster.Config.OutlierDetection is null ? null : new OutlierDetector(_cluster.Config, context, OnEjectionChanged);
        foreach (var endpoint in endpoints)
        {
            if (_detector is not null)
            {
                _detector.Add(endpoint, endpoint.OutlierMonitor);
                continue;
            }

            endpoint.OutlierMonitor = null;
            endpoint.ClearHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        }

        former?.Dispose();
    }

    private static bool IsPendingAtFirst(ClusterConfig? config) => config?.Source.CommonLbConfig?.IgnoreNewHostsUntilFirstHc ?? false;

    private static bool IsPendingRemoval(Endpoint endpoint) => (endpoint.HealthFlags & EndpointHealthFlags.PendingDynamicRemoval) != 0;

    private static bool OutlivesDiscovery(Endpoint endpoint) =>
        !endpoint.HealthCheck.IsDisabled && (endpoint.HealthFlags & (EndpointHealthFlags.FailedActiveHc | EndpointHealthFlags.FailedEdsHealth)) == 0;

    private static bool IsDead(Endpoint endpoint) => IsPendingRemoval(endpoint) && !OutlivesDiscovery(endpoint);

    private void OnChecked(Endpoint endpoint, HealthTransition transition, bool isHealthy)
    {
        var isWell = isHealthy && (endpoint.HealthFlags & EndpointHealthFlags.FailedActiveHc) == 0;
        if (isWell && _detector is { Config.UnejectsOnHealthCheck: true })
            _detector.Uneject(endpoint);
        if (transition == HealthTransition.Changed)
        {
            if ((endpoint.HealthFlags & EndpointHealthFlags.FailedActiveHc) != 0)
                _cluster.OnEndpointFailed(endpoint);
            _cluster.OnHealthChanged();
        }

        _cluster.FinishWhenChecked();
    }

    private void OnEjectionChanged(Endpoint endpoint)
    {
        if ((endpoint.HealthFlags & EndpointHealthFlags.FailedOutlierCheck) != 0)
            _cluster.OnEndpointFailed(endpoint);
        _cluster.OnHealthChanged();
    }
}
