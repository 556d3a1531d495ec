using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Hashing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing.Hashing;

/// <summary>Tables are entry for entry those that Envoy builds.</summary>
public sealed class MaglevTableTests
{
    private readonly StatsStore _stats = new();

    private LoadBalancingConfig Config(ulong size) =>
        new() { Policy = LbPolicy.Maglev, Maglev = new MaglevConfig { TableSize = size, Stats = new MaglevStats(_stats.Scope("")) } };

    private (long Min, long Max) Gauges() =>
        (_stats.Scope("").Gauge("maglev_lb.min_entries_per_host").Value, _stats.Scope("").Gauge("maglev_lb.max_entries_per_host").Value);

    [Fact]
    public void Endpoints_take_entries_in_turn()
    {
        var balancer = HashTables.Balancer(Config(7), HashTables.Endpoints(90, 91, 92, 93, 94, 95));
        int[] owners = [92, 94, 90, 91, 95, 90, 93];
        for (ulong hash = 0; hash < 21; hash++)
            Assert.Equal(owners[hash % 7], balancer.Pick(hash)!.Address.Port);
        Assert.Equal((1, 2), Gauges());
    }

    [Fact]
    public void Heavier_endpoints_take_more()
    {
        var balancer = HashTables.Balancer(Config(17), [HashTables.Endpoint(90, 1), HashTables.Endpoint(91, 2)]);
        int[] owners = [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1];
        for (ulong hash = 0; hash < 34; hash++)
            Assert.Equal(90 + owners[hash % 17], balancer.Pick(hash)!.Address.Port);
        Assert.Equal((6, 11), Gauges());
    }

    [Fact]
    public void In_the_usual_table_weights_1_and_2_have_21846_and_43691_entries()
    {
        var balancer = HashTables.Balancer(Config(65_537), [HashTables.Endpoint(90, 1), HashTables.Endpoint(91, 2)]);
        var light = 0;
        for (ulong hash = 0; hash < 65_537; hash++)
            light += balancer.Pick(hash)!.Address.Port == 90 ? 1 : 0;
        Assert.Equal(21_846, light);
        Assert.Equal((21_846, 43_691), Gauges());
    }

    [Fact]
    public void The_order_of_endpoints_does_not_matter()
    {
        var one = HashTables.Balancer(Config(101), HashTables.Endpoints(1, 2, 3));
        var other = HashTables.Balancer(Config(101), HashTables.Endpoints(3, 1, 2));
        for (ulong hash = 0; hash < 101; hash++)
            Assert.Equal(one.Pick(hash)!.AddressText, other.Pick(hash)!.AddressText);
    }
}
