using System.Globalization;
using Weft.Observe.Traces;

namespace Weft.Observe.Tests.Traces;

public sealed class GraphWindowTests
{
    private readonly TraceStore _store = new(new TraceLimits());

    [Fact]
    public void All_that_is_kept_lasts_from_the_first_trace_to_the_end_of_the_last()
    {
        Add("1", 10_000_000);
        Add("2", 20_000_000);
        var window = GraphWindow.Of(new TraceQuery(), _store, nowUs: 90_000_000);
        Assert.Equal((10.0005, 2, false), (window.Seconds, window.Traces, window.IsPartial));
    }

    [Fact]
    public void What_is_looked_back_at_lasts_until_now_so_that_silence_is_seen()
    {
        Add("1", 10_000_000);
        Add("2", 80_000_000);
        var window = GraphWindow.Of(new TraceQuery { EndUs = 90_000_000, LookbackUs = 30_000_000 }, _store, nowUs: 90_000_000);
        Assert.Equal((10.0, 1), (window.Seconds, window.Traces));
        Assert.Equal([("front", 1L)], window.Graph.Links.Select(link => (link.Parent, link.Calls)));
    }

    [Fact]
    public void Of_too_many_traces_the_newest_are_looked_at_and_the_time_is_theirs()
    {
        var store = new TraceStore(new TraceLimits());
        for (var i = 1; i <= (GraphWindow.MaxSpans / 2) + 10; i++)
            Add(i.ToString("x", CultureInfo.InvariantCulture), i * 1_000_000L, store);
        var window = GraphWindow.Of(new TraceQuery(), store, nowUs: 0);
        Assert.Equal((true, GraphWindow.MaxSpans / 2), (window.IsPartial, window.Traces));
        Assert.InRange(window.Seconds, window.Traces - 1, window.Traces);
    }

    [Fact]
    public void Without_traces_there_is_no_time() => Assert.Equal(0, GraphWindow.Of(new TraceQuery(), _store, 1).Seconds);

    private void Add(string trace, long startUs, TraceStore? store = null)
    {
        (store ?? _store).Add(TestSpans.Span(trace, "1", "front", SpanKind.Client) with { TimestampUs = startUs });
        (store ?? _store).Add(TestSpans.Span(trace, "1", "a") with { TimestampUs = startUs, IsShared = true });
    }
}
