using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Tests.Stats;

public sealed class StatsPrinterTests
{
    private const string Quantiles =
        "P0(200,200) P25(207.5,207.5) P50(302.5,302.5) P75(306.25,306.25) P90(308.5,308.5) P95(309.25,309.25) P99(309.85,309.85) P99.5(309.925,309.925) P99.9(309.985,309.985) P100(310,310)";

    private readonly StatsStore _store = new();

    [Fact]
    public void A_statistic_that_is_forgotten_while_it_is_printed_leaves_no_other_in_its_place()
    {
        var store = new StatsStore();
        var scopes = Enumerable.Range(0, 3000).Select(i => store.Scope($"cluster.c{i}.")).ToArray();
        foreach (var scope in scopes)
            scope.Counter("upstream_rq_total").Inc();
        store.Scope("server.").Gauge("uptime").Set(1);
        var printer = StatsPrinter.Create(store, new StatsQuery { Format = StatsFormat.Prometheus });
        var output = new ByteWriter();
        Assert.True(printer.WriteNext(output));
        foreach (var scope in scopes[..^1])
            scope.Dispose();
        for (var i = 0; i < 3000; i++)
            store.Scope($"listener.l{i}.").Counter("downstream_cx_total").Inc();
        while (printer.WriteNext(output))
        {
        }

        var lines = Encoding.UTF8.GetString(output.Written).Split('\n');
        Assert.DoesNotContain(lines, line => line.Contains("downstream_cx_total", StringComparison.Ordinal));
        Assert.All(lines[2..^4], line => Assert.StartsWith("envoy_cluster_upstream_rq_total{", line, StringComparison.Ordinal));
        Assert.Equal("envoy_server_uptime{} 1", lines[^2]);
    }

    [Fact]
    public void Text_comes_by_name_with_texts_first_and_histograms_last()
    {
        var scope = _store.Scope("b.");
        scope.Counter("two").Add(2);
        scope.Gauge("one").Set(1);
        scope.Histogram("unused");
        scope.Text("zz", () => "hello");
        _store.Scope("a.").Counter("three").Add(3);
        Assert.Equal("b.zz: \"hello\"\na.three: 3\nb.one: 1\nb.two: 2\nb.unused: No recorded values\n", Text(new StatsQuery()));
    }

    [Fact]
    public void A_histogram_prints_quantiles_of_interval_and_all_time()
    {
        Record(200, 300, 300);
        Assert.Equal($"h1: {Quantiles}\n", Text(new StatsQuery()));
        _store.Flush();
        Assert.StartsWith("h1: P0(nan,200) P25(nan,207.5)", Text(new StatsQuery()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_prints_cumulative_buckets()
    {
        Record(200, 300, 300);
        Assert.Equal(
            "h1: B0.5(0,0) B1(0,0) B5(0,0) B10(0,0) B25(0,0) B50(0,0) B100(0,0) B250(1,1) B500(3,3) B1000(3,3) B2500(3,3) B5000(3,3) B10000(3,3) B30000(3,3) B60000(3,3) B300000(3,3) B600000(3,3) B1.8e+06(3,3) B3.6e+06(3,3)\n",
            Text(new StatsQuery { Buckets = HistogramBucketsMode.Cumulative }));
    }

    [Fact]
    public void A_histogram_prints_disjoint_buckets()
    {
        Record(200, 300, 300);
        Assert.Equal(
            "h1: B0.5(0,0) B1(0,0) B5(0,0) B10(0,0) B25(0,0) B50(0,0) B100(0,0) B250(1,1) B500(2,2) B1000(0,0) B2500(0,0) B5000(0,0) B10000(0,0) B30000(0,0) B60000(0,0) B300000(0,0) B600000(0,0) B1.8e+06(0,0) B3.6e+06(0,0)\n",
            Text(new StatsQuery { Buckets = HistogramBucketsMode.Disjoint }));
    }

    [Fact]
    public void A_histogram_prints_every_bin_in_detail()
    {
        Record(200, 300, 300);
        Assert.Equal($"h1:\n  totals=200,10:1, 300,10:2\n  intervals=200,10:1, 300,10:2\n  summary={Quantiles}\n", Text(new StatsQuery { Buckets = HistogramBucketsMode.Detailed }));
    }

    [Fact]
    public void Used_only_kind_and_filter_select()
    {
        var scope = _store.Scope("s.");
        scope.Counter("used").Inc();
        scope.Counter("unused");
        scope.Gauge("gauge").Set(0);
        Assert.Equal("s.gauge: 0\ns.used: 1\n", Text(new StatsQuery { UsedOnly = true }));
        Assert.Equal("", Text(new StatsQuery { HiddenOnly = true }));
        Assert.Equal("s.gauge: 0\n", Text(new StatsQuery { Kind = StatKind.Gauge }));
        Assert.Equal("s.unused: 0\ns.used: 1\n", Text(new StatsQuery { Filter = new Regex("^s\\.u") }));
    }

    [Fact]
    public void A_gauge_set_to_a_hash_prints_without_sign_and_a_counted_one_never_below_zero()
    {
        _store.Scope("s.").Gauge("hash").Set(-1);
        _store.Scope("s.").Gauge("racing").Dec();
        Assert.Equal("s.hash: 18446744073709551615\ns.racing: 0\n", Text(new StatsQuery()));
    }

    [Fact]
    public void Json_has_Envoys_shape()
    {
        Record(200, 300, 300);
        _store.Scope("s.").Counter("c").Add(42);
        _store.Scope("s.").Text("t", () => "abc \"x\" <y>");
        var stats = Json(new StatsQuery())["stats"]!.AsArray();
        Assert.Equal("""{"name":"s.t","value":"abc \u0022x\u0022 \u003Cy\u003E"}""", stats[0]!.ToJsonString());
        Assert.Equal("""{"name":"s.c","value":42}""", stats[1]!.ToJsonString());
        var histograms = stats[2]!["histograms"]!;
        Assert.Equal("[0,25,50,75,90,95,99,99.5,99.9,100]", histograms["supported_quantiles"]!.ToJsonString());
        var computed = Assert.Single(histograms["computed_quantiles"]!.AsArray())!;
        Assert.Equal("h1", (string)computed["name"]!);
        Assert.Equal("""{"cumulative":207.5,"interval":207.5}""", computed["values"]![1]!.ToJsonString());
        Assert.Equal(10, computed["values"]!.AsArray().Count);
    }

    [Fact]
    public void Json_of_an_unused_histogram_has_nulls_and_without_histograms_there_is_no_entry_for_them()
    {
        Assert.Equal("{\"stats\":[]}", Render(StatsPrinter.WriteJson, new StatsQuery()));
        _store.Scope("").Histogram("h");
        Assert.Equal(
            """{"cumulative":null,"interval":null}""",
            Json(new StatsQuery())["stats"]![0]!["histograms"]!["computed_quantiles"]![0]!["values"]![3]!.ToJsonString());
    }

    [Theory]
    [InlineData(HistogramBucketsMode.Cumulative, """{"upper_bound":500,"interval":3,"cumulative":3}""")]
    [InlineData(HistogramBucketsMode.Disjoint, """{"upper_bound":500,"interval":2,"cumulative":2}""")]
    public void Json_buckets_are_a_plain_array(HistogramBucketsMode mode, string fifth)
    {
        Record(200, 300, 300);
        var histogram = Json(new StatsQuery { Buckets = mode })["stats"]![0]!["histograms"]![0]!;
        Assert.Equal("h1", (string)histogram["name"]!);
        Assert.Equal(fifth, histogram["buckets"]![8]!.ToJsonString());
    }

    [Fact]
    public void Json_details_list_totals_intervals_and_percentiles()
    {
        Record(200, 300, 300);
        var histograms = Json(new StatsQuery { Buckets = HistogramBucketsMode.Detailed })["stats"]![0]!["histograms"]!;
        Assert.Equal(10, histograms["supported_percentiles"]!.AsArray().Count);
        var detail = histograms["details"]![0]!;
        Assert.Equal("""[{"lower_bound":200,"width":10,"count":1},{"lower_bound":300,"width":10,"count":2}]""", detail["totals"]!.ToJsonString());
        Assert.Equal(10, detail["percentiles"]!.AsArray().Count);
    }

    [Fact]
    public void Prometheus_groups_by_metric_with_tags_as_labels()
    {
        _store.Scope("cluster.web.").Counter("upstream_rq_200").Add(7);
        _store.Scope("cluster.web.").Counter("upstream_rq_503").Add(1);
        _store.Scope("cluster.a-b.").Counter("upstream_rq_200").Add(2);
        _store.Scope("cluster.web.").Gauge("upstream_cx_active").Set(3);
        _store.Scope("server.").Text("build", () => "x");
        Assert.Equal(
            """
            # HELP envoy_cluster_upstream_rq Responses by status.
            # TYPE envoy_cluster_upstream_rq counter
            envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="a-b"} 2
            envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="web"} 7
            envoy_cluster_upstream_rq{envoy_response_code="503",envoy_cluster_name="web"} 1
            # HELP envoy_cluster_upstream_cx_active Connections that are open.
            # TYPE envoy_cluster_upstream_cx_active gauge
            envoy_cluster_upstream_cx_active{envoy_cluster_name="web"} 3

            """,
            Prometheus(new StatsQuery()));
    }

    [Fact]
    public void Prometheus_prints_buckets_sum_and_count_of_all_time()
    {
        var histogram = _store.Scope("cluster.web.").Histogram("upstream_rq_time", HistogramUnit.Milliseconds);
        histogram.Record(1);
        histogram.Record(7);
        histogram.Record(5_000_000);
        _store.Flush();
        var text = Prometheus(new StatsQuery());
        Assert.StartsWith("# HELP envoy_cluster_upstream_rq_time Time until responses were complete, in milliseconds.\n# TYPE envoy_cluster_upstream_rq_time histogram\nenvoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"web\",le=\"0.5\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("_bucket{envoy_cluster_name=\"web\",le=\"5\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("_bucket{envoy_cluster_name=\"web\",le=\"3600000\"} 2\n", text, StringComparison.Ordinal);
        Assert.EndsWith("_bucket{envoy_cluster_name=\"web\",le=\"+Inf\"} 3\nenvoy_cluster_upstream_rq_time_sum{envoy_cluster_name=\"web\"} 5000008\nenvoy_cluster_upstream_rq_time_count{envoy_cluster_name=\"web\"} 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Prometheus_histograms_without_tags_have_empty_braces()
    {
        _store.Scope("server.").Histogram("initialization_time_ms");
        var text = Prometheus(new StatsQuery());
        Assert.Contains("envoy_server_initialization_time_ms_bucket{le=\"0.5\"} 0\n", text, StringComparison.Ordinal);
        Assert.EndsWith("envoy_server_initialization_time_ms_sum{} 0\nenvoy_server_initialization_time_ms_count{} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Prometheus_summaries_print_quantiles_of_the_interval()
    {
        Record(200);
        var text = Prometheus(new StatsQuery { Buckets = HistogramBucketsMode.Summary });
        Assert.StartsWith("# TYPE envoy_h1 summary\nenvoy_h1{quantile=\"0\"} 200\nenvoy_h1{quantile=\"0.25\"} 202.5\n", text, StringComparison.Ordinal);
        Assert.EndsWith("envoy_h1{quantile=\"1\"} 210\nenvoy_h1_sum{} 200\nenvoy_h1_count{} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Prometheus_prints_texts_as_labels_when_asked()
    {
        _store.Scope("my_plane.").Text("identifier", () => "a\"b\\c\nd");
        Assert.Equal("", Prometheus(new StatsQuery()));
        Assert.Equal("# TYPE envoy_my_plane_identifier gauge\nenvoy_my_plane_identifier{text_value=\"a\\\"b\\\\c\\nd\"} 0\n", Prometheus(new StatsQuery { TextReadouts = true }));
    }

    [Fact]
    public void Names_that_become_the_same_metric_share_one_type_line()
    {
        _store.Scope("a-b.").Counter("x").Inc();
        _store.Scope("a_b.").Counter("x").Inc();
        _store.Scope("a-c.").Counter("x").Inc();
        var types = Prometheus(new StatsQuery()).Split('\n').Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).ToArray();
        Assert.Equal(types.Distinct(), types);
    }

    [Fact]
    public void Everything_printed_for_Prometheus_can_be_parsed()
    {
        new HttpConnectionManagerStats(_store, "in\"gress\n").ChargeResponse(200);
        new ListenerStats(_store, "[::1]:80", 2).ForWorker(0).OnAccepted();
        _ = new ServerStats(_store, () => 1, () => 2);
        _ = new Proxy.Clusters.ClusterStats(_store.Scope("cluster.outbound|80||a.b."));
        _store.Flush();
        var line = new Regex("""^(# HELP [a-zA-Z_][a-zA-Z0-9_]* [^\\\n]+|# TYPE [a-zA-Z_][a-zA-Z0-9_]* (counter|gauge|histogram)|[a-zA-Z_][a-zA-Z0-9_]*\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"(,|(?=\})))*\} [0-9.e+-]+)$""");
        var text = Prometheus(new StatsQuery());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.All(text[..^1].Split('\n'), printed => Assert.Matches(line, printed));
    }

    [Fact]
    public void Long_output_comes_in_pieces()
    {
        var scope = _store.Scope("a.scope.with.a.long.name.");
        for (var i = 0; i < 5000; i++)
            scope.Counter("counter_" + i);
        var printer = StatsPrinter.Create(_store, new StatsQuery());
        var piece = new ByteWriter();
        var whole = new StringBuilder();
        var pieces = 0;
        bool goesOn;
        do
        {
            piece.Clear();
            goesOn = printer.WriteNext(piece);
            Assert.InRange(piece.Length, 0, StatsPrinter.PieceBytes + 1000);
            whole.Append(Encoding.UTF8.GetString(piece.Written));
            pieces++;
        }
        while (goesOn);
        Assert.InRange(pieces, 3, 10);
        Assert.Equal(Text(new StatsQuery()), whole.ToString());
    }

    private void Record(params long[] values)
    {
        var histogram = _store.Scope("").Histogram("h1");
        foreach (var value in values)
            histogram.Record(value);
        _store.Flush();
    }

    private string Text(StatsQuery query) => Render(StatsPrinter.WriteText, query);

    private string Prometheus(StatsQuery query) => Render(StatsPrinter.WritePrometheus, query);

    private JsonNode Json(StatsQuery query) => JsonNode.Parse(Render(StatsPrinter.WriteJson, query))!;

    private string Render(Action<StatsStore, StatsQuery, ByteWriter> write, StatsQuery query)
    {
        var output = new ByteWriter();
        write(_store, query, output);
        return Encoding.UTF8.GetString(output.Written);
    }
}
