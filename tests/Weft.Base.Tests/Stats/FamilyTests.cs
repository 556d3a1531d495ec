using Weft.Base.Stats;

namespace Weft.Base.Tests.Stats;

public sealed class FamilyTests
{
    private static readonly StatNames s_gauges = new("some gauges", 2, static member => member == 0 ? "active" : "total", isAlwaysListed: true);
    private static readonly StatNames s_times = new("some times", 2, static member => member == 0 ? "first_ms" : "second_ms", isAlwaysListed: true);
    private static readonly StatNames s_codes = new("codes", 600, static member => $"code_{member}");

    private readonly StatsStore _store = new();

    [Fact]
    public void Gauges_of_a_family_are_listed_before_they_are_set_and_keep_every_bit_of_their_value()
    {
        var gauges = _store.Scope("cluster.web.").Gauges(s_gauges);
        Assert.Equal([("cluster.web.active", 0UL, false), ("cluster.web.total", 0UL, false)], Listed());
        gauges[0].Inc();
        gauges[1].Set(-2);
        Assert.Equal([("cluster.web.active", 1UL, true), ("cluster.web.total", ulong.MaxValue - 1, true)], Listed());
        Assert.All(List(), statistic => Assert.Equal(StatKind.Gauge, statistic.Kind));
    }

    [Fact]
    public void A_member_that_is_asked_for_by_its_name_is_the_same_gauge()
    {
        var scope = _store.Scope("cluster.web.");
        var gauges = scope.Gauges(s_gauges);
        var alone = _store.Scope("cluster.web.").Gauge("total");
        alone.Set(7);
        Assert.Equal(7, gauges[1].Value);
        Assert.Equal(2, List().Count);
        Assert.Equal(0, _store.Scope("cluster.web.").Counter("total").Value);
        Assert.Equal(3, List().Count);
    }

    [Fact]
    public void Histograms_of_a_family_are_listed_before_anything_was_recorded()
    {
        var times = _store.Scope("").Histograms(s_times, HistogramUnit.Milliseconds);
        Assert.All(List(), statistic => Assert.Null(statistic.Histogram));
        times[1].Record(0);
        times[1].Record(12);
        _store.Flush();
        var second = Assert.Single(List(), statistic => statistic.Name == "second_ms");
        Assert.Equal((2L, 12.0), (second.Histogram!.Cumulative.Count, second.Histogram.Cumulative.Sum));
    }

    [Fact]
    public void Families_end_with_their_scope()
    {
        var scope = _store.Scope("x.");
        scope.Gauges(s_gauges)[0].Set(1);
        scope.Counters(s_codes)[599].Inc();
        Assert.Equal(["x.active", "x.code_599", "x.total"], List().Select(statistic => statistic.Name).Order(StringComparer.Ordinal));
        scope.Dispose();
        Assert.Empty(List());
    }

    [Fact]
    public void Indices_of_different_use_never_overlap()
    {
        var space = new IndexSpace(64);
        var taken = new HashSet<int> { 0 };
        foreach (var (count, use) in Enumerable.Range(0, 300).Select(static i => (1 + (i % 64), (IndexUse)(i % 3))))
        {
            var first = space.Allocate(count, use);
            Assert.Equal(first / 64, (first + count - 1) / 64);
            Assert.All(Enumerable.Range(first, count), index => Assert.True(taken.Add(index)));
        }
    }

    private List<Statistic> List()
    {
        var all = new List<Statistic>();
        _store.List(all);
        return all;
    }

    private IEnumerable<(string, ulong, bool)> Listed() => List().Select(static statistic => (statistic.Name, statistic.UnsignedValue, statistic.IsUsed));
}
