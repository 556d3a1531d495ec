using Envoy.Config.Metrics.V3;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using Io.Prometheus.Client;
using Opentelemetry.Proto.Metrics.V1;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Stats.Sinks;
using Weft.Proxy.Stats.Sinks.MetricsService;
using Weft.Proxy.Stats.Sinks.OpenTelemetry;
using StatsConfig = Weft.Proxy.Stats.StatsConfig;

namespace Weft.Proxy.Tests.Stats.Sinks;

/// <summary>What metrics services and OpenTelemetry collectors read in what they are sent.</summary>
public sealed class MetricMessageTests
{
    private static readonly DateTime s_start = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly StatsStore _store = new();
    private readonly MetricsSnapshot _snapshot = new();
    private readonly Base.Stats.Counter _counter;
    private readonly Base.Stats.Gauge _gauge;
    private readonly Base.Stats.Histogram _histogram;

    public MetricMessageTests()
    {
        var scope = _store.Scope("cluster.web.");
        _counter = scope.Counter("upstream_rq_total");
        _gauge = scope.Gauge("membership_total");
        _histogram = scope.Histogram("upstream_rq_time", HistogramUnit.Milliseconds);
        _counter.Add(3);
        _gauge.Set(2);
        _histogram.Record(0);
        _histogram.Record(7);
        Take();
    }

    [Fact]
    public void A_metrics_service_gets_a_family_for_each_statistic()
    {
        var families = Families(new MetricFamilyOptions(false, false, HistogramEmitMode.SummaryAndHistogram));
        Assert.Equal(
            [("cluster.web.upstream_rq_total", MetricType.Counter), ("cluster.web.membership_total", MetricType.Gauge), ("cluster.web.upstream_rq_time", MetricType.Summary), ("cluster.web.upstream_rq_time", MetricType.Histogram)],
            families.Select(family => (family.Name, family.Type)));
        Assert.All(families, family => Assert.Equal(1234, Assert.Single(family.Metric).TimestampMs));
        Assert.Equal((3, 2), (families[0].Metric[0].Counter.Value, families[1].Metric[0].Gauge.Value));
        var summary = families[2].Metric[0].Summary;
        Assert.Equal((2ul, 7, 10), (summary.SampleCount, summary.SampleSum, summary.Quantile.Count));
        Assert.Equal((0, 1), (summary.Quantile[0].Quantile_, summary.Quantile[^1].Quantile_));
        var histogram = families[3].Metric[0].Histogram;
        Assert.Equal((2ul, 7), (histogram.SampleCount, histogram.SampleSum));
        Assert.Equal([(0.5, 1ul), (1, 1), (5, 1), (10, 2)], histogram.Bucket.Take(4).Select(bucket => (bucket.UpperBound, bucket.CumulativeCount)));
        Assert.Equal(19, histogram.Bucket.Count);
    }

    [Fact]
    public void Counters_can_be_deltas_and_tags_labels_and_histograms_of_one_kind()
    {
        var options = new MetricFamilyOptions(CountersAreDeltas: true, TagsAreLabels: true, HistogramEmitMode.Histogram);
        Assert.Equal(3, Families(options)[0].Metric[0].Counter.Value);
        _counter.Inc();
        Take();
        var families = Families(options);
        Assert.Equal(["cluster.upstream_rq_total", "cluster.membership_total", "cluster.upstream_rq_time"], families.Select(family => family.Name));
        Assert.All(families, family => Assert.Equal(("envoy.cluster_name", "web"), family.Metric[0].Label.Select(label => (label.Name, label.Value)).Single()));
        Assert.Equal((1, MetricType.Histogram, 0ul), (families[0].Metric[0].Counter.Value, families[2].Type, families[2].Metric[0].Histogram.SampleCount));
    }

    [Fact]
    public void OpenTelemetry_gets_sums_gauges_and_histograms()
    {
        var metrics = Exported(new OtlpMetricOptions(false, false, true, true, "pre."), out _);
        Assert.Equal(["pre.cluster.membership_total", "pre.cluster.upstream_rq_total", "pre.cluster.upstream_rq_time"], metrics.Select(metric => metric.Name));
        var gauge = Assert.Single(metrics[0].Gauge.DataPoints);
        Assert.Equal((2, "envoy.cluster_name", "web"), (gauge.AsInt, gauge.Attributes[0].Key, gauge.Attributes[0].Value.StringValue));
        var sum = metrics[1].Sum;
        Assert.Equal((true, AggregationTemporality.Cumulative, 3L), (sum.IsMonotonic, sum.AggregationTemporality, sum.DataPoints[0].AsInt));
        Assert.Equal((Nanoseconds(s_start), Nanoseconds(s_start.AddSeconds(5))), (sum.DataPoints[0].StartTimeUnixNano, sum.DataPoints[0].TimeUnixNano));
        var histogram = metrics[2].Histogram.DataPoints[0];
        Assert.Equal((2ul, 7, 20, 19), (histogram.Count, histogram.Sum, histogram.BucketCounts.Count, histogram.ExplicitBounds.Count));
        Assert.Equal([1ul, 0, 0, 1], histogram.BucketCounts.Take(4));
        Assert.Equal(2ul, histogram.BucketCounts.Aggregate(0ul, (total, count) => total + count));
    }

    [Fact]
    public void OpenTelemetry_gets_what_was_new_since_the_last_flush_when_asked()
    {
        var options = new OtlpMetricOptions(CountersAreDeltas: true, HistogramsAreDeltas: true, TagsAreAttributes: false, UsesExtractedName: false, "");
        Exported(options, out var metrics);
        _counter.Add(4);
        _histogram.Record(20);
        Take();
        var second = Parse(output => metrics.WriteTo(output, _snapshot, s_start.AddSeconds(10), static () => { }));
        Assert.Equal(["cluster.web.membership_total", "cluster.web.upstream_rq_total", "cluster.web.upstream_rq_time"], second.Select(metric => metric.Name));
        var sum = second[1].Sum;
        Assert.Equal((AggregationTemporality.Delta, 4L, Nanoseconds(s_start.AddSeconds(5))), (sum.AggregationTemporality, sum.DataPoints[0].AsInt, sum.DataPoints[0].StartTimeUnixNano));
        Assert.Empty(sum.DataPoints[0].Attributes);
        Assert.Equal((1ul, 20), (second[2].Histogram.DataPoints[0].Count, second[2].Histogram.DataPoints[0].Sum));
    }

    [Fact]
    public void OpenTelemetry_gets_statistics_under_other_names_added_up_where_they_come_to_the_same()
    {
        var other = _store.Scope("cluster.shop.");
        other.Counter("upstream_rq_total").Add(4);
        other.Histogram("upstream_rq_time", HistogramUnit.Milliseconds).Record(3);
        Take();
        const string Matcher = """
            matcher_list: { matchers: [
              { predicate: { single_predicate: { input: { name: name, typed_config: { "@type": type.googleapis.com/envoy.extensions.matching.common_inputs.stats.v3.StatFullNameMatchInput } }, value_match: { safe_regex: { google_re2: {}, regex: 'cluster\..*\.upstream_rq_total' } } } },
                on_match: { action: { name: a, typed_config: { "@type": type.googleapis.com/envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig.ConversionAction, metric_name: requests, static_metric_labels: [ { key: team, value: { string_value: core } } ] } } } },
              { predicate: { single_predicate: { input: { name: name, typed_config: { "@type": type.googleapis.com/envoy.extensions.matching.common_inputs.stats.v3.StatFullNameMatchInput } }, value_match: { suffix: upstream_rq_time } } },
                on_match: { action: { name: a, typed_config: { "@type": type.googleapis.com/envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig.ConversionAction, metric_name: times } } } } ] }
            """;
        var context = Weft.Proxy.Tests.Routing.Routes.Context(new ConfigContext());
        var conversions = MetricConversion.Compile(ConfigReader.ReadText<global::Xds.Type.Matcher.V3.Matcher>(Matcher, "m.yaml", new ReadOptions(), context.Config), context)!;
        Assert.Empty(context.Config.Findings.Errors);

        var withTags = Converted(conversions, tagsAreAttributes: true);
        var requests = withTags["requests"].Sum.DataPoints.OrderBy(point => point.AsInt).ToList();
        Assert.Equal([3L, 4L], requests.Select(point => point.AsInt));
        Assert.Equal(["envoy.cluster_name=web", "team=core"], requests[0].Attributes.Select(attribute => $"{attribute.Key}={attribute.Value.StringValue}"));
        Assert.Equal(2, Assert.Single(withTags["pre.cluster.membership_total"].Gauge.DataPoints).AsInt);

        var together = Converted(conversions, tagsAreAttributes: false);
        Assert.Equal(7, Assert.Single(together["requests"].Sum.DataPoints).AsInt);
        var times = Assert.Single(together["times"].Histogram.DataPoints);
        Assert.Equal((3ul, 10.0), (times.Count, times.Sum));
        Assert.Equal(3ul, times.BucketCounts.Aggregate(0ul, (total, count) => total + count));
    }

    private Dictionary<string, Opentelemetry.Proto.Metrics.V1.Metric> Converted(Weft.Proxy.Matching.Matcher<MetricConversion> conversions, bool tagsAreAttributes)
    {
        var writer = new OtlpConvertedMetrics(new OtlpMetricOptions(false, false, tagsAreAttributes, true, "pre."), StatsConfig.Default, conversions, s_start);
        return Parse(output => writer.WriteTo(output, _snapshot, s_start.AddSeconds(5), static () => { })).ToDictionary(metric => metric.Name);
    }

    private static ulong Nanoseconds(DateTime time) => (ulong)(time - DateTime.UnixEpoch).Ticks * 100;

    private List<MetricFamily> Families(MetricFamilyOptions options)
    {
        var output = new ByteWriter();
        new MetricFamilies(options, StatsConfig.Default).WriteTo(output, _snapshot, 1234, static () => { });
        return [.. StreamMetricsMessage.Parser.ParseFrom(output.Written).EnvoyMetrics];
    }

    private List<Opentelemetry.Proto.Metrics.V1.Metric> Exported(OtlpMetricOptions options, out OtlpMetrics metrics)
    {
        var made = metrics = new OtlpMetrics(options, StatsConfig.Default, s_start);
        return Parse(output => made.WriteTo(output, _snapshot, s_start.AddSeconds(5), static () => { }));
    }

    private static List<Opentelemetry.Proto.Metrics.V1.Metric> Parse(Action<ByteWriter> write)
    {
        var output = new ByteWriter();
        write(output);
        return [.. ScopeMetrics.Parser.ParseFrom(output.Written).Metrics];
    }

    private void Take()
    {
        _store.Flush();
        _snapshot.Take(_store);
    }
}
