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
        Assert.Equal(["1"], Run(new TraceQuery { Annotations = ["http.status_code=200"] }));
        Assert.Equal(["2"], Run(new TraceQuery { Annotations = ["error", "retry"] }));
        Assert.Empty(Run(new TraceQuery { Annotations = ["error", "http.status_code"] }));
    }

    private IEnumerable<string> Run(TraceQuery query) => query.Run(_store).Select(trace => trace.Id.TrimStart('0'));
}
