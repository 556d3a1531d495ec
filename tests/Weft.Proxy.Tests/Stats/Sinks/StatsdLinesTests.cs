using System.Globalization;
using System.Text;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Stats;
using Weft.Proxy.Stats.Sinks;
using Weft.Proxy.Stats.Sinks.Statsd;

namespace Weft.Proxy.Tests.Stats.Sinks;

public sealed class StatsdLinesTests
{
    private readonly StatsStore _store = new();
    private readonly MetricsSnapshot _snapshot = new();

    [Fact]
    public void A_counter_is_sent_as_what_it_grew_by_also_over_a_reset()
    {
        var counter = _store.Scope("cluster.a.").Counter("upstream_rq_total");
        Assert.Equal([], Lines());
        counter.Add(3);
        Assert.Equal(["front.cluster.a.upstream_rq_total:3|c"], Lines());
        _store.ResetCounters();
        counter.Inc();
        Assert.Equal(["front.cluster.a.upstream_rq_total:1|c"], Lines());
        Assert.Equal(["front.cluster.a.upstream_rq_total:0|c"], Lines());
    }

    [Fact]
    public void A_counter_that_takes_the_place_of_a_removed_one_starts_at_nothing()
    {
        var scope = _store.Scope("cluster.a.");
        scope.Counter("total").Add(7);
        Lines();
        scope.Dispose();
        // Removed statistics are used again some flushes later.
        for (var i = 0; i < 5; i++)
            _store.Flush();
        for (var i = 0; i < 200; i++)
            _store.Scope($"cluster.b{i}.").Counter("total").Inc();
        Assert.All(Lines(), line => Assert.EndsWith(".total:1|c", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_gauge_is_sent_as_it_is()
    {
        _store.Scope("cluster.a.").Gauge("membership_total").Set(2);
        Assert.Equal(["front.cluster.a.membership_total:2|g"], Lines());
        Assert.Equal(["front.cluster.a.membership_total:2|g"], Lines());
    }

    [Fact]
    public void A_histogram_is_sent_as_timers_of_the_last_interval()
    {
        var times = _store.Scope("cluster.a.").Histogram("upstream_rq_time", HistogramUnit.Milliseconds);
        times.Record(7);
        times.Record(15);
        times.Record(15);
        times.Record(0);
        Assert.Equal(["front.cluster.a.upstream_rq_time:0|ms", "front.cluster.a.upstream_rq_time:7|ms", "front.cluster.a.upstream_rq_time:15|ms|@0.5"], Lines());
        Assert.Equal([], Lines());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(49)]
    [InlineData(1000)]
    [InlineData(77777)]
    public void A_sample_rate_gives_the_count_back(int count)
    {
        var times = _store.Scope("x.").Histogram("t", HistogramUnit.Milliseconds);
        for (var i = 0; i < count; i++)
            times.Record(5);
        var rate = double.Parse(Lines().Single().Split("|@")[1], CultureInfo.InvariantCulture);
        Assert.Equal(count, (int)(1 / rate));
    }

    [Fact]
    public void A_percentage_is_sent_as_a_fraction()
    {
        _store.Scope("x.").Histogram("budget", HistogramUnit.Percent).Record(125_000);
        Assert.Equal(["front.x.budget:0.125|h"], Lines());
    }

    [Fact]
    public void Without_a_prefix_names_begin_with_envoy()
    {
        _store.Scope("a.").Counter("b").Inc();
        Assert.Equal(["envoy.a.b:1|c"], Lines(new StatsdLines("")));
    }

    [Fact]
    public void Dog_statsd_has_tags_behind_the_type_and_graphite_behind_the_name()
    {
        _store.Scope("cluster.web.").Counter("upstream_rq_200").Inc();
        Assert.Equal(
            ["envoy.cluster.upstream_rq:1|c|#envoy.response_code:200,envoy.cluster_name:web"],
            Lines(new StatsdLines("", StatsdTagFormat.DogStatsd, TagExtractor.Default)));
        Assert.Equal(
            ["envoy.cluster.upstream_rq;envoy.response_code=200;envoy.cluster_name=web:0|c"],
            Lines(new StatsdLines("", StatsdTagFormat.Graphite, TagExtractor.Default)));
    }

    [Fact]
    public void A_name_cannot_break_its_line()
    {
        _store.Scope("a:b|c\nd.").Counter("e").Inc();
        Assert.Equal(["front.a_b_c_d.e:1|c"], Lines());
    }

    private List<string> Lines(StatsdLines? lines = null)
    {
        _store.Flush();
        _snapshot.Take(_store);
        var sink = new ListSink(lines ?? new StatsdLines("front"));
        sink.Flush(_snapshot);
        return sink.Lines;
    }

    private sealed class ListSink(StatsdLines lines) : StatsdLineSink(lines)
    {
        public List<string> Lines { get; } = [];

        protected override void Send(ReadOnlySpan<byte> line) => Lines.Add(Encoding.UTF8.GetString(line));
    }
}
