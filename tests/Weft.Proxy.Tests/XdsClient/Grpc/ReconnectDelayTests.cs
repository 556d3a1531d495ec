using Weft.Base;
using Weft.Proxy.XdsClient.Grpc;

namespace Weft.Proxy.Tests.XdsClient.Grpc;

/// <summary>How long a lost stream waits for the next attempt.</summary>
public sealed class ReconnectDelayTests
{
    private readonly ReconnectDelay _delay = new(new RandomSource(7), baseMs: 500, maxMs: 4000);

    [Fact]
    public void The_limit_doubles_with_every_failure_up_to_the_greatest_and_an_answer_begins_anew()
    {
        Assert.All(Enumerable.Range(0, 30), attempt =>
        {
            var limitMs = Math.Min(4000, 500L << Math.Min(attempt, 10));
            Assert.InRange(_delay.NextMs(), 1, limitMs);
        });
        _delay.Reset();
        Assert.InRange(_delay.NextMs(), 1, 500);
        Assert.InRange(_delay.NextMs(), 1, 1000);
    }

    [Fact]
    public void Clients_that_lost_their_streams_together_do_not_come_back_together()
    {
        var delays = Enumerable.Range(0, 100).Select(static seed => new ReconnectDelay(new RandomSource((ulong)seed)).NextMs()).ToList();
        Assert.True(delays.Distinct().Count() > 50, "so many wait equally long");
        // Spread over the whole range, not about its end.
        Assert.True(delays.Min() < 100 && delays.Max() > 400, $"{delays.Min()} to {delays.Max()}");
    }
}
