using System.Net;
using System.Text.Json;

namespace Weft.Observe.Tests.Api;

/// <summary>Jaeger's queries, as its page and Grafana make them.</summary>
public sealed class JaegerApiTests
{
    private const string TraceId = "463ac35c9f6413ad";

    [Fact]
    public async Task Services_and_operations_are_listed()
    {
        using var observer = await WithChain();
        Assert.Equal(["a", "b", "front"], Texts(await Data(observer, "/api/services")));
        Assert.Equal(["b", "checkAvailability"], Texts(await Data(observer, "/api/services/a/operations")));
        Assert.Equal(["b client", "checkAvailability server"], (await Data(observer, "/api/operations?service=a")).EnumerateArray().Select(one => $"{one.GetProperty("name").GetString()} {one.GetProperty("spanKind").GetString()}"));
        Assert.Equal(1, (await Data(observer, "/api/operations?service=a&spanKind=client")).GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await observer.Http.GetAsync("/api/operations")).StatusCode);
    }

    [Fact]
    public async Task A_trace_is_a_tree_in_which_each_span_has_an_identifier_of_its_own()
    {
        using var observer = await WithChain();
        var trace = (await Data(observer, "/api/traces/" + TraceId))[0];
        var spans = trace.GetProperty("spans").EnumerateArray().ToList();
        var ids = spans.Select(span => span.GetProperty("spanID").GetString()).ToList();
        Assert.Equal(4, ids.Distinct().Count());
        // front calls a, whose server half is below; what a calls is below that half, and so on.
        Assert.Equal([null, ids[0], ids[1], ids[2]], spans.Select(span => span.GetProperty("references").EnumerateArray().Select(reference => reference.GetProperty("spanID").GetString()).SingleOrDefault()));
        Assert.Equal(["front", "a", "a", "b"], spans.Select(span => trace.GetProperty("processes").GetProperty(span.GetProperty("processID").GetString()!).GetProperty("serviceName").GetString()));
        Assert.Equal((1700000000003000, 1000), (spans[3].GetProperty("startTime").GetInt64(), spans[3].GetProperty("duration").GetInt64()));
        Assert.Contains(spans[3].GetProperty("tags").EnumerateArray(), tag => tag.GetProperty("key").GetString() == "error" && tag.GetProperty("value").GetBoolean());
        Assert.Equal("half", spans[3].GetProperty("logs")[0].GetProperty("fields")[0].GetProperty("value").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await observer.Http.GetAsync("/api/traces/123")).StatusCode);
    }

    [Theory]
    [InlineData("service=a", 1)]
    [InlineData("service=none", 0)]
    [InlineData("service=a&operation=checkAvailability&limit=5&lookback=1h", 1)]
    [InlineData("service=a&operation=none", 0)]
    [InlineData("service=front&tags=%7B%22http.status_code%22%3A%22200%22%7D", 1)]
    [InlineData("service=front&tags=%7B%22http.status_code%22%3A%22500%22%7D", 0)]
    [InlineData("service=b&tags=%7B%22error%22%3A%22true%22%7D", 1)]
    [InlineData("service=front&minDuration=8.5ms", 1)]
    [InlineData("service=front&minDuration=9001us", 0)]
    [InlineData("service=front&maxDuration=1s500ms", 1)]
    [InlineData("service=a&start=1699999999000000&end=1700000001000000", 1)]
    [InlineData("service=a&start=1700000001000000&end=1700000002000000", 0)]
    [InlineData("traceID=463ac35c9f6413ad", 1)]
    public async Task Traces_are_found(string query, int count)
    {
        using var observer = await WithChain();
        Assert.Equal(count, (await Data(observer, "/api/traces?" + query)).GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("service=a&minDuration=5")]
    [InlineData("service=a&minDuration=fast")]
    [InlineData("service=a&tags=5")]
    [InlineData("service=a&tags=%7B")]
    public async Task A_query_that_cannot_be_understood_is_answered_400(string query)
    {
        using var observer = await WithChain();
        Assert.Equal(HttpStatusCode.BadRequest, (await observer.Http.GetAsync("/api/traces?" + query)).StatusCode);
    }

    [Fact]
    public async Task Dependencies_are_the_service_graph()
    {
        using var observer = await WithChain();
        var links = await Data(observer, "/api/dependencies?endTs=1700000001000&lookback=86400000");
        Assert.Equal([("a", "b", 1), ("front", "a", 1)], links.EnumerateArray().Select(link => (link.GetProperty("parent").GetString(), link.GetProperty("child").GetString(), link.GetProperty("callCount").GetInt32())));
    }

    private static async Task<RunningObserver> WithChain()
    {
        var observer = new RunningObserver();
        await observer.Post("/api/v2/spans", TestSpans.Chain());
        return observer;
    }

    private static async Task<JsonElement> Data(RunningObserver observer, string path) => (await observer.Get(path)).GetProperty("data");

    private static IEnumerable<string?> Texts(JsonElement list) => list.EnumerateArray().Select(item => item.GetString());
}
