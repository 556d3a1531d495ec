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
    public void What_is_not_shown_is_counted()
    {
        var reader = new OtlpMetricReader();
        reader.Read(Request(
            new Metric { Name = "a", Summary = new Summary { DataPoints = { new SummaryDataPoint(), new SummaryDataPoint() } } },
            new Metric { Name = "b", ExponentialHistogram = new ExponentialHistogram { DataPoints = { new ExponentialHistogramDataPoint() } } },
            new Metric { Name = "c", Histogram = new Histogram { DataPoints = { new HistogramDataPoint { ExplicitBounds = { 1 }, BucketCounts = { 1 } } } } }).ToByteArray());
        Assert.Equal(4, reader.Skipped);
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
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await observer.Post("/v1/metrics", "{}"));
        Assert.Contains("\nrequests{service_name=\"front\"} 5\n", await observer.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private static Metric Sum(string name, long value, AggregationTemporality temporality = AggregationTemporality.Cumulative) =>
        new() { Name = name, Sum = new Sum { IsMonotonic = true, AggregationTemporality = temporality, DataPoints = { new NumberDataPoint { AsInt = value } } } };

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
