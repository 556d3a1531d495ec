using Weft.Observe.Traces;

namespace Weft.Observe.Tests.Traces;

public sealed class ServiceGraphTests
{
    [Fact]
    public void A_call_whose_halves_share_a_span_counts_once()
    {
        var graph = Of(
            TestSpans.Span("1", "1", "front", SpanKind.Client),
            TestSpans.Span("1", "1", "a") with { IsShared = true },
            TestSpans.Span("1", "2", "a", SpanKind.Client, "1"),
            TestSpans.Span("1", "2", "b", SpanKind.Server, "1") with { IsShared = true, Tags = [new("error", "true")] });
        Assert.Equal([("front", "a", 1, 0), ("a", "b", 1, 1)], Links(graph).OrderByDescending(link => link.Item1));
        Assert.Equal([("a", 1L), ("b", 1L), ("front", 0L)], graph.Nodes.Select(node => (node.Name, node.Requests)));
    }

    [Fact]
    public void A_server_with_a_span_of_its_own_is_called_by_the_client_above_it()
    {
        var graph = Of(
            TestSpans.Span("1", "1", "front", SpanKind.Client),
            TestSpans.Span("1", "2", "a", SpanKind.Server, "1"),
            TestSpans.Span("1", "3", "a", SpanKind.Client, "2"),
            TestSpans.Span("1", "4", "b", SpanKind.Server, "3"));
        Assert.Equal([("a", "b", 1, 0), ("front", "a", 1, 0)], Links(graph));
    }

    [Fact]
    public void A_client_alone_says_whom_it_called()
    {
        var graph = Of(TestSpans.Span("1", "1", "a", SpanKind.Client) with { Remote = new SpanEndpoint("redis", "", 6379) });
        Assert.Equal([("a", "redis", 1, 0)], Links(graph));
    }

    [Fact]
    public void Spans_that_are_their_own_parents_end_the_search_and_not_the_process()
    {
        var graph = Of(
            TestSpans.Span("1", "1", "", SpanKind.None, "2"),
            TestSpans.Span("1", "2", "", SpanKind.None, "1"),
            TestSpans.Span("1", "3", "a", SpanKind.Server, "2"));
        Assert.Empty(graph.Links);
    }

    private static ServiceGraph Of(params SpanRecord[] spans)
    {
        var trace = new TraceEntry("1");
        foreach (var span in spans)
            trace.TryAdd(span, 1);
        var graph = new ServiceGraph();
        graph.Add(trace);
        return graph;
    }

    private static IEnumerable<(string, string, int, int)> Links(ServiceGraph graph) => graph.Links.Select(link => (link.Parent, link.Child, (int)link.Calls, (int)link.Errors));
}
