namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Picks among the endpoints of other clusters. One worker.</summary>
internal interface IMemberBalancer
{
    Endpoint? Pick(in LoadBalancerContext context);

    /// <summary>The cluster that an endpoint belongs to: its connections, limits and statistics are there. Null when it has gone.</summary>
    WorkerCluster? OwnerOf(Endpoint endpoint);
}
