using System.Text;
using Weft.Config;
using Weft.Observe.Statsd;

namespace Weft.Observe.Tests.Statsd;

public sealed class MetricStoreTests
{
    [Fact]
    public void Counters_add_up_gauges_are_set_or_moved_and_rates_are_multiplied()
    {
        var text = Print("front-envoy.cluster.a.upstream_rq_200:2|c", "front-envoy.cluster.a.upstream_rq_200:3|c", "sampled:1|c|@0.1", "gauge:7|g", "gauge:-2|g", "gauge:+1|g");
        Assert.Contains("# TYPE front_envoy_cluster_a_upstream_rq_200 counter\nfront_envoy_cluster_a_upstream_rq_200 5\n", text, StringComparison.Ordinal);
        Assert.Contains("\nsampled 10\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE gauge gauge\ngauge 6\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Timers_become_summaries_in_seconds()
    {
        var text = Print([.. Enumerable.Range(1, 100).Select(ms => $"time:{ms}|ms")]);
        Assert.Contains("time_count 100\n", text, StringComparison.Ordinal);
        Assert.Contains("time_sum 5.05", text, StringComparison.Ordinal);
        var median = double.Parse(text.Split("time{quantile=\"0.5\"} ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(median, 0.048, 0.053);
    }

    [Theory]
    [InlineData("name:1|c|#a:b,c:d")]
    [InlineData("name;a=b;c=d:1|c")]
    [InlineData("name,a=b,c=d:1|c")]
    [InlineData("name#a=b,c=d:1|c")]
    public void Tags_become_labels_however_they_are_written(string line) => Assert.Contains("name{a=\"b\",c=\"d\"} 1\n", Print(line), StringComparison.Ordinal);

    [Theory]
    [InlineData("name")]
    [InlineData(":1|c")]
    [InlineData("name:1")]
    [InlineData("name:x|c")]
    [InlineData("name:NaN|g")]
    [InlineData("name:1|q")]
    [InlineData("name:1|c|@0")]
    [InlineData("name:1|c|@2")]
    [InlineData("name:-1|c")]
    [InlineData("name:|c")]
    public void What_is_no_statsd_is_counted_and_changes_nothing(string line)
    {
        var store = new MetricStore(StatsdMapping.None, 10);
        store.Take(Encoding.UTF8.GetBytes(line));
        Assert.Equal(1, store.Malformed);
        Assert.DoesNotContain(store.Families.SelectMany(family => family.Series.Values), series => series.Value != 0);
    }

    [Fact]
    public void No_more_series_are_begun_than_allowed()
    {
        var store = new MetricStore(StatsdMapping.None, 5);
        for (var i = 0; i < 20; i++)
            store.Take(Encoding.UTF8.GetBytes($"name{i}:1|c"));
        for (var i = 0; i < 20; i++)
            store.Take(Encoding.UTF8.GetBytes($"name0:1|c|#tag:{i}"));
        Assert.Equal((5, 35), (store.SeriesCount, store.Dropped));
    }

    [Fact]
    public void Hostile_names_and_labels_cannot_break_a_line()
    {
        var text = Print("a\"b c{:1|c", "name:1|c|#l\u00e4bel:x\"\\y");
        Assert.Contains("a_b_c_ 1\n", text, StringComparison.Ordinal);
        Assert.Contains("name{l_bel=\"x\\\"\\\\y\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_name_is_of_one_kind()
    {
        var store = new MetricStore(StatsdMapping.None, 5);
        store.Take("a:1|c"u8);
        store.Take("a:5|g"u8);
        Assert.Equal(1, store.Conflicts);
        Assert.Equal(1, store.Families.Single().Series.Values.Single().Value);
    }

    [Fact]
    public void A_mapping_file_gives_names_labels_and_buckets()
    {
        var text = Print(
            """
            defaults: { observer_type: histogram, histogram_options: { buckets: [0.1, 1] } }
            mappings:
            - match: "*.cluster.*.upstream_rq_time"
              name: upstream_rq_time
              labels: { proxy: $1, cluster: $2 }
            - { match: '^noise\.', match_type: regex, action: drop }
            """,
            ["front.cluster.a.upstream_rq_time:50|ms", "front.cluster.a.upstream_rq_time:500|ms", "noise.x:1|c"]);
        Assert.Contains("upstream_rq_time_bucket{cluster=\"a\",proxy=\"front\",le=\"0.1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("upstream_rq_time_bucket{cluster=\"a\",proxy=\"front\",le=\"1\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("upstream_rq_time_bucket{cluster=\"a\",proxy=\"front\",le=\"+Inf\"} 2\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("noise", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_of_a_mapping_file_are_told_with_their_places()
    {
        var findings = new Findings();
        new StatsdMappingReader(findings).Read("mappings:\n- match: a\n- { match: '(', match_type: regex, name: b, ttl: 5s }\n", "map.yaml");
        Assert.Equal(["map.yaml:2", "map.yaml:3", "map.yaml:3"], findings.Errors.Select(fault => $"{fault.Position!.Value.File}:{fault.Position.Value.Line}"));
    }

    private static string Print(params string[] lines) => Print("", lines);

    private static string Print(string mapping, string[] lines)
    {
        var findings = new Findings();
        var store = new MetricStore(new StatsdMappingReader(findings).Read(mapping, "map.yaml"), 1000);
        Assert.False(findings.HasErrors);
        foreach (var line in lines)
            store.Take(Encoding.UTF8.GetBytes(line));
        Assert.Equal(0, store.Malformed);
        var text = new PrometheusText();
        foreach (var family in store.Families)
            text.Write(family);
        return text.ToString();
    }
}
