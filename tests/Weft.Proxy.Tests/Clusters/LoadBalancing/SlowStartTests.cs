using Weft.Base;
using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing;

public sealed class SlowStartTests
{
    private readonly ManualTime _time = new();

    private SlowStart Config(double aggression = 1, double min = 0.1) => new() { WindowMs = 10_000, Aggression = aggression, MinFactor = min, Time = _time };

    private static EndpointsSnapshot Snapshot(params Endpoint[] endpoints) => EndpointsSnapshot.Build(endpoints);

    [Fact]
    public void An_endpoint_grows_into_its_weight()
    {
        var endpoint = TestEndpoints.Create(1);
        var slowStart = Config();
        Assert.True(slowStart.Begin(Snapshot(endpoint)));
        Assert.Equal(0.1, slowStart.FactorOf(endpoint));
        _time.AdvanceMs(5_000);
        Assert.Equal(0.5, slowStart.FactorOf(endpoint));
        _time.AdvanceMs(4_999);
        Assert.Equal(0.9999, slowStart.FactorOf(endpoint), 6);
        _time.AdvanceMs(1);
        Assert.Equal(1, slowStart.FactorOf(endpoint));
        _time.AdvanceMs(1);
        Assert.False(slowStart.Begin(Snapshot(endpoint)));
    }

    [Fact]
    public void Aggression_bends_the_line()
    {
        var endpoint = TestEndpoints.Create(1);
        Config().Begin(Snapshot(endpoint));
        _time.AdvanceMs(2_500);
        Assert.Equal(0.5, Config(aggression: 2).FactorOf(endpoint));
        Assert.Equal(0.0625, Config(aggression: 0.5, min: 0).FactorOf(endpoint));
    }

    [Fact]
    public void It_begins_again_after_a_failed_health_check_but_not_after_an_ejection()
    {
        var endpoint = TestEndpoints.Create(1);
        var slowStart = Config();
        slowStart.Begin(Snapshot(endpoint));
        _time.AdvanceMs(20_000);
        endpoint.SetHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        slowStart.Begin(Snapshot(endpoint));
        endpoint.ClearHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        slowStart.Begin(Snapshot(endpoint));
        Assert.Equal(1, slowStart.FactorOf(endpoint));
        endpoint.SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        slowStart.Begin(Snapshot(endpoint));
        endpoint.ClearHealthFlags(EndpointHealthFlags.FailedActiveHc);
        slowStart.Begin(Snapshot(endpoint));
        Assert.Equal(0.1, slowStart.FactorOf(endpoint));
    }

    [Theory]
    [InlineData(LbPolicy.RoundRobin)]
    [InlineData(LbPolicy.LeastRequest)]
    public void A_new_endpoint_gets_few_requests_at_first(LbPolicy policy)
    {
        var old = TestEndpoints.Create(1);
        var config = new LoadBalancingConfig { Policy = policy, SlowStart = Config() };
        config.SlowStart.Begin(Snapshot(old));
        _time.AdvanceMs(60_000);
        var fresh = TestEndpoints.Create(2);
        var snapshot = Snapshot(old, fresh);
        var balancer = new PriorityPlan(config, new ClusterStats(new StatsStore().Scope("")), snapshot).CreateBalancer(new RandomSource(1), null);
        Assert.InRange(Share(balancer, fresh, 1_100), 0.08, 0.11); // 0.1 of 1.1
        _time.AdvanceMs(5_000);
        Share(balancer, fresh, 100);
        Assert.InRange(Share(balancer, fresh, 1_500), 0.32, 0.35); // 0.5 of 1.5
        _time.AdvanceMs(6_000);
        Share(balancer, fresh, 100);
        Assert.InRange(Share(balancer, fresh, 1_000), 0.49, 0.51);
    }

    private static double Share(LoadBalancer balancer, Endpoint endpoint, int picks)
    {
        var count = 0;
        for (var i = 0; i < picks; i++)
            count += ReferenceEquals(balancer.Pick(default), endpoint) ? 1 : 0;
        return (double)count / picks;
    }
}
