using Weft.Base.Stats;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Hashing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing.Hashing;

/// <summary>Rings are point for point those that Envoy builds.</summary>
public sealed class HashRingTests
{
    private readonly StatsStore _stats = new();

    private RingHashConfig Ring(ulong min, ulong max = 8 * 1024 * 1024) => new() { MinSize = min, MaxSize = max, Stats = new RingHashStats(_stats.Scope("")) };

    private static LoadBalancingConfig Config(RingHashConfig ring) => new() { Policy = LbPolicy.RingHash, RingHash = ring };

    private (long Size, long Min, long Max) Gauges()
    {
        var scope = _stats.Scope("");
        return (scope.Gauge("ring_hash_lb.size").Value, scope.Gauge("ring_hash_lb.min_hashes_per_host").Value, scope.Gauge("ring_hash_lb.max_hashes_per_host").Value);
    }

    [Theory]
    [InlineData(0, 94)]
    [InlineData(ulong.MaxValue, 94)]
    [InlineData(833437586790550860, 94)]
    [InlineData(833437586790550861, 92)]
    [InlineData(1033482794131418490, 90)]
    [InlineData(3551244743356806947, 95)]
    [InlineData(3551244743356806948, 93)]
    [InlineData(5583722120771150861, 91)]
    [InlineData(7700377290971790572, 93)]
    [InlineData(13144177310400110813, 95)]
    [InlineData(13444792449719432967, 92)]
    [InlineData(15516499411664133160, 94)]
    [InlineData(16117243373044804880, 90)]
    public void A_request_goes_to_the_first_point_at_or_after_its_hash(ulong hash, int port)
    {
        var balancer = HashTables.Balancer(Config(Ring(12)), HashTables.Endpoints(90, 91, 92, 93, 94, 95));
        Assert.Equal(port, balancer.Pick(hash)!.Address.Port);
        Assert.Equal((12, 2, 2), Gauges());
    }

    [Theory]
    [InlineData(0, 85)]
    [InlineData(1358027074129602068, 85)]
    [InlineData(1358027074129602069, 83)]
    [InlineData(10150910876324007730, 82)]
    [InlineData(17613279263364193814, 85)]
    public void The_other_hash_function_makes_another_ring(ulong hash, int port)
    {
        var ring = Ring(12) with { Function = RingHashFunction.MurmurHash2 };
        Assert.Equal(port, HashTables.Balancer(Config(ring), HashTables.Endpoints(80, 81, 82, 83, 84, 85)).Pick(hash)!.Address.Port);
    }

    [Fact]
    public void Points_follow_the_weights()
    {
        HashTables.Balancer(Config(Ring(1024)), [HashTables.Endpoint(80), HashTables.Endpoint(81, weight: 3)]);
        Assert.Equal((1024, 256, 768), Gauges());
    }

    [Fact]
    public void A_ring_is_made_larger_until_the_lightest_has_a_whole_number_of_points_but_not_larger_than_it_may_be()
    {
        HashTables.Balancer(Config(Ring(10)), [HashTables.Endpoint(80), HashTables.Endpoint(81), HashTables.Endpoint(82)]);
        Assert.Equal((12, 4, 4), Gauges());
        HashTables.Balancer(Config(Ring(1, max: 6)), HashTables.Endpoints(80, 81, 82, 83));
        Assert.Equal((4, 1, 1), Gauges());
        HashTables.Balancer(Config(Ring(10, max: 10)), HashTables.Endpoints(80, 81, 82, 83));
        Assert.Equal((10, 2, 3), Gauges());
    }

    [Fact]
    public void An_endpoint_can_be_known_by_its_hostname_or_a_key_of_its_metadata()
    {
        var byAddress = HashTables.Balancer(Config(Ring(64)), [HashTables.Endpoint(1), HashTables.Endpoint(2)]);
        var byKey = HashTables.Balancer(Config(Ring(64)), [HashTables.Endpoint(7, hashKey: "127.0.0.1:1"), HashTables.Endpoint(8, hashKey: "127.0.0.1:2")]);
        var byName = HashTables.Balancer(Config(Ring(64) with { UseHostname = true }), [HashTables.Endpoint(17, hostname: "127.0.0.1:1"), HashTables.Endpoint(18, hostname: "127.0.0.1:2")]);
        for (ulong hash = 0; hash < ulong.MaxValue - (ulong.MaxValue / 50); hash += ulong.MaxValue / 50)
        {
            var port = byAddress.Pick(hash)!.Address.Port;
            Assert.Equal(port + 6, byKey.Pick(hash)!.Address.Port);
            Assert.Equal(port + 16, byName.Pick(hash)!.Address.Port);
        }
    }

    [Fact]
    public void When_an_endpoint_goes_most_requests_of_others_stay()
    {
        var endpoints = HashTables.Endpoints(1, 2, 3, 4, 5);
        var before = HashTables.Balancer(Config(Ring(1024)), endpoints);
        var after = HashTables.Balancer(Config(Ring(1024)), endpoints[..4]);
        var (owned, moved) = (0, 0);
        for (var i = 0; i < 1000; i++)
        {
            var hash = (ulong)i * (ulong.MaxValue / 1000);
            var one = before.Pick(hash)!;
            if (one == endpoints[4])
                owned++;
            else if (one != after.Pick(hash))
                moved++;
        }
        Assert.InRange(owned, 100, 320);
        // The others have more points now, so some move among them.
        Assert.InRange(moved, 0, 250);
    }
}
