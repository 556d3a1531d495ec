using System.Text.Json;
using System.Text.RegularExpressions;

namespace Weft.Samples.Tests;

/// <summary>The dashboards of samples/observability ask for what there is.</summary>
public sealed partial class DashboardTests
{
    private const string Sample = "observability";

    /// <summary>Makes traffic, waits until it has come by statsd, and prints every series.</summary>
    private const string Scrape = """
        bash -c 'curl -s -o /dev/null -H "x-envoy-fault-abort-request: 503" http://127.0.0.1:10000/call
        for last in front_cluster_service_a service_a_cluster_service_c; do until curl -s http://127.0.0.1:9102/metrics | grep -q ${last}_upstream_rq_time; do sleep 0.2; done; done
        for admin in 127.0.0.1 127.0.0.11 127.0.0.12 127.0.0.13; do curl -s http://$admin:9901/stats/prometheus; done; curl -s http://127.0.0.1:9102/metrics'
        """;

    [SampleTheory]
    [InlineData("proxies.json")]
    [InlineData("clusters.json")]
    [InlineData("observe.json")]
    public async Task Names_in_a_dashboard_are_names_that_are_told(string file)
    {
        var names = NamesIn(file);
        Assert.NotEmpty(names);
        var (exitCode, output) = await SampleRun.BesideAsync(Sample, Scrape);
        Assert.True(exitCode == 0, output);
        var told = SeriesPattern().Matches(output).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(names.Except(told));
    }

    [PrometheusTheory]
    [InlineData("samples/observability/grafana/check")]
    public async Task Every_query_finds_something_in_a_Prometheus_that_scrapes_the_sample(string command)
    {
        var (exitCode, output) = await SampleRun.BesideAsync(Sample, command);
        Assert.True(exitCode == 0, output);
    }

    private static HashSet<string> NamesIn(string file)
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(SampleRun.Root, "samples", Sample, "grafana", file)));
        var expressions = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!);
        return [.. expressions.SelectMany(expression => NamePattern().Matches(LabelsPattern().Replace(expression, ""))).Select(match => match.Value)];
    }

    /// <summary>Where names of labels stand.</summary>
    [GeneratedRegex(@"\{[^}]*\}|by \([^)]*\)")]
    private static partial Regex LabelsPattern();

    /// <summary>Names of metrics have an underscore, functions of PromQL that are used do not, but for histogram_quantile.</summary>
    [GeneratedRegex(@"\b(?!histogram_quantile\b)[a-z]+_[a-z0-9_]+")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{.*\})? [0-9NaN]", RegexOptions.Multiline)]
    private static partial Regex SeriesPattern();
}

/// <summary>A theory over samples that needs a Prometheus.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrometheusTheoryAttribute : SampleTheoryAttribute
{
    public PrometheusTheoryAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "prometheus"))))
            Skip ??= "needs Prometheus (Debian package prometheus), which is not installed";
    }
}
