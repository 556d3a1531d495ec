using Weft.Base.Stats;
using Weft.Proxy.Bootstrap.Watchdogs;

namespace Weft.Proxy.Tests.Bootstrap.Watchdogs;

public sealed class WatchedGroupTests
{
    private const long Waiting = 0;
    private const long Busy = 1;

    private readonly StatsStore _stats = new();
    private readonly long[] _progress = new long[3];

    [Fact]
    public void A_turn_that_takes_too_long_is_a_miss_once_and_a_mega_miss_once()
    {
        var group = Group(new WatchdogLimits { MissMs = 200, MegaMissMs = 1000 });
        _progress[1] = Busy;
        var seen = new List<string>();
        foreach (var now in (long[])[0, 200, 201, 400, 1000, 1001, 5000])
        {
            Assert.Null(group.Check(now));
            seen.Add($"{now}: {Count("workers.watchdog_miss")} {Count("workers.watchdog_mega_miss")}");
        }

        Assert.Equal(["0: 0 0", "200: 0 0", "201: 1 0", "400: 1 0", "1000: 1 0", "1001: 1 1", "5000: 1 1"], seen);
        Assert.Equal((1, 1, 0), (Count("server.worker_1.watchdog_miss"), Count("server.worker_1.watchdog_mega_miss"), Count("server.worker_0.watchdog_miss")));
    }

    [Fact]
    public void A_loop_that_waits_or_turns_again_misses_nothing()
    {
        var group = Group(new WatchdogLimits { MissMs = 200, MegaMissMs = 1000, KillMs = 2000 });
        for (var now = 0L; now < 10_000; now += 150)
        {
            (_progress[0], _progress[1], _progress[2]) = (Waiting, Busy + (2 * now), Waiting + (2 * now));
            Assert.Null(group.Check(now));
        }

        Assert.Equal(0, Count("workers.watchdog_miss"));
    }

    [Fact]
    public void Each_turn_that_takes_too_long_counts()
    {
        var group = Group(new WatchdogLimits { MissMs = 200, MegaMissMs = 1000 });
        for (var turn = 0; turn < 3; turn++)
        {
            _progress[0] = Busy + (2 * turn);
            group.Check(turn * 1000);
            group.Check((turn * 1000) + 300);
        }

        Assert.Equal(3, Count("workers.watchdog_miss"));
    }

    [Fact]
    public void A_turn_beyond_kill_timeout_ends_the_process()
    {
        var group = Group(new WatchdogLimits { MissMs = 200, MegaMissMs = 1000, KillMs = 3000 });
        _progress[2] = Busy;
        Assert.Null(group.Check(0));
        Assert.Null(group.Check(3000));
        Assert.Equal("watchdog: worker_2 is stuck for more than 3000 ms (kill_timeout)", group.Check(3001));
    }

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(2, 0, true)]
    [InlineData(2, 0.9, false)]
    [InlineData(3, 0.9, true)]
    public void So_many_loops_beyond_multikill_timeout_end_the_process(int stuck, double share, bool ends)
    {
        var group = Group(new WatchdogLimits { MissMs = 200, MegaMissMs = 1000, MultiKillMs = 3000, MultiKillShare = share });
        _progress.AsSpan(0, stuck).Fill(Busy);
        group.Check(0);
        Assert.Equal(ends ? $"watchdog: {stuck} threads are stuck for more than 3000 ms (multikill_timeout)" : null, group.Check(4000));
    }

    private WatchedGroup Group(WatchdogLimits limits)
    {
        var scope = _stats.Scope("");
        return new WatchedGroup("workers", limits, [.. Enumerable.Range(0, 3).Select(i => new WatchedLoop($"worker_{i}", () => _progress[i], scope))], scope);
    }

    private long Count(string name) => _stats.Scope("").Counter(name).Value;
}
