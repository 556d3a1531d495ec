using Weft.Observe.Logs;

namespace Weft.Observe.Tests.Logs;

public sealed class LogStoreTests
{
    [Fact]
    public void The_oldest_lines_go_by_count_and_by_memory()
    {
        var store = new LogStore(3, 1_000_000);
        for (var i = 0; i < 5; i++)
            store.Add("a", 0, $"line {i}");
        Assert.Equal(["line 2", "line 3", "line 4"], store.Find(null, 0, 10).Select(line => line.Text));
        Assert.Equal((5, 2), (store.Received, store.Evicted));

        var small = new LogStore(1000, 50_000);
        for (var i = 0; i < 100; i++)
            small.Add("a", 0, new string('x', 1000));
        Assert.InRange(small.Bytes, 1, 50_000);
    }

    [Fact]
    public void Lines_are_found_by_text_and_by_where_the_reader_was()
    {
        var store = new LogStore(10, 1_000_000);
        store.Add("front", 0, "GET /a 200");
        store.Add("back", 0, "GET /b 503");
        Assert.Equal("GET /b 503", store.Find("503", 0, 10).Single().Text);
        Assert.Equal("GET /a 200", store.Find("FRONT", 0, 10).Single().Text);
        Assert.Equal("GET /b 503", store.Find(null, 1, 10).Single().Text);
        Assert.Equal("GET /b 503", store.Find(null, 0, 1).Single().Text);
    }
}
