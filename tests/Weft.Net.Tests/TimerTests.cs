namespace Weft.Net.Tests;

public sealed class TimerTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly EventLoop _loop;
    private readonly List<string> _fired = [];

    public TimerTests() => _loop = new EventLoop("test", _time);

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void Timers_fire_in_order_of_their_deadlines_whatever_the_order_of_arming()
    {
        foreach (var delay in new[] { 70_000, 5, 64, 63, 4096, 1, 4095, 300_000, 65 })
            Timer($"{delay}").Arm(delay);
        Advance(400_000);
        Assert.Equal(["1", "5", "63", "64", "65", "4095", "4096", "70000", "300000"], _fired);
    }

    [Fact]
    public void Timers_of_one_millisecond_fire_in_the_order_of_arming()
    {
        Timer("a").Arm(5_000);
        Advance(4_990);
        Timer("b").Arm(10);
        Timer("c").Arm(10);
        Advance(10);
        Assert.Equal(["a", "b", "c"], _fired);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(4_097)]
    [InlineData(1_000_000)]
    [InlineData(86_400_000L * 400)]
    public void A_timer_fires_at_its_deadline_and_not_before(long delay)
    {
        Timer("t").Arm(delay);
        Advance(delay - 1);
        Assert.Empty(_fired);
        Advance(1);
        Assert.Equal(["t"], _fired);
    }

    [Fact]
    public void A_timer_armed_within_a_millisecond_waits_for_all_of_its_delay()
    {
        _time.AdvanceUs(900);
        _loop.RunTurn(0);
        Timer("t").Arm(2);
        _time.AdvanceUs(1_900);
        _loop.RunTurn(0);
        Assert.Empty(_fired);
        _time.AdvanceUs(200);
        _loop.RunTurn(0);
        Assert.Equal(["t"], _fired);
    }

    [Fact]
    public void A_cancelled_timer_does_not_fire_and_can_be_armed_again()
    {
        var timer = Timer("t");
        timer.Arm(10);
        Assert.True(timer.IsArmed);
        timer.Cancel();
        timer.Cancel();
        Assert.False(timer.IsArmed);
        Advance(20);
        Assert.Empty(_fired);
        timer.Arm(10);
        Advance(10);
        Assert.Equal(["t"], _fired);
        Assert.False(timer.IsArmed);
    }

    [Fact]
    public void Arming_again_replaces_the_earlier_deadline()
    {
        var timer = Timer("t");
        timer.Arm(10);
        timer.Arm(1_000);
        Advance(999);
        Assert.Empty(_fired);
        Advance(1);
        Assert.Equal(["t"], _fired);
    }

    [Fact]
    public void A_callback_may_cancel_a_timer_of_the_same_millisecond()
    {
        var second = Timer("second");
        new LoopTimer(_loop, second.Cancel).Arm(10);
        second.Arm(10);
        Advance(10);
        Assert.Empty(_fired);
    }

    [Fact]
    public void A_callback_that_arms_its_timer_without_delay_does_not_hold_the_turn()
    {
        LoopTimer? timer = null;
        timer = new LoopTimer(_loop, () =>
        {
            _fired.Add("again");
            timer!.Arm(0);
        });
        timer.Arm(0);
        Advance(1);
        Assert.Single(_fired);
        Advance(1);
        Assert.Equal(2, _fired.Count);
    }

    [Fact]
    public void Many_random_timers_fire_exactly_when_due()
    {
        var random = new Random(1);
        var wheel = _loop.Timers;
        var expected = new SortedDictionary<long, int>();
        var actual = new SortedDictionary<long, int>();
        var cancelled = new List<LoopTimer>();
        for (var i = 0; i < 5_000; i++)
        {
            var delay = random.NextInt64(1, 1L << random.Next(1, 24));
            var timer = new LoopTimer(_loop, () => actual[_loop.NowMs] = actual.GetValueOrDefault(_loop.NowMs) + 1);
            timer.Arm(delay);
            if (i % 3 == 0)
                cancelled.Add(timer);
            else
                expected[_loop.NowMs + delay] = expected.GetValueOrDefault(_loop.NowMs + delay) + 1;
        }
        cancelled.ForEach(timer => timer.Cancel());
        while (wheel.Count > 0)
            Advance(Math.Max(wheel.NextMs() - _loop.NowMs, 1));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_long_idle_timer_makes_the_loop_wake_up_only_a_few_times()
    {
        Timer("hour").Arm(3_600_000);
        var wakeUps = 0;
        for (; _fired.Count == 0; wakeUps++)
            Advance(_loop.Timers.NextMs() - _loop.NowMs);
        Assert.InRange(wakeUps, 1, 7);
    }

    [Fact]
    public void Arming_and_cancelling_allocate_nothing()
    {
        var timer = new LoopTimer(_loop, () => { });
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                timer.Arm(i);
                timer.Cancel();
            }
        }));
    }

    private LoopTimer Timer(string name) => new(_loop, () => _fired.Add(name));

    private void Advance(long ms)
    {
        _time.AdvanceMs(ms);
        _loop.RunTurn(0);
    }
}
