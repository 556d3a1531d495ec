using System.Runtime.CompilerServices;
using System.Text;
using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.TransportSockets.Tls;

namespace Weft.Proxy.Tests.Stats;

/// <summary>docs/reference/stats.md is what a proxy has that configures everything that counts; configured names are in capitals in it.</summary>
public sealed class StatsReferenceTests
{
    private const string Header = """
        # Statistics

        Generated from a running proxy; write it anew with `WEFT_UPDATE_REFERENCE=1` and the tests of `Weft.Proxy`. Names, kinds and meanings are
        Envoy's; `NAME` is a cluster's `alt_stat_name` or name, `PREFIX` a `stat_prefix` (for listeners without one, the address), `HOST` a virtual
        host, `N` a worker, and other capitals what configuration calls it (a policy, a cache, a tag, a library).

        Responses are counted by status, once there was one: `upstream_rq_NNN`, `upstream_rq_1xx` to `upstream_rq_5xx` and `upstream_rq_unknown` under
        `cluster.NAME.`, `cluster.NAME.internal.`, `external.`, `canary.` and `retry.`, and under `vhost.HOST.vcluster.NAME.` and
        `vhost.HOST.route.PREFIX.`, and under `cluster.NAME.zone.FROM.TO.` where both zones are known; the times `upstream_rq_time` beside them (but for `retry.`).
        Where a request names one (`x-envoy-upstream-alt-stat-name`), the same stand under `cluster.NAME.ALTERNATE.` too. Connections whose first request comes from such
        a device are counted under `http.PREFIX.user_agent.ios.` and `android.`: `downstream_cx_total`, `downstream_cx_length_ms`, `downstream_cx_destroy_remote_active_rq`, `downstream_rq_total`.
        `cluster.NAME.http1.` has what `http1.` has, once there was a connection of HTTP/1 to an endpoint; `ssl.ciphers.`, `curves.`, `sigalgs.` and `versions.` stand beside the other
        names under `ssl.` as handshakes agree on them, `cluster.NAME.grpc.` once a filter (grpc_stats, grpc_http1_bridge) has counted a call.

        Names that no statistic has yet are never made by a request: there are as many as configuration asks for. The exceptions are calling clusters that a fault filter
        counts (beyond 1,000 of them `downstream_clusters_dropped` counts the requests) and the alternate names just told of (100 for each cluster, then `alt_stat_names_dropped`).

        """;

    private const string VirtualHosts = "{ resource_api_version: V3, initial_fetch_timeout: 0.001s, api_config_source: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [ { envoy_grpc: { cluster_name: NAME } } ] } }";

    private static readonly string[] s_emptyResources = ["lds", "cds", "srds", "sds"];

    private static string Beside(string path, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, path);

    private static string Page() => Beside("../../../docs/reference/stats.md");

    [Fact]
    public async Task The_reference_page_is_what_a_running_proxy_has()
    {
        using var folder = new TlsFolder();
        using var server = new RunningServer(await Bootstrap(folder));
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (type, kind) in ((string, string)[])[("Counters", "counter"), ("Gauges", "gauge"), ("Histograms", "histogram"), ("TextReadouts", "text")])
        {
            var text = await server.Admin!.GetStringAsync($"stats?type={type}");
            foreach (var line in text.Split('\n').Where(line => line.Contains(": ", StringComparison.Ordinal)))
                Add(line[..line.IndexOf(": ", StringComparison.Ordinal)], kind, names);
        }

        var page = new StringBuilder(Header);
        var group = "";
        foreach (var (name, kind) in names)
        {
            var first = name.Split('.')[0];
            if (first != group)
                page.Append("\n## ").Append(group = first).Append("\n\n");
            page.Append("- `").Append(name).Append("` ").Append(kind).Append('\n');
        }

        if (Environment.GetEnvironmentVariable("WEFT_UPDATE_REFERENCE") == "1")
            await File.WriteAllTextAsync(Page(), page.ToString());
        Assert.True(File.Exists(Page()) && await File.ReadAllTextAsync(Page()) == page.ToString(),
            "docs/reference/stats.md is stale: run this test with WEFT_UPDATE_REFERENCE=1");
    }

    /// <summary>StatsReference.yaml with what it asks for: a certificate, a descriptor, and files of discovered resources.</summary>
    private static async Task<string> Bootstrap(TlsFolder folder)
    {
        foreach (var name in s_emptyResources)
            await File.WriteAllTextAsync(folder[name + ".yaml"], "version_info: '1'\n");
        await File.WriteAllTextAsync(folder["ecds.yaml"], Discovered("envoy.config.core.v3.TypedExtensionConfig", "name: NAME, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors }"));
        await File.WriteAllTextAsync(folder["listener-filter.yaml"], Discovered("envoy.config.core.v3.TypedExtensionConfig", "name: LISTENER_FILTER, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector }"));
        await File.WriteAllTextAsync(folder["network-filter.yaml"], Discovered("envoy.config.core.v3.TypedExtensionConfig", "name: NETWORK_FILTER, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit, stat_prefix: PREFIX, max_connections: 1 }"));
        await File.WriteAllTextAsync(folder["rds.yaml"], Discovered("envoy.config.route.v3.RouteConfiguration", $"name: NAME, vhds: {{ config_source: {VirtualHosts} }}"));
        var yaml = await File.ReadAllTextAsync(Beside("StatsReference.yaml"));
        return yaml.Replace("CERTIFICATE ]", folder.Certificate("server") + " ]", StringComparison.Ordinal)
            .Replace("FOLDER", folder.Path, StringComparison.Ordinal)
            .Replace("DESCRIPTOR\"", Path.Combine(AppContext.BaseDirectory, "HttpFilters", "GrpcJsonTranscoder", "bookstore.pb") + "\"", StringComparison.Ordinal);
    }

    private static string Discovered(string type, string resource) => $"version_info: '1'\nresources:\n- {{ '@type': type.googleapis.com/{type}, {resource} }}\n";

    private static void Add(string name, string kind, SortedDictionary<string, string> names)
    {
        // The admin interface's own listener and connection manager have what others have; what a request has counted by status depends on it.
        if (name.StartsWith("http.admin.", StringComparison.Ordinal) || name.StartsWith("listener.admin.", StringComparison.Ordinal) || IsByStatus(name))
            return;
        names[name.Replace("worker_0", "worker_N", StringComparison.Ordinal)] = kind;
    }

    private static bool IsByStatus(string name) => System.Text.RegularExpressions.Regex.IsMatch(name, "upstream_rq_([1-5]xx|[0-9]{3}|unknown)$");
}
