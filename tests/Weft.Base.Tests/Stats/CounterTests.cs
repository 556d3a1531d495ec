using Weft.Base.Stats;
using Xunit;

namespace Weft.Base.Tests.Stats;

public sealed class CounterTests
{
    private readonly StatsScope _scope = new StatsStore().Scope("test.");

    [Fact]
    public void Counts_of_several_threads_are_summed()
    {
        var counter = _scope.Counter("hits");
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 100_000; i++)
                counter.Inc();
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        counter.Add(5);
        Assert.Equal(400_005, counter.Value);
    }

    [Fact]
    public void Adding_statistics_while_a_thread_counts_loses_nothing()
    {
        var counter = _scope.Counter("hits");
        using var isCounting = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        long counted = 0;
        var thread = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                counter.Inc();
                counted++;
                if (counted == 1000)
                    isCounting.Set();
            }
        });
        thread.Start();
        isCounting.Wait();
        for (var i = 0; i < 10_000; i++)
            _scope.Counter("other" + i).Inc();
        stop.Cancel();
        thread.Join();
        Assert.Equal(counted, counter.Value);
    }

    [Fact]
    public void What_ended_threads_counted_stays_and_their_cells_are_taken_over()
    {
        var counter = _scope.Counter("hits");
        for (var i = 0; i < 200; i++)
        {
            var thread = new Thread(counter.Inc);
            thread.Start();
            thread.Join();
        }

        Assert.Equal(200, counter.Value);
        Assert.InRange(ThreadCells.All.Length, 1, 150);
    }

    [Fact]
    public void A_default_counter_gauge_and_histogram_count_nothing()
    {
        default(Counter).Inc();
        default(Gauge).Add(3);
        default(Gauge).Set(3);
        default(Histogram).Record(3);
        default(CounterFamily)[7].Inc();
        Assert.Equal(0, default(Counter).Value);
        Assert.Equal(0, default(Gauge).Value);
        Assert.False(default(Counter).IsUsed);
        Assert.False(default(Gauge).IsUsed);
    }

    [Fact]
    public void A_counter_is_used_once_written_even_by_nothing()
    {
        var counter = _scope.Counter("hits");
        Assert.False(counter.IsUsed);
        counter.Add(0);
        Assert.True(counter.IsUsed);
        Assert.Equal(0, counter.Value);
    }

    [Fact]
    public void A_gauge_back_at_zero_is_still_used()
    {
        var gauge = _scope.Gauge("active");
        Assert.False(gauge.IsUsed);
        gauge.Inc();
        gauge.Dec();
        Assert.Equal(0, gauge.Value);
        Assert.True(gauge.IsUsed);
    }

    [Fact]
    public void A_gauge_may_be_raised_on_one_thread_and_lowered_on_another()
    {
        var gauge = _scope.Gauge("active");
        gauge.Add(10);
        var thread = new Thread(() => gauge.Add(-12));
        thread.Start();
        thread.Join();
        Assert.Equal(-2, gauge.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Setting_a_gauge_replaces_its_value_and_uses_it(long value)
    {
        var gauge = _scope.Gauge("version");
        gauge.Set(17);
        gauge.Set(value);
        Assert.Equal(value, gauge.Value);
        Assert.True(gauge.IsUsed);
    }

    [Fact]
    public void Counting_allocates_nothing_after_a_threads_first_count()
    {
        var counter = _scope.Counter("hits");
        var histogram = _scope.Histogram("time");
        counter.Inc();
        histogram.Record(1234);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            counter.Inc();
            histogram.Record(1000 + i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
