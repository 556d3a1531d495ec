namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>The sets of one priority and the weights of its localities. Immutable, shared by all workers.</summary>
internal sealed class PlannedPriority
{
    private readonly PlannedSet _all;
    private readonly PlannedSet _healthy;
    private readonly PlannedSet _degraded;

    public PlannedPriority(EndpointsOfPriority priority, LoadBalancingConfig config, uint overprovisioningFactor, bool isSlowStarting, bool needsLocalities, PlannedPriority? previous)
    {
        var all = _all = PlannedSet.Of(priority.All, isSlowStarting, null, previous?._all);
        _healthy = PlannedSet.Of(priority.Healthy, isSlowStarting, all, previous?._healthy);
        _degraded = PlannedSet.Of(priority.Degraded, isSlowStarting, all, previous?._degraded);
        if (!config.IsLocalityWeighted && !needsLocalities)
            return;
        HealthyByLocality = Sets(priority.Localities, static locality => locality.Healthy, previous?.HealthyByLocality ?? []);
        DegradedByLocality = Sets(priority.Localities, static locality => locality.Degraded, previous?.DegradedByLocality ?? []);
        if (!config.IsLocalityWeighted)
            return;
        HealthyWeights = LocalityWeights.Of(priority.Localities, static locality => locality.Healthy.Length, overprovisioningFactor);
        DegradedWeights = LocalityWeights.Of(priority.Localities, static locality => locality.Degraded.Length, overprovisioningFactor);

        PlannedSet[] Sets(EndpointsOfLocality[] localities, Func<EndpointsOfLocality, Endpoint[]> part, PlannedSet[] before)
        {
            var sets = new PlannedSet[localities.Length];
            for (var i = 0; i < sets.Length; i++)
                sets[i] = PlannedSet.Of(part(localities[i]), isSlowStarting, all, i < before.Length ? before[i] : null);
            return sets;
        }
    }

    /// <summary>In the order of the priority's localities; empty when localities do not matter.</summary>
    public PlannedSet[] HealthyByLocality { get; } = [];

    public PlannedSet[] DegradedByLocality { get; } = [];

    /// <summary>By which requests are shared among localities; null when localities have no weights.</summary>
    public LocalityWeights? HealthyWeights { get; }

    public LocalityWeights? DegradedWeights { get; }

    public PlannedSet Of(EndpointSelection selection) => selection switch
    {
        EndpointSelection.Healthy => _healthy,
        EndpointSelection.Degraded => _degraded,
        _ => _all,
    };
}
