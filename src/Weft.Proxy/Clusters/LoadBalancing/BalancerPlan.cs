using Weft.Base;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.LoadBalancing.Hashing;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// What the balancers of all workers share: loads, tables, subsets. Derived once from a snapshot, on the main thread, so
/// that a worker that takes the snapshot over has next to nothing to do. Immutable.
/// </summary>
public abstract class BalancerPlan
{
    /// <summary>The plan of a cluster's policy over a snapshot. Main thread.</summary>
    /// <param name="cluster">Whose endpoints they are.</param>
    /// <param name="endpoints">What to choose from.</param>
    /// <param name="previous">The plan of the snapshot before: what did not change is taken over from it.</param>
    internal static BalancerPlan Create(ClusterConfig cluster, EndpointsSnapshot endpoints, BalancerPlan? previous = null) =>
        Create(cluster.LoadBalancing.With(cluster.Runtime.Current), cluster.Stats, cluster.CircuitBreakers, endpoints, previous);

    /// <summary>As above, with a configuration that may differ from the cluster's own (that of a subset).</summary>
    internal static BalancerPlan Create(LoadBalancingConfig config, ClusterStats stats, CircuitBreakers active, EndpointsSnapshot endpoints, BalancerPlan? previous) => config.Policy switch
    {
        _ when config.Subsets is not null => new SubsetPlan(config, stats, active, endpoints, previous as SubsetPlan),
        LbPolicy.RingHash or LbPolicy.Maglev => new HashPlan(config, stats.LbHealthyPanic, active, endpoints, previous as HashPlan),
        _ => new PriorityPlan(config, stats, endpoints, previous as PriorityPlan),
    };

    /// <summary>A worker's balancer. Worker thread.</summary>
    /// <param name="random">Of the worker.</param>
    /// <param name="previous">The worker's balancer so far: what still holds is taken over from it.</param>
    public abstract LoadBalancer CreateBalancer(RandomSource random, LoadBalancer? previous);
}
