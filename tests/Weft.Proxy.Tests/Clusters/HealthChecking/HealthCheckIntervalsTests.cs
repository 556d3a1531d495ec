using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Base;
using Weft.Proxy.Clusters.HealthChecking;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Tests.Clusters.HealthChecking;

public sealed class HealthCheckIntervalsTests
{
    private readonly RandomSource _random = new(1);

    private static HealthCheck AllDifferent => new()
    {
        Interval = Seconds(1),
        UnhealthyInterval = Seconds(2),
        UnhealthyEdgeInterval = Seconds(3),
        HealthyEdgeInterval = Seconds(4),
        NoTrafficInterval = Seconds(5),
        NoTrafficHealthyInterval = Seconds(6),
    };

    [Theory]
    [InlineData(true, HealthTransition.Unchanged, true, 1)]
    [InlineData(true, HealthTransition.Changed, true, 1)]
    [InlineData(false, HealthTransition.Unchanged, true, 2)]
    [InlineData(false, HealthTransition.Changed, true, 2)]
    [InlineData(false, HealthTransition.Pending, true, 3)]
    [InlineData(true, HealthTransition.Pending, true, 4)]
    [InlineData(false, HealthTransition.Unchanged, false, 5)]
    [InlineData(true, HealthTransition.Pending, false, 5)]
    [InlineData(true, HealthTransition.Unchanged, false, 6)]
    internal void The_wait_depends_on_result_edge_and_traffic(bool isSuccess, HealthTransition transition, bool hasTraffic, int seconds) =>
        Assert.Equal(seconds * 1000, Next(HealthCheckIntervals.Create(AllDifferent), isSuccess, transition, hasTraffic));

    [Fact]
    public void What_is_not_given_follows_from_what_is()
    {
        var intervals = HealthCheckIntervals.Create(new HealthCheck { Interval = Seconds(1), UnhealthyInterval = Seconds(2) });
        Assert.Equal((2000, 1000), (Next(intervals, false, HealthTransition.Pending, true), Next(intervals, true, HealthTransition.Pending, true)));
        Assert.Equal((60_000, 60_000), (Next(intervals, true, HealthTransition.Unchanged, false), Next(intervals, false, HealthTransition.Unchanged, false)));
    }

    [Fact]
    public void Jitter_lengthens_the_wait_up_to_its_bounds()
    {
        var intervals = HealthCheckIntervals.Create(new HealthCheck { Interval = Seconds(1), IntervalJitter = Seconds(1), IntervalJitterPercent = 50, InitialJitter = Seconds(10) });
        var waits = Enumerable.Range(0, 1000).Select(_ => Next(intervals, true, HealthTransition.Unchanged, true)).ToArray();
        Assert.All(waits, wait => Assert.InRange(wait, 1000, 2498));
        Assert.True(waits.Max() > 2000 && waits.Min() < 1300);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(intervals.FirstMs(_random, RuntimeSnapshot.Empty), 1, 10_000));
    }

    private static Duration Seconds(int count) => new() { Seconds = count };

    private long Next(HealthCheckIntervals intervals, bool isSuccess, HealthTransition transition, bool hasTraffic) =>
        intervals.NextMs(isSuccess, transition, hasTraffic, _random, RuntimeSnapshot.Empty);
}
