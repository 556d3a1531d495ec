namespace Weft.Net.Tests;

public sealed class EventLoopTests
{
    [Fact]
    public void A_watcher_hears_how_long_each_turn_took_and_how_late_it_was()
    {
        // Every look at the clock finds it a millisecond later.
        using var test = new TestLoop(new SteppingTime());
        var turns = new Turns();
        test.Loop.TurnWatcher = turns;
        test.Loop.RunTurn(0);
        Assert.Equal([(1000, 1000)], turns.Heard);
        test.Loop.TurnWatcher = null;
        test.Loop.RunTurn(0);
        Assert.Single(turns.Heard);
    }

    private sealed class SteppingTime : TimeProvider
    {
        private long _us;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _us += 1000;
    }

    private sealed class Turns : ITurnWatcher
    {
        public List<(long DurationUs, long LateUs)> Heard { get; } = [];

        public void OnTurn(long durationUs, long lateUs) => Heard.Add((durationUs, lateUs));
    }

    [Fact]
    public void Work_posted_by_many_threads_runs_on_the_loop_in_each_threads_order()
    {
        using var loop = new EventLoop("posts");
        const int threads = 8, each = 2_000;
        var seen = new List<(int Thread, int Number)>();
        var loopThread = new Thread(loop.Run);
        loopThread.Start();
        var wrongThread = 0;
        var posters = Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            for (var i = 0; i < each; i++)
            {
                var number = i;
                loop.Post(() =>
                {
                    if (Thread.CurrentThread != loopThread)
                        wrongThread++;
                    seen.Add((t, number));
                    if (seen.Count == threads * each)
                        loop.Stop();
                });
            }
        })).ToList();
        posters.ForEach(p => p.Start());
        Assert.True(loopThread.Join(TimeSpan.FromSeconds(120)));
        Assert.Equal(0, wrongThread);
        for (var t = 0; t < threads; t++)
            Assert.Equal(Enumerable.Range(0, each), seen.Where(s => s.Thread == t).Select(s => s.Number));
    }

    [Fact]
    public void Stop_wakes_a_blocked_loop_and_it_can_run_again()
    {
        using var loop = new EventLoop("stops");
        for (var i = 0; i < 2; i++)
        {
            var thread = new Thread(loop.Run);
            thread.Start();
            loop.Stop();
            Assert.True(thread.Join(TimeSpan.FromSeconds(120)));
        }
    }

    [Fact]
    public void Timers_that_are_due_wait_for_more_events_than_a_batch_takes()
    {
        var time = new ManualTime();
        using var test = new TestLoop(time);
        var peers = Enumerable.Range(0, 200).Select(_ => test.PlainPeer()).ToList();
        var heard = -1;
        var timer = new LoopTimer(test.Loop, () => heard = peers.Count(static peer => peer.Server.Received.Length > 0));
        timer.Arm(10);
        peers.ForEach(static peer => peer.Peer.Send("x"u8));
        time.AdvanceMs(20);
        test.Loop.RunTurn(0);
        Assert.Equal(peers.Count, heard);
    }

    [Fact]
    public void Work_that_posts_itself_runs_once_per_turn()
    {
        using var loop = new EventLoop("test");
        var runs = 0;
        void Again()
        {
            runs++;
            loop.Post(Again);
        }
        loop.Post(Again);
        loop.RunTurn(-1);
        Assert.Equal(1, runs);
        loop.RunTurn(-1);
        Assert.Equal(2, runs);
    }

    [Fact]
    public void Turn_end_work_runs_once_in_the_turn_it_was_added()
    {
        using var loop = new EventLoop("test");
        var work = new CountingWork();
        loop.Post(() => loop.AtTurnEnd(work));
        loop.RunTurn(-1);
        loop.RunTurn(0);
        Assert.Equal(1, work.Runs);
    }

    [Fact]
    public void The_clock_stands_during_a_turn()
    {
        var time = new ManualTime();
        using var loop = new EventLoop("test", time);
        (long Ms, long Us, DateTime Utc) first = default, second = default;
        loop.Post(() => first = (loop.NowMs, loop.NowUs, loop.UtcNow));
        loop.Post(() => time.AdvanceMs(5));
        loop.Post(() => second = (loop.NowMs, loop.NowUs, loop.UtcNow));
        loop.RunTurn(-1);
        Assert.Equal(first, second);
        loop.RunTurn(0);
        Assert.Equal(first.Ms + 5, loop.NowMs);
        Assert.Equal(first.Utc.AddMilliseconds(5), loop.UtcNow);
    }

    [Fact]
    public void What_a_callback_throws_is_reported_and_the_loop_goes_on()
    {
        var time = new ManualTime();
        using var loop = new EventLoop("test", time);
        var reported = new List<string>();
        loop.UnhandledException = e => reported.Add(e.Message);
        var after = new List<string>();
        loop.Post(() => throw new InvalidOperationException("in posted work"));
        loop.Post(() => after.Add("posted"));
        new LoopTimer(loop, () => throw new InvalidOperationException("in a timer")).Arm(10);
        new LoopTimer(loop, () => after.Add("timer")).Arm(10);
        time.AdvanceMs(10);
        loop.RunTurn(-1);
        Assert.Equal(["in a timer", "in posted work"], reported);
        Assert.Equal(["timer", "posted"], after);
    }

    [Fact]
    public void Posting_to_a_disposed_loop_does_nothing()
    {
        var loop = new EventLoop("gone");
        loop.Dispose();
        loop.Post(() => Assert.Fail("ran"));
        loop.Stop();
        Assert.Throws<ObjectDisposedException>(() => loop.RunTurn(0));
    }

    [Fact]
    public void Without_a_reporter_an_exception_leaves_the_loop()
    {
        using var loop = new EventLoop("test");
        loop.Post(() => throw new InvalidOperationException("bug"));
        Assert.Throws<InvalidOperationException>(() => loop.RunTurn(-1));
    }

    private sealed class CountingWork : ITurnEndWork
    {
        public int Runs { get; private set; }

        public void OnTurnEnd() => Runs++;
    }
}
