namespace Weft.Proxy.Clusters;

/// <summary>All endpoints of a cluster at one moment, by priority (0 first). Immutable; swapped by reference; built once by the main thread and shared by all workers.</summary>
public sealed class EndpointsSnapshot
{
    public static readonly EndpointsSnapshot Empty = new([]);

    public EndpointsSnapshot(IReadOnlyList<EndpointsOfPriority> priorities) => Priorities = priorities;

    public IReadOnlyList<EndpointsOfPriority> Priorities { get; }
}

/// <summary>The endpoints of one priority; healthy ones apart, for load balancers.</summary>
public sealed class EndpointsOfPriority
{
    public required Endpoint[] All { get; init; }

    public required Endpoint[] Healthy { get; init; }

    public required Endpoint[] Degraded { get; init; }
}
