using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Hashing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing.Hashing;

public sealed class HashLoadBalancerTests
{
    private static readonly LoadBalancingConfig Maglev = new() { Policy = LbPolicy.Maglev, Maglev = new MaglevConfig { TableSize = 101 } };
    private static readonly LoadBalancingConfig Ring = new() { Policy = LbPolicy.RingHash };

    [Fact]
    public void Without_a_hash_requests_spread()
    {
        var balancer = HashTables.Balancer(Ring, HashTables.Endpoints(1, 2, 3));
        Assert.Equal(3, Enumerable.Range(0, 200).Select(_ => balancer.Pick(default)).Distinct().Count());
    }

    [Fact]
    public void Failed_endpoints_are_not_in_the_table_unless_in_panic()
    {
        var endpoints = HashTables.Endpoints(1, 2, 3, 4);
        endpoints[0].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        Assert.Equal(3, Enumerable.Range(0, 101).Select(i => HashTables.Balancer(Maglev, endpoints).Pick((ulong)i)).Distinct().Count());
        endpoints[1].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        endpoints[2].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        var stats = new StatsStore();
        var balancer = HashTables.Balancer(Maglev, EndpointsSnapshot.Build(endpoints), stats: stats);
        Assert.Equal(4, Enumerable.Range(0, 101).Select(i => balancer.Pick((ulong)i)).Distinct().Count());
        Assert.Equal(101, stats.Scope("").Counter("lb_healthy_panic").Value);
    }

    [Fact]
    public void Where_nobody_is_healthy_degraded_endpoints_serve()
    {
        var endpoints = HashTables.Endpoints(1, 2);
        foreach (var endpoint in endpoints)
            endpoint.SetHealthFlags(EndpointHealthFlags.DegradedEdsHealth);
        Assert.NotNull(HashTables.Balancer(Ring, endpoints).Pick(5));
    }

    [Fact]
    public void Nobody_to_pick_is_null() => Assert.Null(HashTables.Balancer(Ring, []).Pick(5));

    [Fact]
    public void The_hash_decides_the_priority_too()
    {
        // Half of priority 0 is healthy: 70 percent stay there.
        Endpoint[] endpoints = [HashTables.Endpoint(1), HashTables.Endpoint(2, flags: EndpointHealthFlags.FailedEdsHealth), HashTables.Endpoint(3, priority: 1)];
        var balancer = HashTables.Balancer(Ring, endpoints);
        for (ulong hash = 0; hash < 200; hash++)
            Assert.Equal(hash % 100 < 70 ? 1 : 3, balancer.Pick(hash)!.Address.Port);
    }

    [Fact]
    public void Weights_of_localities_multiply_those_of_endpoints()
    {
        var assignment = new LoadAssignment { Localities = [new LocalityAssignment { Zone = "a", Weight = 1 }, new LocalityAssignment { Zone = "b", Weight = 3 }] };
        Endpoint[] endpoints = [HashTables.Endpoint(1, zone: "a"), HashTables.Endpoint(2, zone: "a"), HashTables.Endpoint(3, zone: "b"), HashTables.Endpoint(4, zone: "unweighted")];
        var snapshot = EndpointsSnapshot.Build(endpoints, assignment, EndpointsSnapshot.Empty);
        var balancer = HashTables.Balancer(Maglev with { IsLocalityWeighted = true, Maglev = new MaglevConfig { TableSize = 65_537 } }, snapshot);
        var counts = new int[5];
        for (ulong hash = 0; hash < 65_537; hash++)
            counts[balancer.Pick(hash)!.Address.Port]++;
        Assert.InRange(counts[1], 8_100, 8_300);
        Assert.InRange(counts[2], 8_100, 8_300);
        Assert.InRange(counts[3], 49_000, 49_300);
        Assert.Equal(0, counts[4]);
    }

    [Fact]
    public void A_retry_is_hashed_on_to_other_endpoints()
    {
        foreach (var config in new[] { Ring, Maglev })
        {
            var balancer = HashTables.Balancer(config, HashTables.Endpoints(1, 2, 3, 4));
            for (ulong hash = 1; hash < 1_000_000_000_000_000_000; hash *= 3)
            {
                var first = balancer.Pick(hash)!;
                var other = balancer.Pick(new LoadBalancerContext(null, null) { Hash = hash, Retry = new NotAgain(30, first) });
                Assert.NotSame(first, other);
                Assert.Same(first, balancer.Pick(new LoadBalancerContext(null, null) { Hash = hash, Retry = new NotAgain(0, first) }));
            }
        }
    }

    [Fact]
    public void An_endpoint_with_more_than_its_share_hands_requests_to_others_always_the_same_for_a_hash()
    {
        var endpoints = HashTables.Endpoints(1, 2, 3, 4);
        var active = CircuitBreakers.Create(null, new StatsStore().Scope(""));
        var balancer = HashTables.Balancer(Maglev with { HashBalanceFactor = 150 }, endpoints, active);
        var owner = balancer.Pick(7)!;
        for (var i = 0; i < 8; i++)
            active.Default.Requests.Acquire();
        // (8 + 1) * 1.5 = 14 slots, 4 for each of the endpoints.
        owner.ActiveRequests = 4;
        Assert.Same(owner, balancer.Pick(7));
        owner.ActiveRequests = 5;
        var other = balancer.Pick(7)!;
        Assert.NotSame(owner, other);
        Assert.Same(other, balancer.Pick(7));
        other.ActiveRequests = 9;
        Assert.DoesNotContain(balancer.Pick(7), new[] { owner, other });
        foreach (var endpoint in endpoints)
            endpoint.ActiveRequests = 20;
        owner.ActiveRequests = 19;
        Assert.Same(owner, balancer.Pick(7));
    }

    [Fact]
    public void A_pick_allocates_nothing()
    {
        var endpoints = HashTables.Endpoints(1, 2, 3, 4);
        foreach (var config in new[] { Ring, Maglev, Ring with { HashBalanceFactor = 120 } })
        {
            endpoints[0].ActiveRequests = 100;
            var balancer = HashTables.Balancer(config, endpoints);
            ulong hash = 0;
            Assert.Equal(0, Routing.Allocations.Of(() => balancer.Pick(hash++ << 50)));
        }
    }

    private sealed class NotAgain(int attempts, Endpoint endpoint) : RetrySelection
    {
        public override int MaxAttempts => attempts;

        public override bool Rejects(Endpoint other) => ReferenceEquals(endpoint, other);
    }
}
