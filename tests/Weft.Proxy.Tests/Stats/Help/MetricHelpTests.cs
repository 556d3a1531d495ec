using System.Text.RegularExpressions;
using Weft.Proxy.Stats;
using Weft.Proxy.Stats.Help;

namespace Weft.Proxy.Tests.Stats.Help;

public sealed partial class MetricHelpTests
{
    /// <summary>How metrics end, or begin, that come about with a first response or connection, or with a name from elsewhere, and that the reference page only tells of.</summary>
    private static readonly string[] s_made =
    [
        "_upstream_rq", "_upstream_rq_xx", "_upstream_rq_time", "_ssl_ciphers", "_ssl_curves", "_ssl_sigalgs", "_ssl_versions", "_expiration_unix_time_seconds",
        "listener_http_downstream_rq_xx", "listener_http_downstream_rq_completed", "cluster_ratelimit_ok", "cluster_ratelimit_over_limit", "cluster_ratelimit_error",
        "control_plane_connected_state", "control_plane_pending_requests", "control_plane_rate_limit_enforced", "http_ext_proc_", "cluster_http1_", "cluster_endpoint_", "grpc_stats_", "_upstream_rq_completed", "*_brotli_", "*_zstd_", "http_api_key_auth_", "http_oauth_",
        "_user_agent_downstream_cx_total", "_user_agent_downstream_cx_destroy_remote_active_rq", "_user_agent_downstream_cx_length_ms", "_user_agent_downstream_rq_total",
    ];

    [Theory]
    [InlineData("cluster_upstream_rq_total", "Requests that were sent to endpoints, retries and mirrored ones included.")]
    [InlineData("cluster_manager_cds_update_success", "Answers with configuration that were accepted.")]
    [InlineData("cluster_update_success", "Attempts to find out the endpoints that succeeded.")]
    [InlineData("listener_ssl_handshake", "TLS handshakes that succeeded.")]
    [InlineData("something_else", null)]
    public void A_metric_has_the_help_of_its_name_or_of_how_it_ends(string name, string? expected) => Assert.Equal(expected, MetricHelp.Find(name));

    [Fact]
    public void Help_is_for_metrics_that_there_are()
    {
        var metrics = Metrics().ToHashSet(StringComparer.Ordinal);
        var unknown = MetricHelp.Names
            .Where(static name => !s_made.Any(made => name.EndsWith(made, StringComparison.Ordinal) || name.StartsWith(made, StringComparison.Ordinal)))
            .Where(name => name.StartsWith("*_", StringComparison.Ordinal) ? !metrics.Any(metric => metric.EndsWith(name[1..], StringComparison.Ordinal)) : !metrics.Contains(name));
        Assert.Equal("", string.Join('\n', unknown));
    }

    [Fact]
    public void Every_metric_has_help()
    {
        var without = Metrics().Distinct().Where(static name => MetricHelp.Find(name) is null).ToList();
        Assert.True(without.Count == 0, string.Join('\n', without));
    }

    /// <summary>The names of the reference page as metrics: without tags, and without what else configuration names.</summary>
    private static IEnumerable<string> Metrics()
    {
        var name = new ExtractedName();
        foreach (var line in File.ReadLines(Path.Combine(Folder(), "docs", "reference", "stats.md")))
        {
            if (EntryPattern().Match(line) is not { Success: true } entry)
                continue;
            StatsConfig.Default.Tags.Extract(entry.Groups[1].Value, "", name);
            yield return string.Join('_', name.Rest.ToString().Split('.').Where(static part => !PlaceholderPattern().IsMatch(part))).Replace("worker_N", "worker", StringComparison.Ordinal);
        }
    }

    private static string Folder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../.."));

    [GeneratedRegex("^- `([^`]+)` ")]
    private static partial Regex EntryPattern();

    [GeneratedRegex("^[A-Z][A-Z0-9_]*$")]
    private static partial Regex PlaceholderPattern();
}
