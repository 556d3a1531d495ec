namespace Weft.Proxy.Clusters;

/// <summary>All endpoints of a cluster at one moment, by priority (0 first). Immutable; swapped by reference; built once by the main thread and shared by all workers.</summary>
public sealed class EndpointsSnapshot
{
    public static readonly EndpointsSnapshot Empty = new([]);

    public EndpointsSnapshot(IReadOnlyList<EndpointsOfPriority> priorities) => Priorities = priorities;

    public IReadOnlyList<EndpointsOfPriority> Priorities { get; }

    /// <summary>Percent of its share that a priority is trusted to carry (ClusterLoadAssignment.policy.overprovisioning_factor). Default 140.</summary>
    public uint OverprovisioningFactor { get; init; } = 140;

    /// <summary>A priority's health counts weights rather than endpoints (policy.weighted_priority_health). Default false.</summary>
    public bool WeightedPriorityHealth { get; init; }

    /// <summary>Sorts endpoints by their priority and their health as it is now.</summary>
    public static EndpointsSnapshot Build(IEnumerable<Endpoint> endpoints, uint overprovisioningFactor = 140, bool weightedPriorityHealth = false)
    {
        var byPriority = new List<List<Endpoint>>();
        foreach (var endpoint in endpoints)
        {
            while (byPriority.Count <= endpoint.Priority)
                byPriority.Add([]);
            byPriority[endpoint.Priority].Add(endpoint);
        }
        return new EndpointsSnapshot(byPriority.ConvertAll(EndpointsOfPriority.Of))
        {
            OverprovisioningFactor = overprovisioningFactor,
            WeightedPriorityHealth = weightedPriorityHealth,
        };
    }
}

/// <summary>The endpoints of one priority; healthy ones apart, for load balancers.</summary>
public sealed class EndpointsOfPriority
{
    public required Endpoint[] All { get; init; }

    public required Endpoint[] Healthy { get; init; }

    public required Endpoint[] Degraded { get; init; }

    /// <summary>Endpoints that count neither as healthy nor as failed: <see cref="EndpointHealthFlags.PendingActiveHc"/>, <see cref="EndpointHealthFlags.ExcludedViaImmediateHcFail"/>.</summary>
    public Endpoint[] Excluded { get; init; } = [];

    public static EndpointsOfPriority Of(List<Endpoint> endpoints) => new()
    {
        All = [.. endpoints],
        Healthy = [.. endpoints.Where(endpoint => endpoint.Health == EndpointHealth.Healthy)],
        Degraded = [.. endpoints.Where(endpoint => endpoint.Health == EndpointHealth.Degraded)],
        Excluded = [.. endpoints.Where(IsExcluded)],
    };

    private static bool IsExcluded(Endpoint endpoint) =>
        (endpoint.HealthFlags & (EndpointHealthFlags.PendingActiveHc | EndpointHealthFlags.ExcludedViaImmediateHcFail)) != 0;
}
