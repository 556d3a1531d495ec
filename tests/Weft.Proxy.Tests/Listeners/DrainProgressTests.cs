using Weft.Base;
using Weft.Proxy.Listeners;

namespace Weft.Proxy.Tests.Listeners;

public sealed class DrainProgressTests
{
    private const int Count = 20_000;

    private readonly RandomSource _random = new(7);

    [Theory]
    [InlineData(1_000, 0.0)]
    [InlineData(151_000, 0.25)]
    [InlineData(301_000, 0.5)]
    [InlineData(541_000, 0.9)]
    [InlineData(601_000, 1.0)]
    [InlineData(9_000_000, 1.0)]
    public void The_share_of_responses_that_ask_for_close_grows_evenly(long nowMs, double share)
    {
        var drain = new DrainProgress(1_000, 600_000);
        var asked = Enumerable.Range(0, Count).Count(_ => drain.AsksForClose(nowMs, _random));
        Assert.Equal(share, (double)asked / Count, 0.02);
    }

    [Fact]
    public void Without_a_time_everybody_is_asked_at_once()
    {
        var drain = new DrainProgress(1_000, 0);
        Assert.True(drain.AsksForClose(1_000, _random));
        Assert.True(drain.EndsQuiet(1_000, _random));
        Assert.True(drain.IsOver(1_000));
    }

    [Fact]
    public void Quiet_connections_end_evenly_over_the_time_and_none_stays()
    {
        var drain = new DrainProgress(1_000, 600_000);
        var (open, atHalf) = (Count, 0);
        for (var nowMs = 1_000L; ; nowMs += drain.StepMs)
        {
            open -= Enumerable.Range(0, open).Count(_ => drain.EndsQuiet(nowMs, _random));
            atHalf = nowMs <= 301_000 ? open : atHalf;
            if (drain.IsOver(nowMs))
                break;
        }

        Assert.Equal(0, open);
        Assert.Equal(0.5, (double)atHalf / Count, 0.03);
    }
}
