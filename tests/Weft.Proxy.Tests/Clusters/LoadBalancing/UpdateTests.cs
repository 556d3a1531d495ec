using Weft.Base;
using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Hashing;
using Weft.Proxy.Tests.Clusters.LoadBalancing.Hashing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing;

/// <summary>What was derived from a snapshot is mended for the next: it must come to the same as if it were made anew.</summary>
public sealed class UpdateTests
{
    private readonly ClusterStats _stats = new(new StatsStore().Scope(""));
    private readonly CircuitBreakers _active = CircuitBreakers.Create(null, new StatsStore().Scope(""));
    private readonly RandomSource _random = new(11);

    [Theory]
    [InlineData(LbPolicy.RingHash, RingHashFunction.XxHash)]
    [InlineData(LbPolicy.RingHash, RingHashFunction.MurmurHash2)]
    [InlineData(LbPolicy.Maglev, RingHashFunction.XxHash)]
    public void A_mended_table_is_the_one_that_would_be_made_anew(LbPolicy policy, RingHashFunction function)
    {
        var config = new LoadBalancingConfig { Policy = policy, RingHash = new RingHashConfig { Function = function, MinSize = 300 }, Maglev = new MaglevConfig { TableSize = 1_009 } };
        var endpoints = Enumerable.Range(1, 40).Select(i => HashTables.Endpoint(i, weight: (uint)(1 + i % 5))).ToList();
        var snapshot = EndpointsSnapshot.Empty;
        HashPlan? plan = null;
        for (var round = 0; round < 60; round++)
        {
            Disturb(endpoints, round);
            snapshot = EndpointsSnapshot.Build(endpoints.ToArray(), new LoadAssignment(), snapshot);
            plan = Plan(config, snapshot, plan);
            var anew = Plan(config, EndpointsSnapshot.Build(endpoints), null);
            for (var i = 0; i < 500; i++)
            {
                var hash = _random.Next();
                Assert.Same(anew.TableOf(0).Find(hash, 0), plan.TableOf(0).Find(hash, 0));
            }
        }
    }

    [Fact]
    public void Endpoints_that_share_a_key_come_and_go_one_by_one()
    {
        var config = new LoadBalancingConfig { Policy = LbPolicy.RingHash, RingHash = new RingHashConfig { UseHostname = true } };
        Endpoint[] endpoints = [.. Enumerable.Range(1, 4).Select(i => HashTables.Endpoint(i, hostname: "same"))];
        var snapshot = EndpointsSnapshot.Build(endpoints);
        var plan = Plan(config, snapshot, null);
        foreach (var endpoint in endpoints[..3])
        {
            endpoint.SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
            snapshot = EndpointsSnapshot.Build(endpoints, new LoadAssignment(), snapshot);
            plan = Plan(config with { PanicThresholdPercent = 0 }, snapshot, plan);
            for (ulong hash = 0; hash < 200; hash++)
                Assert.Equal(EndpointHealth.Healthy, plan.TableOf(0).Find(hash << 56, 0)!.Health);
        }
    }

    [Fact]
    public void A_table_is_kept_when_only_another_priority_changes()
    {
        Endpoint[] endpoints = [HashTables.Endpoint(1), HashTables.Endpoint(2, priority: 1), HashTables.Endpoint(3, priority: 1)];
        var config = new LoadBalancingConfig { Policy = LbPolicy.Maglev };
        var snapshot = EndpointsSnapshot.Build(endpoints);
        var plan = Plan(config, snapshot, null);
        endpoints[2].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        var next = Plan(config, EndpointsSnapshot.Build(endpoints, new LoadAssignment(), snapshot), plan);
        Assert.Same(plan.TableOf(0), next.TableOf(0));
        Assert.NotSame(plan.TableOf(1), next.TableOf(1));
    }

    [Theory]
    [InlineData(LbPolicy.RoundRobin)]
    [InlineData(LbPolicy.LeastRequest)]
    public void Weighted_turns_go_on_when_endpoints_come_and_go(LbPolicy policy)
    {
        var config = new LoadBalancingConfig { Policy = policy };
        Endpoint[] endpoints = [TestEndpoints.Create(1, weight: 1), TestEndpoints.Create(2, weight: 2), TestEndpoints.Create(3, weight: 4), TestEndpoints.Create(4, weight: 3)];
        var snapshot = EndpointsSnapshot.Build(endpoints);
        var plan = new PriorityPlan(config, _stats, snapshot);
        var balancer = plan.CreateBalancer(_random, null);
        var picks = new Dictionary<Endpoint, int>();
        // The heavy one flickers while the others have 6 shares each round: nobody loses a turn or gets one twice.
        for (var round = 0; round < 300; round++)
        {
            if (round % 2 == 0)
                endpoints[2].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
            else
                endpoints[2].ClearHealthFlags(EndpointHealthFlags.FailedActiveHc);
            snapshot = EndpointsSnapshot.Build(endpoints, new LoadAssignment(), snapshot);
            plan = new PriorityPlan(config, _stats, snapshot, plan);
            balancer = plan.CreateBalancer(_random, balancer);
            for (var i = 0; i < (round % 2 == 0 ? 6 : 10); i++)
            {
                var endpoint = balancer.Pick(default)!;
                Assert.Equal(EndpointHealth.Healthy, endpoint.Health);
                picks[endpoint] = picks.GetValueOrDefault(endpoint) + 1;
            }
        }

        Assert.InRange(picks[endpoints[0]], 295, 305);
        Assert.InRange(picks[endpoints[1]], 595, 605);
        Assert.InRange(picks[endpoints[2]], 590, 610);
        Assert.InRange(picks[endpoints[3]], 895, 905);
    }

    [Fact]
    public void Equal_turns_go_on_too()
    {
        Endpoint[] endpoints = [.. Enumerable.Range(1, 4).Select(i => TestEndpoints.Create(i))];
        var snapshot = EndpointsSnapshot.Build(endpoints);
        var balancer = new PriorityPlan(new LoadBalancingConfig(), _stats, snapshot).CreateBalancer(_random, null);
        while (balancer.Pick(default) != endpoints[0])
        {
        }

        endpoints[3].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        snapshot = EndpointsSnapshot.Build(endpoints, new LoadAssignment(), snapshot);
        balancer = new PriorityPlan(new LoadBalancingConfig(), _stats, snapshot).CreateBalancer(_random, balancer);
        Assert.Same(endpoints[1], balancer.Pick(default));
    }

    [Fact]
    public void A_changed_weight_holds_at_once()
    {
        Endpoint[] endpoints = [TestEndpoints.Create(1), TestEndpoints.Create(2)];
        var snapshot = EndpointsSnapshot.Build(endpoints);
        var plan = new PriorityPlan(new LoadBalancingConfig(), _stats, snapshot);
        var balancer = plan.CreateBalancer(_random, null);
        balancer.Pick(default);
        endpoints[1].Reconfigure(3, null, EndpointHealthFlags.None);
        snapshot = EndpointsSnapshot.Build(endpoints, new LoadAssignment(), snapshot);
        plan = new PriorityPlan(new LoadBalancingConfig(), _stats, snapshot, plan);
        balancer = plan.CreateBalancer(_random, balancer);
        Assert.Equal(300, Enumerable.Range(0, 400).Count(_ => balancer.Pick(default) == endpoints[1]), 2.0);
    }

    [Fact]
    public void Lists_are_kept_as_they_are_until_something_in_them_changes()
    {
        Endpoint[] endpoints = [HashTables.Endpoint(1, zone: "a"), HashTables.Endpoint(2, zone: "a"), HashTables.Endpoint(3, zone: "b"), HashTables.Endpoint(4, priority: 1)];
        var before = EndpointsSnapshot.Build(endpoints);
        Assert.Equal(before.Priorities, EndpointsSnapshot.Build(endpoints, new LoadAssignment(), before).Priorities);

        endpoints[2].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        var failed = EndpointsSnapshot.Build(endpoints, new LoadAssignment(), before);
        Assert.Same(before.Priorities[1], failed.Priorities[1]);
        Assert.Same(before.Priorities[0].All, failed.Priorities[0].All);
        Assert.Same(before.Priorities[0].Localities[0], failed.Priorities[0].Localities[0]);
        Assert.Equal(endpoints[..2], failed.Priorities[0].Healthy);
        Assert.Empty(failed.Priorities[0].Localities[1].Healthy);

        endpoints[0].Reconfigure(7, null, EndpointHealthFlags.None);
        var weighted = EndpointsSnapshot.Build(endpoints, new LoadAssignment(), failed);
        Assert.NotSame(failed.Priorities[0].Healthy, weighted.Priorities[0].Healthy);
        Assert.NotSame(failed.Priorities[0].Localities[0].Healthy, weighted.Priorities[0].Localities[0].Healthy);
        Assert.Same(failed.Priorities[0].Localities[1], weighted.Priorities[0].Localities[1]);

        var fewer = EndpointsSnapshot.Build(endpoints[1..], new LoadAssignment(), weighted);
        Assert.Equal(endpoints[1..3], fewer.Priorities[0].All);
        Assert.Same(weighted.Priorities[0].Localities[1], fewer.Priorities[0].Localities[1]);
        Assert.Same(weighted.Priorities[1], fewer.Priorities[1]);
    }

    [Fact]
    public void What_has_come_and_what_is_gone_is_told()
    {
        Endpoint[] all = [.. Enumerable.Range(0, 9).Select(i => TestEndpoints.Create(i))];
        for (var round = 0; round < 500; round++)
        {
            var before = all.Where(_ => _random.Next(4) != 0).ToArray();
            var now = all.Where(_ => _random.Next(4) != 0).ToArray();
            if (round % 5 == 0)
                Array.Reverse(now);
            var change = new EndpointChange(before, now);
            Assert.Equal(before.Except(now), change.Gone);
            Assert.Equal(now.Except(before), change.Come.Select(i => now[i]));
            for (var i = 0; i < before.Length; i++)
                Assert.Equal(Array.IndexOf(now, before[i]), change.IndexNow(i, before[i]));
        }
    }

    private HashPlan Plan(LoadBalancingConfig config, EndpointsSnapshot endpoints, HashPlan? previous) => new(config, _stats.LbHealthyPanic, _active, endpoints, previous);

    /// <summary>Some endpoints fail or recover, now and then one has another weight, one goes and another comes.</summary>
    private void Disturb(List<Endpoint> endpoints, int round)
    {
        for (var i = 0; i <= round % 3; i++)
        {
            var endpoint = endpoints[(int)_random.Next((uint)endpoints.Count)];
            if (endpoint.Health == EndpointHealth.Healthy)
                endpoint.SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
            else
                endpoint.ClearHealthFlags(EndpointHealthFlags.FailedActiveHc);
        }

        if (round % 7 == 3)
            endpoints[round % endpoints.Count].Reconfigure((uint)(1 + round % 9), null, EndpointHealthFlags.None);
        if (round % 5 == 4)
        {
            endpoints.RemoveAt((int)_random.Next((uint)endpoints.Count));
            endpoints.Insert((int)_random.Next((uint)endpoints.Count), HashTables.Endpoint(1_000 + round, weight: 2));
        }
    }
}
