using Weft.Base;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.AdaptiveConcurrency;
using Weft.Proxy.Tests.Routing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tests.HttpFilters.AdaptiveConcurrency;

public sealed class AdaptiveConcurrencyFilterTests : IDisposable
{
    private const string Type = "adaptive_concurrency.v3.AdaptiveConcurrency";
    private const string Two = "gradient_controller_config: { concurrency_limit_params: { concurrency_update_interval: 0.1s, max_concurrency_limit: 20 }, min_rtt_calc_params: { interval: 1000s, min_concurrency: 2, request_count: 2 } }";
    private const string Measured = "gradient_controller_config: { concurrency_limit_params: { concurrency_update_interval: 0.1s }, min_rtt_calc_params: { interval: 10s, jitter: { value: 0 }, request_count: 5, buffer: { value: 0 } } }";

    private readonly ManualTime _time = new();
    private readonly Worker _worker;
    private readonly List<FakeStream> _streams = [];
    private AdaptiveConcurrencyFilterFactory _factory = null!;

    public AdaptiveConcurrencyFilterTests() => _worker = new Worker(0, "test", new RandomSource(1), _time);

    public void Dispose()
    {
        _streams.ForEach(stream => stream.Dispose());
        _worker.Dispose();
    }

    private GradientController Controller => _factory.Controller;

    private void Make(string config) => _factory = (AdaptiveConcurrencyFilterFactory)Filters.One(Type, config, Routes.Context(new ConfigContext()));

    /// <summary>A request that is not answered yet; null when it was refused.</summary>
    private FakeStream? Begin()
    {
        var stream = new FakeStream(_ => _factory.Create(_worker));
        _streams.Add(stream);
        if (stream.Request(Routes.Request("/")) == FilterStatus.Continue)
            return stream;
        Assert.Equal((_factory.RefusedStatus, "reached concurrency limit", "reached_concurrency_limit"), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
        stream.End();
        return null;
    }

    private static void Answer(FakeStream? stream)
    {
        var headers = new HeaderMap();
        headers.Set(KnownHeader.Status, 200);
        stream!.Response(headers, endStream: true);
        stream.End();
    }

    private void AdvanceMs(long ms)
    {
        _time.AdvanceMs(ms);
        _worker.Loop.RunTurn(0);
    }

    /// <summary>As many requests at once as may be, all answered after that time.</summary>
    private int Round(long ms)
    {
        var active = new List<FakeStream>();
        while (Begin() is { } stream)
            active.Add(stream);
        AdvanceMs(ms);
        active.ForEach(Answer);
        return active.Count;
    }

    [Fact]
    public void While_the_upstream_is_as_quick_as_it_can_be_the_limit_grows_to_its_maximum()
    {
        Make(Two);
        var most = Enumerable.Range(0, 100).Select(_ => Round(10)).ToArray();
        Assert.Equal(2, most[0]);
        Assert.Equal(20, most[^1]);
        Assert.Equal(20, Controller.Limit);
        Assert.InRange(Controller.GradientPerMille, 1_230, 1_270);
        Assert.Equal(100, _factory.Blocked.Value);
    }

    [Fact]
    public void A_slower_upstream_gets_fewer_requests_but_never_less_than_the_minimum()
    {
        Make(Two);
        for (var i = 0; i < 100; i++)
            Round(10);
        var before = Controller.Limit;
        Round(100);
        Round(100);
        // Ten times as slow: half of it, and some headroom.
        Assert.Equal(500, Controller.GradientPerMille);
        Assert.Equal(before / 2 + (int)Math.Sqrt(before / 2), Controller.Limit);
        var later = new List<int>();
        while (!Controller.IsMeasuring && later.Count < 20)
        {
            Round(1_000);
            later.Add(Controller.Limit);
        }

        // In the end it is found out that the upstream cannot do better.
        Assert.True(Controller.IsMeasuring);
        Assert.Equal(2, later.Min());
    }

    [Fact]
    public void The_shortest_time_is_measured_with_few_requests_now_and_then()
    {
        Make(Measured);
        Assert.True(Controller.IsMeasuring);
        Assert.Equal(3, Round(20));
        Assert.Equal(3, Round(20));
        Assert.Equal((false, 20L, 3), (Controller.IsMeasuring, Controller.MinRttMs, Controller.Limit));
        for (var i = 0; i < 40; i++)
            Round(20);
        var grown = Controller.Limit;
        Assert.InRange(grown, 10, 1_000);
        AdvanceMs(10_000);
        Assert.Equal(3, Round(30));
        Assert.True(Controller.IsMeasuring);
        Round(30);
        Assert.Equal((false, 30L, grown), (Controller.IsMeasuring, Controller.MinRttMs, Controller.Limit));
    }

    [Fact]
    public void A_time_that_was_measured_wrongly_is_measured_again()
    {
        Make(Measured);
        Round(1);
        Round(1);
        Assert.Equal(1, Controller.MinRttMs);
        for (var i = 0; i < 12; i++)
            Round(200);
        Assert.NotEqual(1, Controller.MinRttMs);
    }

    [Fact]
    public void A_request_that_is_given_up_makes_room_and_says_nothing()
    {
        Make(Measured);
        for (var i = 0; i < 10; i++)
        {
            var stream = Begin();
            Assert.NotNull(stream);
            AdvanceMs(5);
            stream.End();
        }

        Assert.True(Controller.IsMeasuring);
        Assert.Equal(3, Round(1));
    }

    [Fact]
    public void The_status_can_be_another_error_and_health_checks_do_not_count()
    {
        Make(Two + ", concurrency_limit_exceeded_status: { code: TooManyRequests }");
        Begin();
        Begin();
        Assert.Null(Begin());
        Assert.Equal(429, _factory.RefusedStatus);
        var check = new FakeStream(_ => _factory.Create(_worker));
        _streams.Add(check);
        check.Info.IsHealthCheck = true;
        Assert.Equal(FilterStatus.Continue, check.Request(Routes.Request("/")));
    }

    [Fact]
    public void Switched_off_it_lets_everything_through()
    {
        Make(Two + ", enabled: { default_value: false, runtime_key: none }");
        Assert.All(Enumerable.Range(0, 50), _ => Assert.NotNull(Begin()));
    }

    [Fact]
    public void Samples_give_their_quantiles_within_two_percent()
    {
        var samples = new LatencySamples();
        foreach (var scale in new[] { 1L, 100, 10_000, 10_000_000 })
        {
            for (var i = 1; i <= 1_000; i++)
                samples.Record(i * scale);
            Assert.InRange(samples.Take(0.9), (long)(900 * scale * 0.98), (long)(900 * scale * 1.02));
            Assert.Equal(0, samples.Take(0.5));
        }
    }
}
