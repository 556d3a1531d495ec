using Weft.Base;
using Weft.Net;
using Weft.Proxy.Clusters.LoadBalancing;

namespace Weft.Proxy.Clusters.DiscoveryTypes.OriginalDst;

/// <summary>The endpoints of an ORIGINAL_DST cluster by their address. Immutable, shared by all workers.</summary>
internal sealed class OriginalDstPlan : BalancerPlan
{
    private readonly Dictionary<NetAddress, Endpoint> _byAddress = [];

    public OriginalDstPlan(OriginalDstCluster cluster, EndpointsSnapshot endpoints)
    {
        Cluster = cluster;
        foreach (var priority in endpoints.Priorities)
        {
            foreach (var endpoint in priority.All)
                _byAddress[endpoint.Address] = endpoint;
        }
    }

    public OriginalDstCluster Cluster { get; }

    public Endpoint? Find(NetAddress address) => _byAddress.GetValueOrDefault(address);

    public override LoadBalancer CreateBalancer(RandomSource random, LoadBalancer? previous) => new OriginalDstLoadBalancer(this);
}
