using Weft.Base.Stats;

namespace Weft.Base.Tests.Stats;

public sealed class StatLookupsTests
{
    [Fact]
    public void Only_the_last_hundred_names_are_kept()
    {
        var store = new StatsStore();
        store.Lookups.IsRecording = true;
        var scope = store.Scope("a.");
        scope.Counter("first");
        for (var i = 0; i < 100; i++)
            scope.Counter($"c{i}");
        Assert.Equal((101, 100), (store.Lookups.Total, store.Lookups.Names.Count()));
        Assert.DoesNotContain(store.Lookups.Names, static entry => entry.Name == "a.first");
    }

    [Fact]
    public void A_reset_of_counters_begins_anew()
    {
        var store = new StatsStore();
        store.Lookups.IsRecording = true;
        store.Scope("a.").Counter("b");
        store.ResetCounters();
        Assert.Equal(0, store.Lookups.Total);
        Assert.Empty(store.Lookups.Names);
    }
}
