namespace Weft.Proxy.Tests.HttpFilters.Router;

public sealed class HedgingTests
{
    private const string Route = "hedge_policy: { hedge_on_per_try_timeout: true }, retry_policy: { retry_on: 5xx, num_retries: 2, per_try_timeout: 0.1s }";

    [Fact]
    public void A_slow_attempt_goes_on_and_its_answer_wins_when_it_comes_first()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To(Route, upstream);
        var client = bench.Get();
        var first = upstream.Accept(bench);
        Assert.Contains("\r\nx-envoy-expected-rq-timeout-ms: 15000\r\n", first.Read(), StringComparison.Ordinal);
        bench.AdvanceMs(101);
        var second = bench.AcceptRetry(upstream);
        second.Read();
        first.Answer(200, "first");
        Assert.EndsWith("first", client.Read(), StringComparison.Ordinal);
        second.AssertEnds();
        Assert.Equal((1, 2), (bench.Counter("upstream_rq_retry"), bench.Counter("upstream_rq_total")));
    }

    [Fact]
    public void A_hedged_attempt_wins_and_the_slow_one_is_given_up()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To(Route, upstream);
        var client = bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        bench.AdvanceMs(101);
        var second = bench.AcceptRetry(upstream);
        second.Read();
        second.Answer(200, "second");
        Assert.EndsWith("second", client.Read(), StringComparison.Ordinal);
        first.AssertEnds();
    }

    [Fact]
    public void A_bad_answer_of_the_slow_attempt_is_dropped_while_another_runs()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To(Route, upstream);
        var client = bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        bench.AdvanceMs(101);
        var second = bench.AcceptRetry(upstream);
        second.Read();
        first.Answer(503, "first");
        first.AssertEnds();
        Assert.True(client.HasNothing());
        second.Answer(200, "second");
        Assert.EndsWith("second", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reset_of_the_slow_attempt_leaves_the_other_running()
    {
        var upstream = new TestUpstream();
        using var bench = RouterBench.To(Route, upstream);
        var client = bench.Get();
        var first = upstream.Accept(bench);
        first.Read();
        bench.AdvanceMs(101);
        var second = bench.AcceptRetry(upstream);
        second.Read();
        first.Abort();
        Assert.True(client.HasNothing());
        second.Answer(200, "second");
        Assert.EndsWith("second", client.Read(), StringComparison.Ordinal);
    }
}
