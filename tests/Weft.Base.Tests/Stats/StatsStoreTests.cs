using Weft.Base.Stats;
using Xunit;

namespace Weft.Base.Tests.Stats;

public sealed class StatsStoreTests
{
    private readonly StatsStore _store = new();

    [Fact]
    public void Asking_twice_for_a_name_gives_the_same_statistic_wherever_it_is_cut()
    {
        _store.Scope("listener.80.").Counter("worker_0.cx_total").Inc();
        _store.Scope("listener.80.worker_0.").Counter("cx_total").Inc();
        _store.Scope("listener.").Scope("80.").Counter("worker_0.cx_total").Inc();
        var statistic = Assert.Single(List());
        Assert.Equal("listener.80.worker_0.cx_total", statistic.Name);
        Assert.Equal(3, statistic.Value);
    }

    [Fact]
    public void A_statistic_is_added_to_by_name_when_there_is_one()
    {
        var codes = new StatNames("codes", 3, static member => $"rq_{member}");
        var scope = _store.Scope("cluster.a.b.");
        scope.Counter("cx_total").Inc();
        scope.Gauge("cx_active").Inc();
        scope.Counters(codes);
        scope.ComputedGauge("uptime", static () => 1);

        Assert.True(_store.TryAdd("cluster.a.", "b.cx_total", StatKind.Counter, 4));
        Assert.True(_store.TryAdd("cluster.a.b.", "cx_active", StatKind.Gauge, -1));
        Assert.True(_store.TryAdd("cluster.a.b.", "rq_2", StatKind.Counter, 7));
        Assert.False(_store.TryAdd("cluster.a.b.", "rq_3", StatKind.Counter, 7));
        Assert.False(_store.TryAdd("cluster.c.", "rq_2", StatKind.Counter, 7));
        Assert.False(_store.TryAdd("cluster.a.b.", "uptime", StatKind.Gauge, 7));
        Assert.Equal(
            [("cluster.a.b.cx_active", 0L), ("cluster.a.b.cx_total", 5), ("cluster.a.b.rq_2", 7), ("cluster.a.b.uptime", 1)],
            List().Select(static statistic => (statistic.Name, statistic.Value)).Order());
    }

    [Fact]
    public void Statistics_of_different_kinds_may_share_a_name()
    {
        _store.Scope("a.").Counter("x").Add(1);
        _store.Scope("a.").Gauge("x").Add(2);
        Assert.Equal([1, 2], List().OrderBy(statistic => statistic.Kind).Select(statistic => statistic.Value));
    }

    [Fact]
    public void Many_names_are_found_again_after_many_were_removed()
    {
        var scopes = Enumerable.Range(0, 500).Select(i => _store.Scope($"cluster.c{i}.")).ToArray();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < scopes.Length; i++)
            {
                scopes[i].Counter("a").Inc();
                scopes[i].Counter("b").Inc();
            }

            for (var i = round; i < scopes.Length; i += 3)
                scopes[i].Dispose();
        }

        for (var i = 0; i < scopes.Length; i++)
            scopes[i].Counter("a").Inc();
        var values = List().Where(statistic => statistic.Suffix == "a").ToDictionary(statistic => statistic.Name, statistic => statistic.Value);
        Assert.Equal(500, values.Count);
        Assert.Equal(3, values["cluster.c0.a"]);
        Assert.Equal(2, values["cluster.c1.a"]);
        Assert.Equal(1, values["cluster.c2.a"]);
    }

    [Fact]
    public void A_statistic_lives_until_the_last_scope_that_asked_for_it_is_disposed()
    {
        var old = _store.Scope("cluster.web.");
        var updated = _store.Scope("cluster.web.");
        old.Counter("rq").Inc();
        var counter = updated.Counter("rq");
        old.Dispose();
        counter.Inc();
        Assert.Equal(2, Assert.Single(List()).Value);
        updated.Dispose();
        Assert.Empty(List());
        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public void Disposing_a_scope_disposes_the_scopes_made_from_it()
    {
        var scope = _store.Scope("cluster.web.");
        scope.Scope("default.").Counter("x").Inc();
        scope.Dispose();
        scope.Dispose();
        Assert.Empty(List());
    }

    [Fact]
    public void Late_counts_in_a_forgotten_statistic_disturb_no_other()
    {
        var scope = _store.Scope("old.");
        var forgotten = scope.Counter("x");
        forgotten.Add(10);
        scope.Dispose();
        var before = _store.Scope("new.").Counter("x");
        forgotten.Inc();
        for (var i = 0; i < IndexPool.RestFlushes; i++)
            _store.Flush();
        var after = _store.Scope("newer.").Counter("x");
        Assert.Equal(0, before.Value);
        Assert.Equal(0, after.Value);
        Assert.False(after.IsUsed);
        Assert.Equal(forgotten.Index, after.Index);
    }

    [Fact]
    public void Members_of_a_family_that_is_always_listed_are_statistics_like_any_other()
    {
        var names = new StatNames("always", 2, member => member == 0 ? "a" : "b", isAlwaysListed: true);
        var scope = _store.Scope("s.");
        var family = scope.Counters(names);
        Assert.Equal(["s.a", "s.b"], List().Select(statistic => statistic.Name).Order(StringComparer.Ordinal));
        Assert.All(List(), statistic => Assert.False(statistic.IsUsed));
        family[1].Add(3);
        // Who asks by name gets the same counter, and keeps it when the family's scope goes.
        var other = _store.Scope("s.");
        var byName = other.Counter("b");
        Assert.Equal(3, byName.Value);
        scope.Dispose();
        byName.Inc();
        Assert.Equal(4, family[1].Value);
        other.Dispose();
        Assert.Empty(List());
        // In another scope the name is another statistic.
        Assert.Equal(0, _store.Scope("t.").Counter("b").Value);
    }

    [Fact]
    public void Cells_of_forgotten_gauges_histograms_and_families_are_as_good_as_new()
    {
        var names = new StatNames("codes", 3, member => "rq_" + member);
        for (var round = 0; round < 2; round++)
        {
            var scope = _store.Scope("s.");
            scope.Gauge("g");
            scope.Histogram("h");
            scope.Counters(names);
            _store.Flush();
            Assert.All(List(), statistic => Assert.False(statistic.IsUsed));
            Assert.Equal(2, List().Count);
            scope.Gauge("g").Set(5);
            scope.Histogram("h").Record(5);
            scope.Counters(names)[2].Add(5);
            _store.ResetCounters();
            scope.Counters(names)[2].Add(1);
            _store.Flush();
            Assert.Equal(1, List().Single(statistic => statistic.Name == "s.rq_2").Value);
            scope.Dispose();
            for (var i = 0; i < IndexPool.RestFlushes; i++)
                _store.Flush();
        }
    }

    [Fact]
    public void Members_of_a_family_are_listed_once_they_were_counted()
    {
        var names = new StatNames("codes", 500, member => "rq_" + (member + 100));
        var family = _store.Scope("http.in.").Counters(names);
        Assert.Empty(List());
        family[404 - 100].Inc();
        Assert.Equal("http.in.rq_404", Assert.Single(List()).Name);
    }

    [Fact]
    public void Resetting_counters_leaves_gauges_and_histograms()
    {
        var scope = _store.Scope("s.");
        var counter = scope.Counter("c");
        var gauge = scope.Gauge("g");
        counter.Add(7);
        gauge.Add(7);
        _store.ResetCounters();
        Assert.Equal(0, counter.Value);
        Assert.True(counter.IsUsed);
        Assert.Equal(7, gauge.Value);
        counter.Inc();
        Assert.Equal(1, counter.Value);
    }

    [Fact]
    public void Unlisted_statistics_count_and_are_never_listed()
    {
        using var scope = _store.UnlistedScope();
        var one = scope.Counter("");
        var two = scope.Counter("");
        one.Add(3);
        Assert.Equal(3, one.Value);
        Assert.Equal(0, two.Value);
        Assert.Empty(List());
    }

    [Fact]
    public void A_computed_gauge_and_a_text_are_read_when_listed_and_the_newest_function_counts()
    {
        var scope = _store.Scope("server.");
        scope.ComputedGauge("uptime", () => 1);
        scope.ComputedGauge("uptime", () => 42);
        scope.Text("version", () => "v1");
        var listed = List().ToDictionary(statistic => statistic.Suffix);
        Assert.Equal(42, listed["uptime"].Value);
        Assert.Equal(StatKind.Gauge, listed["uptime"].Kind);
        Assert.Equal("v1", listed["version"].Text);
        Assert.True(listed["uptime"].IsUsed);
    }

    [Fact]
    public void Rejected_names_count_nothing_and_are_not_listed()
    {
        _store.NameFilter = new RejectSuffix("b");
        var names = new StatNames("family", 2, member => member == 0 ? "a" : "b");
        var scope = _store.Scope("s.");
        var rejected = scope.Counter("b");
        rejected.Inc();
        scope.ComputedGauge("b", () => 1);
        scope.Counters(names)[1].Inc();
        scope.Counters(names)[0].Inc();
        Assert.Equal(0, rejected.Value);
        Assert.Equal("s.a", Assert.Single(List()).Name);
    }

    private List<Statistic> List()
    {
        var list = new List<Statistic>();
        _store.List(list);
        return list;
    }

    private sealed class RejectSuffix(string rejected) : IStatNameFilter
    {
        public bool Rejects(string prefix, string suffix) => suffix == rejected;
    }

    [Fact]
    public void What_was_made_for_an_owner_is_forgotten_with_it()
    {
        var store = new StatsStore();
        store.Scope("kept.").Counter("a");
        using (var owner = new StatsOwner())
        {
            store.Owned(owner, () => store.Scope("http.web.").Counter("requests"));
            store.Owned(owner, () => store.Scope("kept.").Counter("a"));
            Assert.Equal(2, store.Count);
        }

        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void An_earlier_reader_of_a_name_comes_back_when_the_later_one_goes()
    {
        var store = new StatsStore();
        using var first = store.Scope("breaker.");
        first.ComputedGauge("open", () => 1);
        var second = store.Scope("breaker.");
        second.ComputedGauge("open", () => 2);
        Assert.Equal(2, Read());
        second.Dispose();
        Assert.Equal(1, Read());

        var third = store.Scope("breaker.");
        third.ComputedGauge("open", () => 3);
        first.Dispose();
        Assert.Equal(3, Read());
        third.Dispose();
        Assert.Equal(0, store.Count);

        long Read()
        {
            var all = new List<Statistic>();
            store.List(all);
            return Assert.Single(all).Value;
        }
    }
}
