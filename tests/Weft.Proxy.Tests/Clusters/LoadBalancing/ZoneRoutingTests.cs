using Weft.Base;
using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Tests.Clusters.LoadBalancing.Hashing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing;

public sealed class ZoneRoutingTests
{
    private readonly StatsStore _stats = new();

    private static EndpointsSnapshot Zones(params (string Zone, int Healthy, int Failed)[] zones)
    {
        var endpoints = new List<Endpoint>();
        foreach (var (zone, healthy, failed) in zones)
        {
            for (var i = 0; i < healthy + failed; i++)
                endpoints.Add(HashTables.Endpoint(endpoints.Count + 1, zone: zone, flags: i < healthy ? EndpointHealthFlags.None : EndpointHealthFlags.FailedActiveHc));
        }
        return EndpointsSnapshot.Build(endpoints);
    }

    private LoadBalancer Balancer(EndpointsSnapshot local, EndpointsSnapshot upstream, LoadBalancingConfig? config = null)
    {
        var localCluster = new LocalCluster("local", new EndpointLocality("", "a", "")) { Endpoints = local };
        config = (config ?? new LoadBalancingConfig { Zones = new ZoneAwareConfig { MinClusterSize = 1 } }) with { LocalCluster = localCluster };
        return new PriorityPlan(config, new ClusterStats(_stats.Scope("")), upstream).CreateBalancer(new RandomSource(5), null);
    }

    private long Counter(string name) => _stats.Scope("").Counter(name).Value;

    private static Dictionary<string, int> Count(LoadBalancer balancer, int picks)
    {
        var counts = new Dictionary<string, int> { ["a"] = 0, ["b"] = 0, ["c"] = 0 };
        for (var i = 0; i < picks; i++)
            counts[balancer.Pick(default)!.Zone]++;
        return counts;
    }

    [Fact]
    public void All_requests_stay_where_the_zone_has_the_capacity()
    {
        Assert.Equal(100, Count(Balancer(Zones(("a", 1, 0), ("b", 1, 0)), Zones(("a", 3, 0), ("b", 2, 0))), 100)["a"]);
        Assert.Equal((1, 100), (Counter("lb_recalculate_zone_structures"), Counter("lb_zone_routing_all_directly")));
    }

    [Fact]
    public void Otherwise_the_rest_goes_to_zones_with_capacity_to_spare()
    {
        // Proxies 40:40:20, endpoints 25:50:25: 62.5 percent stay, the rest is shared 10:5 by b and c.
        var counts = Count(Balancer(Zones(("a", 2, 0), ("b", 2, 0), ("c", 1, 0)), Zones(("a", 2, 0), ("b", 4, 0), ("c", 2, 0))), 40_000);
        Assert.InRange(counts["a"], 24_500, 25_500);
        Assert.InRange(counts["b"], 9_600, 10_400);
        Assert.InRange(counts["c"], 4_700, 5_300);
        Assert.Equal(counts["a"], Counter("lb_zone_routing_sampled"));
        Assert.Equal(40_000 - counts["a"], Counter("lb_zone_routing_cross_zone"));
    }

    [Fact]
    public void Only_healthy_endpoints_are_capacity()
    {
        var counts = Count(Balancer(Zones(("a", 1, 0), ("b", 1, 0)), Zones(("a", 1, 1), ("b", 3, 0))), 10_000);
        Assert.InRange(counts["a"], 4_800, 5_200);
    }

    [Fact]
    public void Small_clusters_are_not_split()
    {
        var counts = Count(Balancer(Zones(("a", 1, 0), ("b", 1, 0)), Zones(("a", 3, 0), ("b", 2, 0)), new LoadBalancingConfig()), 1_000);
        Assert.Equal(400, counts["b"]);
        Assert.Equal(1, Counter("lb_zone_cluster_too_small"));
    }

    [Fact]
    public void A_local_cluster_without_this_proxy_says_nothing()
    {
        Assert.Equal(60, Count(Balancer(Zones(("b", 1, 0), ("c", 1, 0)), Zones(("a", 3, 0), ("b", 3, 0))), 120)["b"]);
        Assert.Equal(1, Counter("lb_local_cluster_not_ok"));
    }

    [Fact]
    public void A_local_cluster_in_panic_says_nothing_or_fails_requests()
    {
        var local = Zones(("a", 1, 4), ("b", 1, 4));
        var upstream = Zones(("a", 3, 0), ("b", 2, 0));
        Assert.Equal(40, Count(Balancer(local, upstream), 100)["b"]);
        Assert.Equal(100, Counter("lb_local_cluster_not_ok"));
        Assert.Null(Balancer(local, upstream, new LoadBalancingConfig { FailsInPanic = true, Zones = new ZoneAwareConfig { MinClusterSize = 1 } }).Pick(default));
    }

    [Fact]
    public void Part_of_the_requests_can_be_left_out()
    {
        var config = new LoadBalancingConfig { Zones = new ZoneAwareConfig { MinClusterSize = 1, RoutingPercent = 50 } };
        Assert.InRange(Count(Balancer(Zones(("a", 1, 0), ("b", 1, 0)), Zones(("a", 2, 0), ("b", 2, 0)), config), 10_000)["b"], 2_300, 2_700);
    }

    [Fact]
    public void Requests_can_be_forced_to_stay()
    {
        var config = new LoadBalancingConfig { Zones = new ZoneAwareConfig { MinClusterSize = 1, ForceLocalMinSize = 1 } };
        Assert.Equal(100, Count(Balancer(Zones(("a", 3, 0)), Zones(("a", 1, 0), ("b", 9, 0)), config), 100)["a"]);
    }
}
