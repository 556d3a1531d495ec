namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Endpoints that one picker chooses from: those of a priority, or of one of its localities, of one health. Immutable, shared by all workers.</summary>
internal sealed class PlannedSet
{
    public PlannedSet(Endpoint[] endpoints, bool isSlowStarting)
    {
        Endpoints = endpoints;
        IsWeighted = endpoints.Length > 1 && (isSlowStarting || !EdfScheduler.HaveEqualWeights(endpoints));
    }

    public Endpoint[] Endpoints { get; }

    /// <summary>Weights differ, or will while an endpoint starts slowly: turns must be scheduled.</summary>
    public bool IsWeighted { get; }

    /// <summary>A picker made for the other set does for this one.</summary>
    public bool IsSame(PlannedSet other) => ReferenceEquals(Endpoints, other.Endpoints) && IsWeighted == other.IsWeighted;
}
