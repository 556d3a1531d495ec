using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Dns.Cache;

namespace Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;

/// <summary>Picks the endpoint of the host that the request names; null as long as no filter has had it looked up. Worker thread.</summary>
internal sealed class DynamicForwardProxyBalancer(DynamicForwardProxyPlan plan) : LoadBalancer
{
    public override Endpoint? Pick(in LoadBalancerContext context)
    {
        Span<char> key = stackalloc char[DnsCacheKey.MaxChars];
        return plan.Config.TryKey(context, key, out var length) ? plan.Find(key[..length]) : null;
    }
}
