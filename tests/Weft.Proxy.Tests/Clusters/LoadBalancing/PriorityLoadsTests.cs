using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing;

/// <summary>The numbers of Envoy's documentation on priorities, degraded endpoints and panic.</summary>
public sealed class PriorityLoadsTests
{
    private static int[] Healthy(PriorityLoads loads) => [.. Enumerable.Range(0, loads.Count).Select(loads.HealthyLoad)];

    private static int[] Degraded(PriorityLoads loads) => [.. Enumerable.Range(0, loads.Count).Select(loads.DegradedLoad)];

    private static bool[] Panic(PriorityLoads loads) => [.. Enumerable.Range(0, loads.Count).Select(loads.IsPanic)];

    [Theory]
    [InlineData(100, 100)] // healthy endpoints of 100 at priority 0 -> percent that stay there
    [InlineData(72, 100)]
    [InlineData(71, 99)]
    [InlineData(50, 70)]
    [InlineData(25, 35)]
    [InlineData(0, 0)]
    public void A_priority_keeps_its_load_while_its_health_times_the_factor_suffices(int healthy, int share)
    {
        var loads = new PriorityLoads(TestEndpoints.Snapshot((healthy, 0, 100 - healthy), (100, 0, 0)), 50);
        Assert.Equal([share, 100 - share], Healthy(loads));
        Assert.Equal([false, false], Panic(loads));
    }

    [Fact]
    public void One_of_three_down_leaves_93_percent_and_two_down_47()
    {
        Assert.Equal([93, 7], Healthy(new PriorityLoads(TestEndpoints.Snapshot((2, 0, 1), (2, 0, 0)), 50)));
        Assert.Equal([46, 54], Healthy(new PriorityLoads(TestEndpoints.Snapshot((1, 0, 2), (2, 0, 0)), 50)));
    }

    [Fact]
    public void Health_that_does_not_add_up_to_a_hundred_is_normalised()
    {
        // Scores of 20 and 30 become 40 % and 60 %.
        var snapshot = new EndpointsSnapshot(TestEndpoints.Snapshot((2, 0, 8), (3, 0, 7)).Priorities) { OverprovisioningFactor = 100 };
        var loads = new PriorityLoads(snapshot, 0);
        Assert.Equal([40, 60], Healthy(loads));
        Assert.Equal([false, false], Panic(loads));
    }

    [Fact]
    public void Degraded_endpoints_get_what_the_healthy_ones_cannot_take()
    {
        var loads = new PriorityLoads(TestEndpoints.Snapshot((1, 3, 0)), 50);
        Assert.Equal([35], Healthy(loads));
        Assert.Equal([65], Degraded(loads));
        Assert.Equal([0], Degraded(new PriorityLoads(TestEndpoints.Snapshot((3, 1, 0)), 50)));
    }

    [Fact]
    public void Healthy_endpoints_of_a_later_priority_come_before_degraded_ones_of_an_earlier()
    {
        var loads = new PriorityLoads(TestEndpoints.Snapshot((0, 10, 0), (5, 0, 5)), 50);
        Assert.Equal([0, 70], Healthy(loads));
        Assert.Equal([30, 0], Degraded(loads));
    }

    [Fact]
    public void Below_the_threshold_with_nobody_to_take_over_there_is_panic()
    {
        Assert.Equal([true], Panic(new PriorityLoads(TestEndpoints.Snapshot((4, 0, 6)), 50)));
        Assert.Equal([false], Panic(new PriorityLoads(TestEndpoints.Snapshot((5, 0, 5)), 50)));
        Assert.Equal([false], Panic(new PriorityLoads(TestEndpoints.Snapshot((4, 0, 6)), 0)));
    }

    [Fact]
    public void There_is_no_panic_while_a_lower_priority_can_take_all_load()
    {
        var loads = new PriorityLoads(TestEndpoints.Snapshot((1, 0, 9), (10, 0, 0)), 50);
        Assert.Equal([14, 86], Healthy(loads));
        Assert.Equal([false, false], Panic(loads));
    }

    [Fact]
    public void Panic_is_decided_for_each_priority()
    {
        // 14 + 70 = 84 < 100: priority 0 is below the threshold, priority 1 is not.
        var loads = new PriorityLoads(TestEndpoints.Snapshot((1, 0, 9), (5, 0, 5)), 50);
        Assert.Equal([true, false], Panic(loads));
        Assert.Equal([17, 83], Healthy(loads));
    }

    [Fact]
    public void In_total_panic_load_follows_the_number_of_endpoints()
    {
        var loads = new PriorityLoads(TestEndpoints.Snapshot((0, 0, 3), (0, 0, 1)), 50);
        Assert.Equal([true, true], Panic(loads));
        Assert.Equal([75, 25], Healthy(loads));
    }

    [Fact]
    public void Without_endpoints_nothing_is_chosen()
    {
        Assert.Equal(-1, new PriorityLoads(EndpointsSnapshot.Empty, 50).Choose(7, out _));
        Assert.Equal(-1, new PriorityLoads(TestEndpoints.Snapshot((0, 0, 0), (0, 0, 0)), 50).Choose(7, out _));
        Assert.Equal(-1, new PriorityLoads(TestEndpoints.Snapshot((0, 0, 3)), 0).Choose(7, out _));
    }

    [Fact]
    public void An_empty_priority_is_passed_over()
    {
        var loads = new PriorityLoads(TestEndpoints.Snapshot((0, 0, 0), (2, 0, 0)), 50);
        Assert.Equal([0, 100], Healthy(loads));
        Assert.Equal(1, loads.Choose(0, out var selection));
        Assert.Equal(EndpointSelection.Healthy, selection);
    }

    [Fact]
    public void Weights_count_as_health_when_asked_for()
    {
        var endpoints = new[] { TestEndpoints.Create(1, weight: 3), TestEndpoints.Create(2, weight: 1, flags: EndpointHealthFlags.FailedEdsHealth), TestEndpoints.Create(1, priority: 1) };
        Assert.Equal([70, 30], Healthy(new PriorityLoads(EndpointsSnapshot.Build(endpoints), 50)));
        Assert.Equal([100, 0], Healthy(new PriorityLoads(EndpointsSnapshot.Build(endpoints, weightedPriorityHealth: true), 50)));
    }

    [Fact]
    public void Loads_always_add_up_to_a_hundred()
    {
        var random = new Base.RandomSource(7);
        for (var round = 0; round < 5_000; round++)
        {
            var priorities = new (int, int, int)[1 + random.Next(4)];
            for (var i = 0; i < priorities.Length; i++)
                priorities[i] = ((int)random.Next(8), (int)random.Next(8), (int)random.Next(8));
            var loads = new PriorityLoads(TestEndpoints.Snapshot(priorities), 50);
            var total = Healthy(loads).Sum() + Degraded(loads).Sum();
            var hasEndpoints = priorities.Any(p => p.Item1 + p.Item2 + p.Item3 > 0);
            Assert.Equal(hasEndpoints ? 100 : 0, total);
        }
    }
}
