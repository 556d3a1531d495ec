using Weft.Base;
using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Tests.Clusters.LoadBalancing.Hashing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing;

/// <summary>Locality-weighted load balancing, with the numbers of Envoy's documentation.</summary>
public sealed class LocalityTests
{
    private static readonly LoadBalancingConfig s_weighted = new() { IsLocalityWeighted = true };

    private readonly StatsStore _stats = new();

    private LoadBalancer Balancer(LoadBalancingConfig config, EndpointsSnapshot endpoints) =>
        new PriorityPlan(config, new ClusterStats(_stats.Scope("")), endpoints).CreateBalancer(new RandomSource(3), null);

    /// <summary>Endpoints of zones x and y with weights 1 and 2.</summary>
    private static EndpointsSnapshot XAndY(int inX, int inY, int failedInY = 0, int degradedInX = 0, uint weightOfX = 1)
    {
        var endpoints = new List<Endpoint>();
        for (var i = 0; i < inX; i++)
            endpoints.Add(HashTables.Endpoint(100 + i, zone: "x", flags: i < degradedInX ? EndpointHealthFlags.DegradedEdsHealth : EndpointHealthFlags.None));
        for (var i = 0; i < inY; i++)
            endpoints.Add(HashTables.Endpoint(200 + i, zone: "y", flags: i < failedInY ? EndpointHealthFlags.FailedActiveHc : EndpointHealthFlags.None));
        var assignment = new LoadAssignment { Localities = [new LocalityAssignment { Zone = "x", Weight = weightOfX }, new LocalityAssignment { Zone = "y", Weight = 2 }] };
        return EndpointsSnapshot.Build(endpoints, assignment, EndpointsSnapshot.Empty);
    }

    private static double ShareOfX(LoadBalancer balancer, int picks)
    {
        var x = 0;
        for (var i = 0; i < picks; i++)
            x += balancer.Pick(default)!.Zone == "x" ? 1 : 0;
        return (double)x / picks;
    }

    [Fact]
    public void Weights_1_and_2_share_requests_as_33_to_67_whatever_the_number_of_endpoints()
    {
        Assert.Equal(1.0 / 3, ShareOfX(Balancer(s_weighted, XAndY(1, 1)), 3_000), 3);
        Assert.Equal(1.0 / 3, ShareOfX(Balancer(s_weighted, XAndY(7, 2)), 3_000), 3);
    }

    [Fact]
    public void Weights_do_not_count_without_locality_weighted_load_balancing() =>
        Assert.Equal(0.5, ShareOfX(Balancer(new LoadBalancingConfig(), XAndY(1, 1)), 1_000));

    [Fact]
    public void With_half_of_y_healthy_its_weight_becomes_1_4()
    {
        // 2 * 1.4 * 0.5 = 1.4, so x gets 1 of 2.4.
        Assert.Equal(1.0 / 2.4, ShareOfX(Balancer(s_weighted, XAndY(2, 2, failedInY: 1)), 2_400), 2);
    }

    [Fact]
    public void Overprovisioning_keeps_the_weight_while_few_endpoints_fail() =>
        Assert.Equal(1.0 / 3, ShareOfX(Balancer(s_weighted, XAndY(2, 10, failedInY: 2)), 3_000), 3);

    [Fact]
    public void A_locality_without_weight_gets_nothing() => Assert.Equal(0, ShareOfX(Balancer(s_weighted, XAndY(3, 3, weightOfX: 0)), 100));

    [Fact]
    public void A_locality_whose_endpoints_have_failed_gets_nothing() => Assert.Equal(1, ShareOfX(Balancer(s_weighted, XAndY(4, 1, failedInY: 1)), 100));

    [Fact]
    public void Degraded_endpoints_are_shared_by_locality_too()
    {
        // One of four is healthy: 35 percent stay with y, the rest goes to the degraded of x.
        Assert.InRange(ShareOfX(Balancer(s_weighted, XAndY(3, 1, degradedInX: 3)), 10_000), 0.63, 0.67);
    }

    [Fact]
    public void Within_a_locality_endpoints_share_by_their_weights()
    {
        Endpoint[] endpoints = [HashTables.Endpoint(1, weight: 3, zone: "x"), HashTables.Endpoint(2, weight: 1, zone: "x"), HashTables.Endpoint(3, zone: "y")];
        var assignment = new LoadAssignment { Localities = [new LocalityAssignment { Zone = "x", Weight = 1 }, new LocalityAssignment { Zone = "y", Weight = 1 }] };
        var balancer = Balancer(s_weighted, EndpointsSnapshot.Build(endpoints, assignment, EndpointsSnapshot.Empty));
        var counts = new int[4];
        for (var i = 0; i < 8_000; i++)
            counts[balancer.Pick(default)!.Address.Port]++;
        Assert.InRange(counts[1], 2_980, 3_020);
        Assert.InRange(counts[2], 980, 1_020);
        Assert.InRange(counts[3], 3_980, 4_020);
    }

    [Fact]
    public void In_panic_localities_do_not_matter_and_requests_fail_when_that_is_asked_for()
    {
        var endpoints = XAndY(1, 4, failedInY: 4);
        Assert.InRange(ShareOfX(Balancer(s_weighted, endpoints), 1_000), 0.15, 0.25);
        Assert.Equal(1_000, _stats.Scope("").Counter("lb_healthy_panic").Value);
        Assert.Null(Balancer(s_weighted with { FailsInPanic = true }, endpoints).Pick(default));
    }

    [Fact]
    public void A_snapshot_leaves_the_turns_of_what_did_not_change_alone()
    {
        Endpoint[] endpoints = [TestEndpoints.Create(1), TestEndpoints.Create(2), TestEndpoints.Create(3), TestEndpoints.Create(1, priority: 1)];
        var stats = new ClusterStats(_stats.Scope(""));
        var before = EndpointsSnapshot.Build(endpoints);
        var balancer = new PriorityPlan(new LoadBalancingConfig(), stats, before).CreateBalancer(new RandomSource(3), null);
        var first = Array.IndexOf(endpoints, balancer.Pick(default));
        endpoints[3].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        for (var i = 1; i < 10; i++)
        {
            before = EndpointsSnapshot.Build(endpoints, new LoadAssignment(), before);
            balancer = new PriorityPlan(new LoadBalancingConfig(), stats, before).CreateBalancer(new RandomSource((ulong)i), balancer);
            Assert.Same(endpoints[(first + i) % 3], balancer.Pick(default));
        }
    }

    [Fact]
    public void A_pick_allocates_nothing()
    {
        var balancer = Balancer(s_weighted, XAndY(3, 2));
        Assert.Equal(0, Routing.Allocations.Of(() => balancer.Pick(default)));
    }
}
