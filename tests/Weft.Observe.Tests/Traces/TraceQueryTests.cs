using Weft.Observe.Traces;

namespace Weft.Observe.Tests.Traces;

public sealed class TraceQueryTests
{
    private readonly TraceStore _store = new(new TraceLimits());

    public TraceQueryTests()
    {
        _store.Add(TestSpans.Span("1", "1", "a") with { TimestampUs = 1_000_000, DurationUs = 100, Tags = [new("http.status_code", "200")] });
        _store.Add(TestSpans.Span("2", "1", "b") with { TimestampUs = 3_000_000, DurationUs = 900, Tags = [new("error", "true")], Annotations = [new(3_000_000, "retry")] });
        _store.Add(TestSpans.Span("3", "1", "b") with { TimestampUs = 2_000_000, Name = "other" });
    }

    [Fact]
    public void The_latest_come_first_and_no_more_than_asked_for()
    {
        Assert.Equal(["2", "3", "1"], Run(new TraceQuery()));
        Assert.Equal(["2"], Run(new TraceQuery { Limit = 1 }));
    }

    [Fact]
    public void By_service_name_duration_and_time()
    {
        Assert.Equal(["2", "3"], Run(new TraceQuery { Service = "b" }));
        Assert.Equal(["3"], Run(new TraceQuery { Service = "b", SpanName = "other" }));
        Assert.Equal(["2"], Run(new TraceQuery { MinDurationUs = 600 }));
        Assert.Equal(["1"], Run(new TraceQuery { MinDurationUs = 1, MaxDurationUs = 200 }));
        Assert.Equal(["3"], Run(new TraceQuery { EndUs = 2_500_000, LookbackUs = 1_000_000 }));
        Assert.Equal(["2"], Run(new TraceQuery { ErrorsOnly = true }));
    }

    [Fact]
    public void By_tags_and_annotations_all_of_which_must_be_there()
    {
        Assert.Equal(["1"], Run(new TraceQuery { Tags = TagCondition.All("http.status_code=200", TagCondition.OfZipkin) }));
        Assert.Equal(["2"], Run(new TraceQuery { Tags = TagCondition.All("error and retry", TagCondition.OfZipkin) }));
        Assert.Empty(Run(new TraceQuery { Tags = TagCondition.All("error and http.status_code", TagCondition.OfZipkin) }));
    }

    [Fact]
    public void By_duration_of_the_whole_trace_and_the_longest_first()
    {
        _store.Add(TestSpans.Span("1", "2", "b", parent: "1") with { TimestampUs = 1_000_000 + 950, DurationUs = 50 });
        Assert.Equal(["1"], Run(new TraceQuery { MinTraceUs = 950 }));
        Assert.Equal(["2", "3"], Run(new TraceQuery { MaxTraceUs = 950 }));
        Assert.Equal(["1", "2", "3"], Run(new TraceQuery { IsByDuration = true }));
        // A span of its own is no longer than it was, and without a least duration there may be a most.
        Assert.Equal(["2", "3", "1"], Run(new TraceQuery { MaxDurationUs = 900 }));
        Assert.Equal(["3", "1"], Run(new TraceQuery { MaxDurationUs = 600 }));
    }

    [Fact]
    public void By_a_second_service_that_has_a_part_in_it()
    {
        _store.Add(TestSpans.Span("1", "2", "b", parent: "1") with { TimestampUs = 1_000_000 });
        Assert.Equal(["1"], Run(new TraceQuery { Service = "b", With = "a" }));
        Assert.Empty(Run(new TraceQuery { Service = "b", With = "c" }));
    }

    private IEnumerable<string> Run(TraceQuery query) => query.Run(_store).Select(trace => trace.Id.TrimStart('0'));
}
