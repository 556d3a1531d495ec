namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>The sets of one priority and the weights of its localities. Immutable, shared by all workers.</summary>
internal sealed class PlannedPriority
{
    private readonly PlannedSet _all;
    private readonly PlannedSet _healthy;
    private readonly PlannedSet _degraded;

    public PlannedPriority(EndpointsOfPriority priority, LoadBalancingConfig config, uint overprovisioningFactor, bool isSlowStarting, bool needsLocalities)
    {
        _all = new PlannedSet(priority.All, isSlowStarting);
        _healthy = new PlannedSet(priority.Healthy, isSlowStarting);
        _degraded = new PlannedSet(priority.Degraded, isSlowStarting);
        if (!config.IsLocalityWeighted && !needsLocalities)
            return;
        HealthyByLocality = Array.ConvertAll(priority.Localities, locality => new PlannedSet(locality.Healthy, isSlowStarting));
        DegradedByLocality = Array.ConvertAll(priority.Localities, locality => new PlannedSet(locality.Degraded, isSlowStarting));
        if (!config.IsLocalityWeighted)
            return;
        HealthyWeights = LocalityWeights.Of(priority.Localities, static locality => locality.Healthy.Length, overprovisioningFactor);
        DegradedWeights = LocalityWeights.Of(priority.Localities, static locality => locality.Degraded.Length, overprovisioningFactor);
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
