using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// A load-balancing policy over one set of endpoints (those of a priority that are healthy, say). One worker; the set never
/// changes, another snapshot makes other pickers.
/// </summary>
internal abstract class EndpointPicker(Endpoint[] endpoints)
{
    /// <summary>The set; not empty.</summary>
    public Endpoint[] Endpoints { get; } = endpoints;

    /// <summary>One endpoint of the set.</summary>
    public abstract Endpoint Pick(in LoadBalancerContext context);
}

/// <summary>Makes the picker of a policy over a set that is not empty.</summary>
/// <param name="set">What to choose from.</param>
/// <param name="config">Of the cluster.</param>
/// <param name="random">Of the worker.</param>
/// <param name="previous">The picker of that place before, over another set: what holds of it is taken over, and it is not used any more. Null: there was none.</param>
internal delegate EndpointPicker EndpointPickerFactory(PlannedSet set, LoadBalancingConfig config, RandomSource random, EndpointPicker? previous);
