using System.Globalization;
using Weft.Base.Stats;
using Xunit;

namespace Weft.Base.Tests.Stats;

public sealed class HistogramTests
{
    private readonly StatsStore _store = new();

    [Theory]
    [InlineData(1, 1, 0.1)]
    [InlineData(9, 9, 0.1)]
    [InlineData(10, 10, 1)]
    [InlineData(99, 99, 1)]
    [InlineData(100, 100, 10)]
    [InlineData(109, 100, 10)]
    [InlineData(123456, 120000, 10000)]
    [InlineData(999999999, 990000000, 10000000)]
    [InlineData(1000000000000000000, 1e18, 1e17)]
    [InlineData(long.MaxValue, 9.2e18, 1e17)]
    public void A_value_falls_into_the_bin_of_its_two_leading_digits(long value, double lower, double width)
    {
        var bin = Assert.Single(Record("h", value).Cumulative.Bins);
        Assert.Equal(lower, bin.Lower, lower * 1e-9);
        Assert.Equal(width, bin.Width, width * 1e-9);
        Assert.Equal(1, bin.Count);
    }

    [Fact]
    public void Every_power_of_ten_and_its_neighbours_lie_in_their_decade()
    {
        var power = 10L;
        for (var decade = 1; decade < HistogramBins.DecadeCount; decade++)
        {
            Assert.Equal(0, HistogramBins.Find(power, out var found));
            Assert.Equal(decade, found);
            // There is no 9.9 among the whole numbers below 10.
            Assert.Equal(decade == 1 ? 80 : 89, HistogramBins.Find(power - 1, out found));
            Assert.Equal(decade - 1, found);
            power = unchecked(power * 10);
        }
    }

    [Fact]
    public void Quantiles_are_interpolated_within_their_bin()
    {
        // One sample of 200 in [200, 210): Envoy prints P0(200,...) P25(202.5,...) ... P100(210,...).
        Assert.Equal("200 202.5 205 207.5 209 209.5 209.9 209.95 209.99 210", Quantiles(Record("h", 200).Cumulative));
    }

    [Fact]
    public void Bounds_of_whole_numbers_are_whole()
    {
        for (var value = 100; value < 1000; value += 10)
        {
            var bin = HistogramBins.Find(value, out var decade);
            Assert.Equal(value, HistogramBins.LowerBound(decade, bin));
        }
    }

    [Fact]
    public void Quantiles_walk_over_several_bins()
    {
        Assert.Equal("200 207.5 302.5 306.25 308.5 309.25 309.85 309.925 309.985 310", Quantiles(Record("h", 200, 300, 300).Cumulative, 6));
    }

    [Fact]
    public void Zeros_and_negative_values_are_a_bin_of_their_own()
    {
        var data = Record("h", 0, -5, 0, 1).Cumulative;
        Assert.Equal(new HistogramBin(0, 0, 3), data.Bins.First());
        Assert.Equal("0 0 0 0 1.06 1.08 1.096 1.098 1.1 1.1", Quantiles(data, 3));
        Assert.Equal(1, data.Sum);
        Assert.Equal(4, data.Count);
    }

    [Fact]
    public void The_interval_holds_what_came_between_two_flushes_and_the_cumulative_all()
    {
        var merged = Record("h", 10, 20);
        Record("h", 30);
        Assert.Equal(1, merged.Interval.Count);
        Assert.Equal(30, merged.Interval.Sum);
        Assert.Equal(3, merged.Cumulative.Count);
        Assert.Equal(60, merged.Cumulative.Sum);
        _store.Flush();
        Assert.Equal(0, merged.Interval.Count);
        Assert.Equal("NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN", Quantiles(merged.Interval));
        Assert.Equal(3, merged.Cumulative.Count);
    }

    [Fact]
    public void Records_of_several_threads_are_merged()
    {
        var histogram = _store.Scope("").Histogram("h");
        for (var i = 0; i < 3; i++)
        {
            var thread = new Thread(() => histogram.Record(100));
            thread.Start();
            histogram.Record(100);
            thread.Join();
        }

        Assert.Equal(6, Record("h").Cumulative.Count);
    }

    [Fact]
    public void Counts_beyond_32_bits_of_a_threads_table_are_not_lost()
    {
        var histogram = _store.Scope("").Histogram("h");
        histogram.Record(5);
        histogram.Record(0);
        HistogramTable.OfThisThread(histogram.Index).Decades[0]![40] = uint.MaxValue;
        var merged = Record("h");
        histogram.Record(5);
        histogram.Record(5);
        _store.Flush();
        Assert.Equal(2, merged.Interval.Count);
        Assert.Equal(uint.MaxValue + 3L, merged.Cumulative.Count);
    }

    [Fact]
    public void Buckets_count_the_bins_that_end_at_or_below_the_bound()
    {
        var data = Record("h", 9, 10, 24, 25, 3_600_000).Cumulative;
        Assert.Equal(0, data.CountBelow(5));
        Assert.Equal(1, data.CountBelow(10));
        Assert.Equal(3, data.CountBelow(25));
        Assert.Equal(4, data.CountBelow(50));
    }

    [Fact]
    public void Percents_are_recorded_in_millionths_and_read_as_fractions()
    {
        _store.Scope("").Histogram("p", HistogramUnit.Percent).Record(Histogram.PercentScale / 2);
        _store.Flush();
        var list = new List<Statistic>();
        _store.List(list);
        var data = Assert.Single(list).Histogram!.Cumulative;
        Assert.Equal(0.5, data.Sum);
        Assert.Equal(0.5, data.Bins.Single().Lower, 9);
        Assert.Equal(1, data.CountBelow(0.6));
    }

    private MergedHistogram Record(string name, params long[] values)
    {
        var histogram = _store.Scope("").Histogram(name);
        foreach (var value in values)
            histogram.Record(value);
        _store.Flush();
        var list = new List<Statistic>();
        _store.List(list);
        return list.Single(statistic => statistic.Name == name).Histogram!;
    }

    private static string Quantiles(HistogramData data, int digits = 12)
    {
        var values = new double[HistogramData.Quantiles.Length];
        data.ComputeQuantiles(values);
        return string.Join(' ', values.Select(value => Math.Round(value, digits).ToString(CultureInfo.InvariantCulture)));
    }
}
