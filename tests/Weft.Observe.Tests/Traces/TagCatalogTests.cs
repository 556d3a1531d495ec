using System.Globalization;
using Weft.Observe.Traces;

namespace Weft.Observe.Tests.Traces;

public sealed class TagCatalogTests
{
    private readonly TraceStore _store = new(new TraceLimits());
    private long _nowMs;

    [Fact]
    public void Tags_whose_values_repeat_are_offered_and_those_that_are_new_each_time_are_not()
    {
        var catalog = new TagCatalog(_store, () => _nowMs);
        for (var i = 1; i <= 100; i++)
            _store.Add(TestSpans.Span(i.ToString("x", CultureInfo.InvariantCulture), "1") with { Tags = [new("method", i % 2 == 0 ? "GET" : "POST"), new("request_id", i.ToString(CultureInfo.InvariantCulture))] });
        Assert.Equal(["method"], catalog.Keys);
        Assert.Equal(["GET", "POST"], catalog.Values("method"));
        Assert.Empty(catalog.Values("request_id"));
        Assert.Empty(catalog.Values("no such"));
    }

    [Fact]
    public void It_is_worked_out_anew_when_it_has_grown_old()
    {
        var catalog = new TagCatalog(_store, () => _nowMs);
        Assert.Empty(catalog.Keys);
        _store.Add(TestSpans.Span("1", "1") with { Tags = [new("method", "GET")] });
        Assert.Empty(catalog.Keys);
        _nowMs = 6_000;
        Assert.Equal(["method"], catalog.Keys);
    }
}
