namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>What one check did to its endpoint.</summary>
internal enum HealthTransition : byte
{
    Unchanged,

    /// <summary>What load balancers may do with it changed.</summary>
    Changed,

    /// <summary>The result differs from the endpoint's state, but the threshold is not reached.</summary>
    Pending,
}
