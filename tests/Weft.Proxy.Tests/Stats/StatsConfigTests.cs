using System.Text;
using Envoy.Config.Metrics.V3;
using Envoy.Type.Matcher.V3;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Stats;
using StatsConfig = Weft.Proxy.Stats.StatsConfig;

namespace Weft.Proxy.Tests.Stats;

public sealed class StatsConfigTests
{
    private readonly ConfigContext _context = new();

    [Fact]
    public void Tags_of_the_configuration_come_after_the_default_ones()
    {
        var config = Create(new Envoy.Config.Metrics.V3.StatsConfig
        {
            StatsTags =
            {
                new TagSpecifier { TagName = "zone", FixedValue = "eu" },
                new TagSpecifier { TagName = "kind", Regex = @"\.((inbound|outbound)_)" },
            },
        });
        Assert.Equal("cluster.x: zone=eu kind=inbound envoy.cluster_name=web", Extract(config, "cluster.web.inbound_x"));
    }

    [Fact]
    public void Without_default_tags_only_those_named_are_taken_out()
    {
        var config = Create(new Envoy.Config.Metrics.V3.StatsConfig
        {
            UseAllDefaultTags = false,
            StatsTags = { new TagSpecifier { TagName = "envoy.cluster_name" } },
        });
        Assert.Equal("cluster.upstream_rq_200: envoy.cluster_name=web", Extract(config, "cluster.web.upstream_rq_200"));
    }

    [Fact]
    public void Wrong_tags_are_reported()
    {
        Create(new Envoy.Config.Metrics.V3.StatsConfig
        {
            StatsTags =
            {
                new TagSpecifier { TagName = "no_such_default" },
                new TagSpecifier { TagName = "bad", Regex = "+(" },
                new TagSpecifier { FixedValue = "x" },
            },
        });
        Assert.Equal(3, _context.Findings.All.Count);
    }

    [Fact]
    public void An_exclusion_list_rejects_what_it_matches()
    {
        var matcher = new StatsMatcher { ExclusionList = new ListStringMatcher { Patterns = { new StringMatcher { Prefix = "cluster." }, new StringMatcher { Suffix = "_total" } } } };
        Assert.Equal(["server.uptime"], Kept(matcher, "cluster.a.x", "http.x_total", "server.uptime"));
    }

    [Fact]
    public void An_inclusion_list_rejects_what_it_does_not_match()
    {
        var matcher = new StatsMatcher { InclusionList = new ListStringMatcher { Patterns = { new StringMatcher { SafeRegex = new RegexMatcher { Regex = @"cluster\..*rq.*" } } } } };
        Assert.Equal(["cluster.a.rq_total"], Kept(matcher, "cluster.a.rq_total", "cluster.a.cx_total", "x"));
    }

    [Fact]
    public void Reject_all_keeps_nothing_and_its_opposite_everything()
    {
        Assert.Empty(Kept(new StatsMatcher { RejectAll = true }, "a", "b"));
        Assert.Equal(["a", "b"], Kept(new StatsMatcher { RejectAll = false }, "a", "b"));
    }

    [Fact]
    public void The_first_matching_bucket_setting_counts()
    {
        var config = Create(new Envoy.Config.Metrics.V3.StatsConfig
        {
            HistogramBucketSettings =
            {
                new HistogramBucketSettings { Match = new StringMatcher { Exact = "http.in.downstream_rq_time" }, Buckets = { 20, 10 } },
                new HistogramBucketSettings { Match = new StringMatcher { Prefix = "http." }, Buckets = { 1 } },
            },
        });
        var store = new StatsStore();
        store.Scope("http.in.").Histogram("downstream_rq_time");
        store.Scope("http.in.").Histogram("other");
        store.Scope("cluster.").Histogram("x");
        store.Flush();
        var output = new ByteWriter();
        StatsPrinter.WritePrometheus(store, new StatsQuery { Config = config }, output);
        var text = Encoding.UTF8.GetString(output.Written);
        Assert.Contains("downstream_rq_time_bucket{envoy_http_conn_manager_prefix=\"in\",le=\"10\"} 0\nenvoy_http_downstream_rq_time_bucket{envoy_http_conn_manager_prefix=\"in\",le=\"20\"} 0\nenvoy_http_downstream_rq_time_bucket{envoy_http_conn_manager_prefix=\"in\",le=\"+Inf\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("other_bucket{envoy_http_conn_manager_prefix=\"in\",le=\"1\"} 0\nenvoy_http_other_bucket{envoy_http_conn_manager_prefix=\"in\",le=\"+Inf\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("envoy_cluster_x_bucket{le=\"3600000\"} 0\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filter", "(", "Invalid re2 regex")]
    [InlineData("histogram_buckets", "many", "usage: /stats?histogram_buckets=(cumulative|disjoint|detailed|summary)\n")]
    [InlineData("type", "Things", "invalid &type= param")]
    [InlineData("format", "xml", "usage: /stats?format=(html|active-html|json|prometheus|text)\n\n")]
    public void Wrong_parameters_are_answered_with_Envoys_text(string name, string value, string expected)
    {
        Assert.False(StatsQuery.TryParse(asked => asked == name ? value : null, StatsConfig.Default, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Parameters_are_read()
    {
        var given = new Dictionary<string, string> { ["usedonly"] = "", ["filter"] = "a.*", ["type"] = "Histograms", ["format"] = "json", ["histogram_buckets"] = "detailed", ["text_readouts"] = "" };
        Assert.True(StatsQuery.TryParse(given.GetValueOrDefault, StatsConfig.Default, out var query, out _));
        Assert.True(query.UsedOnly);
        Assert.Matches(query.Filter!, "xaby");
        Assert.Equal(StatKind.Histogram, query.Kind);
        Assert.Equal(StatsFormat.Json, query.Format);
        Assert.Equal(HistogramBucketsMode.Detailed, query.Buckets);
        Assert.True(query.TextReadouts);
    }

    [Fact]
    public void Prometheus_has_no_disjoint_buckets()
    {
        var given = new Dictionary<string, string> { ["format"] = "prometheus", ["histogram_buckets"] = "disjoint" };
        Assert.False(StatsQuery.TryParse(given.GetValueOrDefault, StatsConfig.Default, out _, out var error));
        Assert.Equal("unsupported prometheus histogram bucket mode", error);
    }

    private StatsConfig Create(Envoy.Config.Metrics.V3.StatsConfig config) => StatsConfig.Create(config, _context);

    private string[] Kept(StatsMatcher matcher, params string[] names)
    {
        var store = new StatsStore { NameFilter = Create(new Envoy.Config.Metrics.V3.StatsConfig { StatsMatcher = matcher }).NameFilter };
        foreach (var name in names)
            store.Scope(name[..1]).Counter(name[1..]);
        var list = new List<Statistic>();
        store.List(list);
        Assert.Empty(_context.Findings.All);
        return [.. list.Select(statistic => statistic.Name)];
    }

    private static string Extract(StatsConfig config, string name)
    {
        var result = new ExtractedName();
        config.Tags.Extract(name, "", result);
        return result.Rest.ToString() + ": " + string.Join(' ', Enumerable.Range(0, result.TagCount).Select(tag => $"{result.TagName(tag)}={result.TagValue(tag)}"));
    }
}
