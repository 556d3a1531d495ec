namespace Weft.Observe.Tests;

public sealed class LogHistogramTests
{
    [Theory]
    [InlineData(1e-6)]
    [InlineData(1)]
    [InlineData(1e6)]
    public void Quantiles_are_right_to_a_few_percent_whatever_the_unit(double unit)
    {
        var histogram = new LogHistogram();
        for (var i = 1; i <= 1000; i++)
            histogram.Add(i * unit);
        Assert.InRange(histogram.Quantile(0.5) / unit, 480, 520);
        Assert.InRange(histogram.Quantile(0.99) / unit, 950, 1001);
        Assert.Equal(1000 * unit, histogram.Quantile(1), 1e-9);
        Assert.True(double.IsNaN(new LogHistogram().Quantile(0.5)));
    }

    [Fact]
    public void Nothing_and_less_count_as_nothing()
    {
        var histogram = new LogHistogram();
        histogram.Add(0);
        histogram.Add(-5);
        histogram.Add(double.NaN);
        Assert.Equal((2, 0.0), (histogram.Count, histogram.Quantile(1)));
    }
}
