using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;

namespace Weft.Bench.Balancing;

/// <summary>A way to balance, with endpoints of equal or of different weights.</summary>
internal sealed record Policy(string Name, LoadBalancingConfig Config, bool IsWeighted = false, int Localities = 1);

internal static class Policies
{
    public static IReadOnlyList<Policy> All { get; } =
    [
        new("round robin", new LoadBalancingConfig()),
        new("round robin, weighted", new LoadBalancingConfig(), IsWeighted: true),
        new("round robin, 3 weighted localities", new LoadBalancingConfig { IsLocalityWeighted = true }, Localities: 3),
        new("least request", new LoadBalancingConfig { Policy = LbPolicy.LeastRequest }),
        new("least request, weighted", new LoadBalancingConfig { Policy = LbPolicy.LeastRequest }, IsWeighted: true),
        new("least request, full scan", new LoadBalancingConfig { Policy = LbPolicy.LeastRequest, IsFullScan = true }),
        new("random", new LoadBalancingConfig { Policy = LbPolicy.Random }),
        new("ten subsets, round robin", new LoadBalancingConfig { Subsets = new SubsetConfig { Selectors = [new SubsetSelector { Keys = ["version"] }] } }),
        new("ring hash", new LoadBalancingConfig { Policy = LbPolicy.RingHash }),
        new("ring hash, weighted", new LoadBalancingConfig { Policy = LbPolicy.RingHash }, IsWeighted: true),
        new("maglev", new LoadBalancingConfig { Policy = LbPolicy.Maglev }),
        new("maglev, weighted", new LoadBalancingConfig { Policy = LbPolicy.Maglev }, IsWeighted: true),
    ];
}
