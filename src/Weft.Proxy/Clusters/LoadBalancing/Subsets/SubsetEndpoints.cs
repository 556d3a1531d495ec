namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>The snapshot of a subset: its endpoints by priority and locality, with the weights that localities have in it.</summary>
internal static class SubsetEndpoints
{
    /// <param name="byPriority">Of the subset.</param>
    /// <param name="cluster">The snapshot of the whole cluster.</param>
    /// <param name="previous">Of the same subset before: priorities in which nothing has changed are the same objects.</param>
    public static EndpointsSnapshot Build(Endpoint[][] byPriority, EndpointsSnapshot cluster, SubsetConfig config, EndpointsSnapshot previous)
    {
        var priorities = new EndpointsOfPriority[byPriority.Length];
        for (var i = 0; i < priorities.Length; i++)
        {
            var weights = config.IsLocalityWeightAware ? Weights(cluster.Priorities[i], byPriority[i], config.ScalesLocalityWeight) : [];
            priorities[i] = EndpointsOfPriority.Of(byPriority[i], weights, i < previous.Priorities.Count ? previous.Priorities[i] : null);
        }
        return new EndpointsSnapshot(priorities) { OverprovisioningFactor = cluster.OverprovisioningFactor, WeightedPriorityHealth = cluster.WeightedPriorityHealth };
    }

    private static Dictionary<EndpointLocality, uint> Weights(EndpointsOfPriority cluster, Endpoint[] subset, bool isScaled)
    {
        var weights = new Dictionary<EndpointLocality, uint>();
        foreach (var locality in cluster.Localities)
        {
            var share = isScaled ? (float)subset.Count(endpoint => endpoint.Locality == locality.Locality) / locality.All.Length : 1;
            weights[locality.Locality] = (uint)MathF.Round(locality.Weight * share, MidpointRounding.AwayFromZero);
        }
        return weights;
    }
}
