using Weft.Base;
using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.FullScan;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing;

public sealed class PolicyTests
{
    private static LoadBalancer Balancer(LoadBalancingConfig config, IEnumerable<Endpoint> endpoints, ulong seed = 1, StatsStore? stats = null) =>
        new PriorityPlan(config, new ClusterStats((stats ?? new StatsStore()).Scope("")), EndpointsSnapshot.Build(endpoints)).CreateBalancer(new RandomSource(seed), null);

    private static Dictionary<Endpoint, int> Count(LoadBalancer balancer, int picks)
    {
        var counts = new Dictionary<Endpoint, int>();
        for (var i = 0; i < picks; i++)
        {
            var endpoint = balancer.Pick(default)!;
            counts[endpoint] = counts.GetValueOrDefault(endpoint) + 1;
        }
        return counts;
    }

    private static Endpoint[] Endpoints(params uint[] weights) => [.. weights.Select((weight, i) => TestEndpoints.Create(i + 1, weight))];

    [Fact]
    public void Round_robin_takes_turns_from_a_start_that_depends_on_the_worker()
    {
        var endpoints = Endpoints(1, 1, 1);
        var starts = new HashSet<Endpoint>();
        for (ulong seed = 0; seed < 20; seed++)
        {
            var balancer = Balancer(new LoadBalancingConfig(), endpoints, seed);
            var picks = Enumerable.Range(0, 7).Select(_ => balancer.Pick(default)!).ToArray();
            var first = Array.IndexOf(endpoints, picks[0]);
            for (var i = 0; i < picks.Length; i++)
                Assert.Same(endpoints[(first + i) % 3], picks[i]);
            starts.Add(picks[0]);
        }
        Assert.Equal(3, starts.Count);
    }

    [Fact]
    public void Weighted_round_robin_is_exact_over_every_full_period()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            var endpoints = Endpoints(1, 3, 5);
            var balancer = Balancer(new LoadBalancingConfig(), endpoints, seed);
            for (var period = 0; period < 20; period++)
            {
                var counts = Count(balancer, 9);
                Assert.Equal([1, 3, 5], endpoints.Select(e => counts.GetValueOrDefault(e)));
            }
        }
    }

    [Fact]
    public void Weighted_round_robin_spreads_the_picks_of_a_heavy_endpoint()
    {
        var endpoints = Endpoints(1, 1, 2);
        var balancer = Balancer(new LoadBalancingConfig(), endpoints);
        var picks = Enumerable.Range(0, 400).Select(_ => balancer.Pick(default)!).ToArray();
        // Its 200 turns are half a period apart: at most two in a row, and never three.
        for (var i = 2; i < picks.Length; i++)
            Assert.False(ReferenceEquals(picks[i], endpoints[2]) && ReferenceEquals(picks[i - 1], endpoints[2]) && ReferenceEquals(picks[i - 2], endpoints[2]));
        Assert.Equal(200, picks.Count(p => ReferenceEquals(p, endpoints[2])));
    }

    [Fact]
    public void Random_gives_every_endpoint_the_same_chance_whatever_its_weight()
    {
        var endpoints = Endpoints(1, 100, 1, 1);
        var counts = Count(Balancer(new LoadBalancingConfig { Policy = LbPolicy.Random }, endpoints, seed: 11), 40_000);
        Assert.All(endpoints, endpoint => Assert.InRange(counts[endpoint], 9_500, 10_500));
    }

    [Fact]
    public void Least_request_prefers_the_less_busy_of_two()
    {
        var endpoints = Endpoints(1, 1, 1, 1);
        endpoints[2].ActiveRequests = 5;
        var counts = Count(Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest }, endpoints, seed: 3), 32_000);
        // Only when both draws fall on it: 1 in 16.
        Assert.InRange(counts[endpoints[2]], 1_800, 2_200);
        Assert.InRange(counts[endpoints[0]], 9_500, 10_500);
    }

    [Fact]
    public void Least_request_with_more_choices_avoids_the_busy_better()
    {
        var endpoints = Endpoints(1, 1);
        endpoints[0].ActiveRequests = 1;
        var counts = Count(Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest, ChoiceCount = 10 }, endpoints, seed: 3), 102_400);
        Assert.InRange(counts.GetValueOrDefault(endpoints[0]), 50, 150); // 1 in 1,024
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(2500)]
    public void A_full_scan_finds_one_of_the_least_busy_and_each_of_them_as_often(int count)
    {
        var places = new ActiveCounts();
        var endpoints = Endpoints([.. Enumerable.Repeat(1u, count)]);
        foreach (var endpoint in endpoints)
        {
            endpoint.CountIn(places);
            endpoint.ActiveRequests = 2;
        }

        var balancer = Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest, IsFullScan = true }, endpoints, seed: 3);
        Assert.Equal(Math.Min(count, 60), Math.Min(60, Count(balancer, 20 * count).Count));
        endpoints[1].ActiveRequests = endpoints[count - 1].ActiveRequests = 1;
        var counts = Count(balancer, 2_000);
        Assert.Equal(2, counts.Count);
        Assert.InRange(counts[endpoints[1]], 900, 1_100);
        endpoints[0].ActiveRequests = 0;
        Assert.Same(endpoints[0], balancer.Pick(default));
    }

    [Fact]
    public void A_full_scan_leaves_out_endpoints_of_its_cluster_that_are_not_to_be_picked()
    {
        var places = new ActiveCounts();
        var endpoints = Endpoints([.. Enumerable.Repeat(1u, 100)]);
        foreach (var endpoint in endpoints)
        {
            endpoint.CountIn(places);
            endpoint.ActiveRequests = 1;
        }

        endpoints[5].ActiveRequests = 0;
        endpoints[5].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        var balancer = Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest, IsFullScan = true }, endpoints);
        Assert.DoesNotContain(endpoints[5], Count(balancer, 2_000).Keys);
    }

    [Fact]
    public void A_place_to_count_is_given_to_another_endpoint_when_the_first_has_gone()
    {
        var places = new ActiveCounts();
        var (first, second) = (TestEndpoints.Create(1), TestEndpoints.Create(2));
        first.CountIn(places);
        var place = first.ActivePlace;
        first.Release();
        second.CountIn(places);
        Assert.Same(place, second.ActivePlace);
        Assert.Equal(0, second.ActiveRequests);
    }

    [Fact]
    public void Weighted_least_request_follows_the_weights_when_nobody_is_busy()
    {
        var endpoints = Endpoints(1, 3, 5);
        var counts = Count(Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest }, endpoints), 9_000);
        Assert.Equal([1_000, 3_000, 5_000], endpoints.Select(e => counts[e]));
    }

    [Fact]
    public void Weighted_least_request_divides_the_weight_by_the_load_to_the_power_of_the_bias()
    {
        var endpoints = Endpoints(2, 4);
        endpoints[1].ActiveRequests = 3;
        var even = Count(Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest }, endpoints), 3_000);
        Assert.InRange(even[endpoints[1]], 990, 1_010); // 4 / 4 = 1 against 2
        var biased = Count(Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest, ActiveRequestBias = 2 }, endpoints), 9_000);
        Assert.InRange(biased[endpoints[1]], 990, 1_010); // 4 / 16 against 2
        var blind = Count(Balancer(new LoadBalancingConfig { Policy = LbPolicy.LeastRequest, ActiveRequestBias = 0 }, endpoints), 3_000);
        Assert.InRange(blind[endpoints[1]], 1_990, 2_010);
    }

    [Fact]
    public void Unhealthy_endpoints_are_not_picked_unless_in_panic()
    {
        var endpoints = Endpoints(1, 1, 1, 1);
        endpoints[0].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        Assert.DoesNotContain(endpoints[0], Count(Balancer(new LoadBalancingConfig(), endpoints), 100).Keys);
        endpoints[1].SetHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        endpoints[2].SetHealthFlags(EndpointHealthFlags.EdsStatusDraining);
        var stats = new StatsStore();
        Assert.Equal(4, Count(Balancer(new LoadBalancingConfig(), endpoints, stats: stats), 100).Count);
        Assert.Equal(100, stats.Scope("").Counter("lb_healthy_panic").Value);
        Assert.Single(Count(Balancer(new LoadBalancingConfig { PanicThresholdPercent = 0 }, endpoints), 100));
    }

    [Fact]
    public void Priorities_share_the_picks_as_their_loads_say()
    {
        var endpoints = new List<Endpoint>
        {
            TestEndpoints.Create(1), TestEndpoints.Create(2), TestEndpoints.Create(3, flags: EndpointHealthFlags.FailedActiveHc),
            TestEndpoints.Create(1, priority: 1),
        };
        var counts = Count(Balancer(new LoadBalancingConfig(), endpoints, seed: 5), 20_000);
        Assert.InRange(counts[endpoints[3]], 1_250, 1_550); // 7 %
    }

    [Fact]
    public void Degraded_endpoints_share_the_rest()
    {
        var endpoints = Endpoints(1, 1, 1, 1);
        endpoints[1].SetHealthFlags(EndpointHealthFlags.DegradedEdsHealth);
        endpoints[2].SetHealthFlags(EndpointHealthFlags.DegradedActiveHc);
        endpoints[3].SetHealthFlags(EndpointHealthFlags.DegradedEdsHealth);
        var counts = Count(Balancer(new LoadBalancingConfig(), endpoints, seed: 5), 20_000);
        Assert.InRange(counts[endpoints[0]], 6_700, 7_300);
    }

    [Theory]
    [InlineData(LbPolicy.RoundRobin)]
    [InlineData(LbPolicy.LeastRequest)]
    [InlineData(LbPolicy.Random)]
    public void An_endpoint_to_avoid_is_avoided_while_there_is_another(LbPolicy policy)
    {
        foreach (var weights in new uint[][] { [1, 1], [1000, 1], [1, 1, 1] })
        {
            var endpoints = Endpoints(weights);
            var balancer = Balancer(new LoadBalancingConfig { Policy = policy }, endpoints);
            for (var i = 0; i < 500; i++)
                Assert.NotSame(endpoints[0], balancer.Pick(new LoadBalancerContext(null, null) { Avoid = endpoints[0] }));
        }
        var only = Endpoints(1);
        Assert.Same(only[0], Balancer(new LoadBalancingConfig { Policy = policy }, only).Pick(new LoadBalancerContext(null, null) { Avoid = only[0] }));
    }

    [Theory]
    [InlineData(LbPolicy.RoundRobin)]
    [InlineData(LbPolicy.LeastRequest)]
    [InlineData(LbPolicy.Random)]
    public void A_pick_allocates_nothing(LbPolicy policy)
    {
        foreach (var weights in new uint[][] { [1, 1, 1], [1, 2, 3] })
        {
            var balancer = Balancer(new LoadBalancingConfig { Policy = policy }, Endpoints(weights));
            balancer.Pick(default);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
                balancer.Pick(default);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Fact]
    public void Nothing_to_pick_is_null()
    {
        Assert.Null(Balancer(new LoadBalancingConfig(), []).Pick(default));
    }

    [Fact]
    public void Runtime_overrides_the_panic_threshold_and_the_bias()
    {
        var config = new LoadBalancingConfig { ActiveRequestBias = 2, ActiveRequestBiasKey = "bias" };
        Assert.Equal((50, 2.0), Overridden(config, "{}"));
        Assert.Equal((10, 0.5), Overridden(config, "{ upstream.healthy_panic_threshold: 10, bias: 0.5 }"));
        Assert.Equal((100, 1.0), Overridden(config, "{ upstream.healthy_panic_threshold: 400, bias: -3 }"));
    }

    private static (int Panic, double Bias) Overridden(LoadBalancingConfig config, string values)
    {
        var context = new Config.ConfigContext();
        var layers = Config.ConfigReader.ReadText<Envoy.Config.Bootstrap.V3.LayeredRuntime>(
            $"layers: [ {{ name: fixed, static_layer: {values} }} ]", "runtime.yaml", new Config.ReadOptions(), context);
        var runtime = new Weft.Proxy.Runtime.RuntimeLayers(layers, context, new StatsStore().Scope(""));
        Assert.Empty(context.Findings.Errors);
        var overridden = config.With(runtime.Current);
        return (overridden.PanicThresholdPercent, overridden.ActiveRequestBias);
    }
}
