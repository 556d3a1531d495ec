using Weft.Base.Stats;

namespace Weft.Base.Tests.Stats;

public sealed class ComputedGaugesTests
{
    private static readonly StatNames s_names = new("limits", 2, static member => member == 0 ? "cx.open" : "rq.open", isAlwaysListed: true);

    private readonly StatsStore _store = new();

    [Fact]
    public void Computed_gauges_of_a_family_are_listed_under_their_names_and_read_when_asked()
    {
        var gauges = new Gauges(1, 2);
        _store.Scope("cluster.web.").ComputedGauges(gauges);
        var listed = List();
        Assert.Equal(["cluster.web.cx.open", "cluster.web.rq.open"], listed.Select(static statistic => statistic.Name));
        Assert.All(listed, static statistic => Assert.Equal(StatKind.Gauge, statistic.Kind));
        Assert.All(listed, static statistic => Assert.True(statistic.IsUsed));
        Assert.Equal([1L, 2L], listed.Select(static statistic => statistic.Value));
        gauges.Values[1].Value = 7;
        Assert.True(_store.TryGet(_store.Handles().Last(), out var last));
        Assert.Equal(("rq.open", 7L), (last.Suffix, last.Value));
    }

    [Fact]
    public void Those_of_a_predecessor_come_back_when_the_newer_ones_go_and_none_stay()
    {
        var first = _store.Scope("cluster.web.");
        first.ComputedGauges(new Gauges(1, 1));
        var second = _store.Scope("cluster.web.");
        second.ComputedGauges(new Gauges(2, 2));
        Assert.Equal([2L, 2L], List().Select(static statistic => statistic.Value));
        second.Dispose();
        Assert.Equal([1L, 1L], List().Select(static statistic => statistic.Value));
        first.Dispose();
        Assert.Empty(List());
        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public void Cells_without_names_count_apart_and_are_never_listed()
    {
        var one = _store.TakeUnlisted(2);
        var other = _store.TakeUnlisted(2);
        one.Counter(0).Add(3);
        one.Gauge(1).Inc();
        Assert.Equal((3, 1, 0, 0), (one.Counter(0).Value, one.Gauge(1).Value, other.Counter(0).Value, other.Gauge(1).Value));
        Assert.Empty(List());
        default(UnlistedCells).Counter(0).Inc();
        Assert.Equal(0, default(UnlistedCells).Counter(0).Value);
    }

    [Fact]
    public void Thousands_of_statistics_beside_large_families_keep_their_own_numbers()
    {
        var large = new StatNames("codes", 500, static member => "code" + member);
        var gauges = new List<Gauge>();
        for (var i = 0; i < 1_000; i++)
        {
            var scope = _store.Scope($"cluster.{i}.");
            var codes = scope.Counters(large);
            gauges.Add(scope.Gauge("members"));
            gauges[i].Set(i);
            codes[i % 500].Add(2);
        }

        Assert.All(Enumerable.Range(0, 1_000), i => Assert.Equal(i, gauges[i].Value));
        Assert.Equal(2_000, List().Count);
        Assert.All(List().Where(static statistic => statistic.Kind == StatKind.Counter), static statistic => Assert.Equal(2, statistic.Value));
    }

    private List<Statistic> List()
    {
        var list = new List<Statistic>();
        _store.List(list);
        return list;
    }

    private sealed class Gauges(long first, long second) : IComputedGauges
    {
        public Number[] Values { get; } = [new() { Value = first }, new() { Value = second }];

        public StatNames Names => s_names;

        public IComputedGauge Gauge(int member) => Values[member];
    }

    private sealed class Number : IComputedGauge
    {
        public long Value { get; set; }
    }
}
