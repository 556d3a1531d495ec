using Weft.Base;
using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing;

/// <summary>What retries ask of balancers: other endpoints, other priorities.</summary>
public sealed class RetryTests
{
    private static LoadBalancer Balancer(LoadBalancingConfig config, params Endpoint[] endpoints) =>
        new PriorityPlan(config, new ClusterStats(new StatsStore().Scope("")), EndpointsSnapshot.Build(endpoints)).CreateBalancer(new RandomSource(1), null);

    private static Endpoint? Pick(LoadBalancer balancer, RetrySelection retry) => balancer.Pick(new LoadBalancerContext(null, null) { Retry = retry });

    [Fact]
    public void Endpoints_that_are_not_wanted_are_passed_over_while_attempts_last()
    {
        var endpoints = new[] { TestEndpoints.Create(1), TestEndpoints.Create(2) };
        var balancer = Balancer(new LoadBalancingConfig(), endpoints);
        for (var i = 0; i < 20; i++)
            Assert.Same(endpoints[1], Pick(balancer, new Unwanted { Attempts = 1, Endpoints = [endpoints[0]] }));
        // None is wanted: the last one that was drawn is taken.
        Assert.NotNull(Pick(balancer, new Unwanted { Attempts = 3, Endpoints = endpoints }));
        var picks = Enumerable.Range(0, 10).Select(_ => Pick(balancer, new Unwanted { Attempts = 0, Endpoints = [endpoints[0]] })).Distinct();
        Assert.Equal(2, picks.Count());
    }

    [Fact]
    public void Priorities_that_were_tried_get_nothing_while_another_can_take_the_request()
    {
        var endpoints = new[] { TestEndpoints.Create(1), TestEndpoints.Create(1, priority: 1), TestEndpoints.Create(1, priority: 2) };
        var balancer = Balancer(new LoadBalancingConfig(), endpoints);
        for (var i = 0; i < 50; i++)
        {
            Assert.Same(endpoints[1], Pick(balancer, new Unwanted { Priorities = [0] }));
            Assert.Same(endpoints[2], Pick(balancer, new Unwanted { Priorities = [0, 1] }));
            Assert.Same(endpoints[0], Pick(balancer, new Unwanted { Priorities = [0, 1, 2] }));
            Assert.Same(endpoints[0], Pick(balancer, new Unwanted { Priorities = [1] }));
        }
    }

    [Fact]
    public void What_is_left_is_shared_by_health()
    {
        // Of the untried priorities 1 has 70 percent to give and 2 the rest.
        var endpoints = new[]
        {
            TestEndpoints.Create(1), TestEndpoints.Create(1, priority: 1), TestEndpoints.Create(2, priority: 1, flags: EndpointHealthFlags.FailedEdsHealth), TestEndpoints.Create(1, priority: 2),
        };
        var balancer = Balancer(new LoadBalancingConfig(), endpoints);
        var count = 0;
        for (var i = 0; i < 10_000; i++)
            count += ReferenceEquals(Pick(balancer, new Unwanted { Priorities = [0] }), endpoints[1]) ? 1 : 0;
        Assert.InRange(count, 6_800, 7_200);
    }

    [Fact]
    public void A_full_scan_finds_the_idlest_and_shares_among_equals()
    {
        var endpoints = Enumerable.Range(1, 6).Select(i => TestEndpoints.Create(i)).ToArray();
        foreach (var endpoint in endpoints)
            endpoint.ActiveRequests = 3;
        endpoints[1].ActiveRequests = endpoints[4].ActiveRequests = 2;
        var balancer = Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest, IsFullScan = true }, endpoints);
        var counts = new int[6];
        for (var i = 0; i < 4_000; i++)
            counts[Array.IndexOf(endpoints, balancer.Pick(default))]++;
        Assert.Equal(4_000, counts[1] + counts[4]);
        Assert.InRange(counts[1], 1_850, 2_150);
    }

    private sealed class Unwanted : RetrySelection
    {
        public int Attempts { get; init; } = 1;

        public Endpoint[] Endpoints { get; init; } = [];

        public int[] Priorities { get; init; } = [];

        public override int MaxAttempts => Attempts;

        public override bool Rejects(Endpoint endpoint) => Endpoints.Contains(endpoint);

        public override bool HasTried(int priority) => Priorities.Contains(priority);
    }
}
