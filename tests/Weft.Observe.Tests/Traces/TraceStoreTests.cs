using Weft.Observe.Traces;

namespace Weft.Observe.Tests.Traces;

public sealed class TraceStoreTests
{
    [Fact]
    public void The_trace_that_was_quiet_longest_goes_first_when_there_are_too_many_spans()
    {
        var store = new TraceStore(new TraceLimits { MaxSpans = 3 });
        store.Add(TestSpans.Span("1", "1"));
        store.Add(TestSpans.Span("2", "1"));
        store.Add(TestSpans.Span("1", "2"));
        store.Add(TestSpans.Span("3", "1"));
        Assert.NotNull(store.Find("1"));
        Assert.Null(store.Find("2"));
        Assert.NotNull(store.Find("3"));
        Assert.Equal((3, 2, 1, 4), (store.SpanCount, store.TraceCount, store.Evicted, store.Received));
    }

    [Fact]
    public void Memory_is_bounded_as_well_as_count()
    {
        var store = new TraceStore(new TraceLimits { MaxBytes = 100_000 });
        for (var i = 1; i <= 50; i++)
            store.Add(TestSpans.Span(i.ToString("x", null), "1") with { Tags = [new("large", new string('x', 5000))] });
        Assert.InRange(store.Bytes, 1, 100_000);
        Assert.InRange(store.TraceCount, 1, 10);
        Assert.Equal(50, store.TraceCount + store.Evicted);
    }

    [Fact]
    public void A_trace_that_never_ends_takes_no_more_than_its_share()
    {
        var store = new TraceStore(new TraceLimits { MaxSpansPerTrace = 10 });
        for (var i = 1; i <= 25; i++)
            store.Add(TestSpans.Span("1", i.ToString("x", null)));
        Assert.Equal((10, 15), (store.SpanCount, store.Dropped));
    }

    [Fact]
    public void What_is_sent_twice_is_kept_once_but_both_halves_of_a_shared_span_are_kept()
    {
        var store = new TraceStore(new TraceLimits());
        Assert.True(store.Add(TestSpans.Span("1", "1", kind: SpanKind.Client)));
        Assert.False(store.Add(TestSpans.Span("1", "1", kind: SpanKind.Client)));
        Assert.True(store.Add(TestSpans.Span("1", "1", kind: SpanKind.Server) with { IsShared = true }));
        Assert.Equal(2, store.SpanCount);
    }

    [Theory]
    [InlineData("463ac35c9f6413ad")]
    [InlineData("463AC35C9F6413AD")]
    [InlineData("0000000000000000463ac35c9f6413ad")]
    public void A_trace_is_found_however_its_id_is_written(string id)
    {
        var store = new TraceStore(new TraceLimits());
        store.Add(TestSpans.Span("463ac35c9f6413ad", "1"));
        Assert.NotNull(store.Find(id));
        Assert.Null(store.Find("no id"));
    }
}
