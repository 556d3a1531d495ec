using System.Net;
using Google.Protobuf;
using Opentelemetry.Proto.Collector.Metrics.V1;
using Opentelemetry.Proto.Common.V1;
using Opentelemetry.Proto.Metrics.V1;
using Weft.Observe.Statsd;

namespace Weft.Observe.Tests.Statsd;

public sealed class OtlpMetricTests
{
    private readonly MetricStore _store = new(StatsdMapping.None, 10);

    [Fact]
    public void A_cumulative_sum_is_what_was_said_last_and_a_delta_adds_up()
    {
        Take(Sum("requests", 5), Sum("requests", 7));
        Take(Sum("bytes", 5, AggregationTemporality.Delta), Sum("bytes", 7, AggregationTemporality.Delta));
        var text = Print();
        Assert.Contains("# TYPE requests counter\nrequests{service_name=\"front\"} 7\n", text, StringComparison.Ordinal);
        Assert.Contains("\nbytes{service_name=\"front\"} 12\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_become_labels_and_names_are_made_as_Prometheus_allows_them()
    {
        var gauge = new Metric { Name = "cluster.upstream_cx_active", Description = "Connections", Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsDouble = 2.5, Attributes = { Attribute("envoy.cluster_name", "a\"b") } } } } };
        Take(gauge);
        Assert.Contains(
            "# HELP cluster_upstream_cx_active Connections\n# TYPE cluster_upstream_cx_active gauge\ncluster_upstream_cx_active{envoy_cluster_name=\"a\\\"b\",service_name=\"front\"} 2.5\n",
            Print(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AggregationTemporality.Cumulative, "1", "3", "4", "50")]
    [InlineData(AggregationTemporality.Delta, "2", "6", "8", "100")]
    public void A_histogram_has_its_own_bounds(AggregationTemporality temporality, string upToOne, string upToTen, string all, string sum)
    {
        var metric = new Metric { Name = "time", Histogram = new Histogram { AggregationTemporality = temporality, DataPoints = { new HistogramDataPoint { ExplicitBounds = { 1, 10 }, BucketCounts = { 1, 2, 1 }, Count = 4, Sum = 50 } } } };
        Take(metric, metric);
        Assert.Contains(
            $$"""
            time_bucket{service_name="front",le="1"} {{upToOne}}
            time_bucket{service_name="front",le="10"} {{upToTen}}
            time_bucket{service_name="front",le="+Inf"} {{all}}
            time_sum{service_name="front"} {{sum}}
            time_count{service_name="front"} {{all}}

            """,
            Print(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_together_is_counted()
    {
        var reader = new OtlpMetricReader();
        reader.Read(Request(
            new Metric { Name = "a", Gauge = new Gauge { DataPoints = { new NumberDataPoint(), new NumberDataPoint { AsDouble = double.NaN } } } },
            new Metric { Name = "b", Histogram = new Histogram { DataPoints = { new HistogramDataPoint { ExplicitBounds = { 1 }, BucketCounts = { 1 } } } } }).ToByteArray());
        Assert.Equal(3, reader.Skipped);
    }

    [Fact]
    public void A_summary_is_told_as_its_sender_worked_it_out()
    {
        var point = new SummaryDataPoint { Count = 7, Sum = 21.5, QuantileValues = { new SummaryDataPoint.Types.ValueAtQuantile { Quantile = 0.5, Value = 2 }, new SummaryDataPoint.Types.ValueAtQuantile { Quantile = 0.99, Value = 9 } } };
        var metric = new Metric { Name = "time", Summary = new Summary { DataPoints = { point } } };
        Take(metric, metric);
        Assert.Contains(
            """
            # TYPE time summary
            time{service_name="front",quantile="0.5"} 2
            time{service_name="front",quantile="0.99"} 9
            time_sum{service_name="front"} 21.5
            time_count{service_name="front"} 7

            """,
            Print(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AggregationTemporality.Cumulative, 1)]
    [InlineData(AggregationTemporality.Delta, 2)]
    public void An_exponential_histogram_is_told_with_bounds_that_are_powers_of_two_and_their_middles(AggregationTemporality temporality, int times)
    {
        // Scale 0, from index 0: 3 values above 1 up to 2, none up to 4, 5 up to 8; one below zero and two at zero.
        var metric = Exponential(temporality, scale: 0, offset: 0, [3, 0, 5], zero: 2, negative: [1]);
        Take(metric, metric);
        Assert.Contains(
            $$"""
            # TYPE time histogram
            time_bucket{service_name="front",le="0"} {{3 * times}}
            time_bucket{service_name="front",le="2"} {{6 * times}}
            time_bucket{service_name="front",le="8"} {{11 * times}}
            time_bucket{service_name="front",le="+Inf"} {{11 * times}}
            time_sum{service_name="front"} {{100 * times}}
            time_count{service_name="front"} {{11 * times}}

            """,
            Print(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2, 1, "2.8284271247461903")]
    [InlineData(3, 8, 4, "2.8284271247461903")]
    [InlineData(3, 12, 4, "4")]
    [InlineData(-1, 0, 1, "4")]
    [InlineData(-1, -1, 1, "1")]
    [InlineData(20, 1 << 20, 10, "2.8284271247461903")]
    [InlineData(0, -1075, 1, "5E-324")]
    public void Finer_buckets_are_put_together_and_coarser_ones_keep_their_upper_bound(int scale, int offset, int buckets, string bound)
    {
        Take(Exponential(AggregationTemporality.Cumulative, scale, offset, [.. Enumerable.Repeat(1UL, buckets)]));
        Assert.Contains($"le=\"0\"}} 0\ntime_bucket{{service_name=\"front\",le=\"{bound}\"}} {buckets}\n", Print(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sender_that_changes_its_scale_goes_on_where_it_was_and_all_series_have_the_same_bounds()
    {
        Take(Exponential(AggregationTemporality.Delta, 4, 0, [1, 1], service: "a"));
        Take(Exponential(AggregationTemporality.Delta, 0, 1, [4], service: "a"));
        Take(Exponential(AggregationTemporality.Delta, 0, 3, [2], service: "b"));
        var bounds = Print().Split('\n').Where(line => line.StartsWith("time_bucket", StringComparison.Ordinal)).Select(line => line.Split("le=")[1]).ToList();
        Assert.Equal(["\"0\"} 0", "\"1.4142135623730951\"} 2", "\"4\"} 6", "\"16\"} 6", "\"+Inf\"} 6"], bounds[..5]);
        Assert.Equal(["\"0\"} 0", "\"1.4142135623730951\"} 0", "\"4\"} 0", "\"16\"} 2", "\"+Inf\"} 2"], bounds[5..]);
    }

    [Theory]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MinValue)]
    [InlineData(int.MinValue, int.MaxValue)]
    [InlineData(int.MaxValue, int.MinValue)]
    public void Scales_and_offsets_that_mean_nothing_cost_nothing(int scale, int offset)
    {
        Take(Exponential(AggregationTemporality.Delta, scale, offset, [1, 2, 3]));
        Assert.Contains("time_count{service_name=\"front\"} 6\n", Print(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_of_an_exponential_histogram_are_bounded()
    {
        Take(Exponential(AggregationTemporality.Delta, 1, -1000, [.. Enumerable.Repeat(1UL, 2000)]));
        var buckets = Print().Split('\n').Where(line => line.StartsWith("time_bucket", StringComparison.Ordinal)).ToList();
        Assert.Equal(ExponentialBounds.Max + 2, buckets.Count);
        Assert.EndsWith(" 2000", buckets[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_cannot_be_two_kinds_of_histogram()
    {
        Take(Exponential(AggregationTemporality.Delta, 0, 0, [1]));
        Take(new Metric { Name = "time", Histogram = new Histogram { DataPoints = { new HistogramDataPoint { ExplicitBounds = { 1 }, BucketCounts = { 1, 0 } } } } });
        Take(new Metric { Name = "time", Summary = new Summary { DataPoints = { new SummaryDataPoint { Count = 1 } } } });
        _store.Take("time:5|h"u8);
        Assert.Equal(3, _store.Conflicts);
        Assert.Contains("time_count{service_name=\"front\"} 1\n", Print(), StringComparison.Ordinal);
    }

    [Fact]
    public void Series_are_bounded_and_a_name_stays_what_it_was_first()
    {
        for (var i = 0; i < 20; i++)
            Take(Sum($"name{i}", 1));
        Assert.Equal((10, 10L), (_store.SeriesCount, _store.Dropped));
        Take(new Metric { Name = "name0", Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsInt = 3 } } } });
        Assert.Equal(1, _store.Conflicts);
    }

    [Fact]
    public async Task A_collector_takes_them_by_HTTP_and_refuses_what_is_none()
    {
        using var observer = new RunningObserver();
        Assert.Equal(HttpStatusCode.OK, await observer.Post("/v1/metrics", Request(Sum("requests", 5)).ToByteArray(), "application/x-protobuf"));
        Assert.Equal(HttpStatusCode.BadRequest, await observer.Post("/v1/metrics", [0xFF, 0xFF], "application/x-protobuf"));
        Assert.Equal(HttpStatusCode.BadRequest, await observer.Post("/v1/metrics", "{"));
        const string json = """{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},"scopeMetrics":[{"metrics":[{"name":"json.requests","unknown":1,"sum":{"isMonotonic":true,"aggregationTemporality":2,"dataPoints":[{"asInt":"9","exemplars":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]}]}}]}]}]}""";
        Assert.Equal(HttpStatusCode.OK, await observer.Post("/v1/metrics", json));
        Assert.Contains("\njson_requests{service_name=\"web\"} 9\n", await observer.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Contains("\nrequests{service_name=\"front\"} 5\n", await observer.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private static Metric Sum(string name, long value, AggregationTemporality temporality = AggregationTemporality.Cumulative) =>
        new() { Name = name, Sum = new Sum { IsMonotonic = true, AggregationTemporality = temporality, DataPoints = { new NumberDataPoint { AsInt = value } } } };

    private static Metric Exponential(AggregationTemporality temporality, int scale, int offset, ulong[] counts, ulong zero = 0, ulong[]? negative = null, string? service = null) => new()
    {
        Name = "time",
        ExponentialHistogram = new ExponentialHistogram
        {
            AggregationTemporality = temporality,
            DataPoints =
            {
                new ExponentialHistogramDataPoint
                {
                    Scale = scale,
                    ZeroCount = zero,
                    Sum = 100,
                    Positive = new() { Offset = offset, BucketCounts = { counts } },
                    Negative = new() { BucketCounts = { negative ?? [] } },
                    Attributes = { service is null ? [] : new[] { Attribute("peer", service) } },
                },
            },
        },
    };

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static ExportMetricsServiceRequest Request(params Metric[] metrics) => new()
    {
        ResourceMetrics =
        {
            new ResourceMetrics
            {
                Resource = new() { Attributes = { Attribute("service.name", "front"), Attribute("host.name", "left out") } },
                ScopeMetrics = { new ScopeMetrics { Metrics = { metrics } } },
            },
        },
    };

    private void Take(params Metric[] metrics)
    {
        foreach (var point in new OtlpMetricReader().Read(Request(metrics).ToByteArray()))
            _store.Take(point);
    }

    private string Print()
    {
        var text = new PrometheusText();
        foreach (var family in _store.Families)
            text.Write(family);
        return text.ToString();
    }
}
