using System.Net;
using static Weft.Proxy.Tests.XdsClient.DiscoveredYaml;

namespace Weft.Proxy.Tests.XdsClient;

/// <summary>Clusters, endpoints, listeners and routes from files that change while the proxy runs.</summary>
public sealed class FileDiscoveryTests : IDisposable
{
    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_second_endpoint_in_the_file_is_used_and_a_removed_one_is_not()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        _files.Write("eds.yaml", Endpoints("web", one));
        await _files.Start(StaticWith(Eds("web")));
        Assert.Equal(["one"], await _files.Answers(4));
        await _files.ExpectStat("cluster.web.update_success", 1);
        await _files.ExpectStat("cluster.web.membership_total", 1);

        _files.Write("eds.yaml", Endpoints("web", one, two));
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.membership_total") == 2, "two endpoints");
        Assert.Equal(["one", "two"], await _files.Answers(8));

        _files.Write("eds.yaml", Endpoints("web", two));
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.membership_total") == 1, "one endpoint");
        Assert.Equal(["two"], await _files.Answers(4));
        await _files.ExpectStat("cluster.web.update_success", 3);
    }

    [Theory]
    [InlineData("cluster_name: other")]
    [InlineData("cluster_name: web, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: nonsense, port_value: 80 } } } }] }]")]
    public async Task A_wrong_assignment_is_refused_and_changes_nothing(string assignment)
    {
        _files.Write("eds.yaml", Endpoints("web", _files.Upstream("one")));
        await _files.Start(StaticWith(Eds("web")));
        _files.Write("eds.yaml", "resources: [{ '@type': type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment, " + assignment + " }]");
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.update_rejected") == 1, "a rejected update");
        Assert.Equal(["one"], await _files.Answers(2));
    }

    [Fact]
    public async Task A_wrong_assignment_at_the_start_holds_nothing_up_and_the_right_one_is_taken()
    {
        var one = _files.Upstream("one");
        _files.Write("eds.yaml", Endpoints("other", one));
        await _files.Start(StaticWith(Eds("web")));
        await _files.ExpectStat("cluster.web.update_rejected", 1);
        await _files.ExpectStat("cluster.web.membership_total", 0);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _files.Get()).StatusCode);
        _files.Write("eds.yaml", Endpoints("web", one));
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.membership_total") == 1, "the right endpoint");
        Assert.Equal(["one"], await _files.Answers(1));
    }

    [Fact]
    public async Task Clusters_and_listeners_come_change_and_go()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        _files.Write("cds.yaml", Resources(StaticCluster("web", one)));
        _files.Write("lds.yaml", Resources(ListenerOf("first", Inline.Replace("CLUSTER", "web", StringComparison.Ordinal))));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml }, lds_config: { path_config_source: { path: FOLDER/lds.yaml } } }");
        Assert.Equal(["one"], await _files.Answers(2));
        Assert.Equal(("1", "web"), await _files.Dumped("dynamic_active_clusters", "cluster"));
        Assert.Contains("web::added_via_api::true\n", await _files.Admin("clusters"), StringComparison.Ordinal);

        _files.Write("cds.yaml", Resources(StaticCluster("web", two)));
        await DynamicFiles.Until(async () => (await _files.Answers(1)).SequenceEqual(["two"]), "the changed cluster");
        var port = _files.Server.Listener().Port;
        _files.Write("lds.yaml", Resources(ListenerOf("first", Inline.Replace("CLUSTER", "web", StringComparison.Ordinal)).Replace("stat_prefix: first", "stat_prefix: changed", StringComparison.Ordinal)));
        await DynamicFiles.Until(async () => await _files.Stat("http.changed.downstream_rq_total") >= 0, "the changed listener");
        Assert.Equal(port, _files.Server.Listener().Port);
        Assert.Equal(["two"], await _files.Answers(2));

        _files.Write("cds.yaml", Resources());
        await DynamicFiles.Until(async () => await _files.Stat("cluster_manager.cluster_removed") == 1, "no cluster");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _files.Get()).StatusCode);
        _files.Write("lds.yaml", Resources());
        await DynamicFiles.Until(async () => await _files.Stat("listener_manager.listener_removed") == 1, "no listener");
        await _files.ExpectStat("listener_manager.total_listeners_active", 0);
        await _files.ExpectStat("listener_manager.listener_added", 1);
        await _files.ExpectStat("listener_manager.listener_modified", 1);
    }

    [Fact]
    public async Task A_replaced_listener_is_shown_as_draining_as_long_as_it_has_connections()
    {
        var routes = Inline.Replace("CLUSTER", "web", StringComparison.Ordinal);
        _files.Write("cds.yaml", Resources(StaticCluster("web", _files.Upstream("one"))));
        _files.Write("lds.yaml", Resources(ListenerOf("first", routes)));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml }, lds_config: { path: FOLDER/lds.yaml } }");
        using (var client = new System.Net.Sockets.TcpClient())
        {
            await client.ConnectAsync(_files.Server.Listener());
            await DynamicFiles.Until(async () => await _files.Stat("http.first.downstream_cx_active") == 1, "the connection");
            _files.Write("lds.yaml", Resources(ListenerOf("first", routes).Replace("  address:", "  per_connection_buffer_limit_bytes: 65536\n  address:", StringComparison.Ordinal)));
            await DynamicFiles.Until(async () => (await States()).SequenceEqual(["active_state", "draining_state"]), "a listener that drains");
        }

        await DynamicFiles.Until(async () => (await States()).SequenceEqual(["active_state"]), "the end of the connection");

        async Task<IEnumerable<string>> States() => Assert.Single(await _files.Dump("dynamic_listeners")).EnumerateObject().Select(static field => field.Name).Where(static name => name.EndsWith("_state", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_good_cluster_is_taken_beside_a_faulty_one_which_is_named()
    {
        var one = _files.Upstream("one");
        _files.Write("cds.yaml", Resources(StaticCluster("web", one)));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml } }");
        _files.Write("cds.yaml", Resources(StaticCluster("web", one).Replace("127.0.0.1", "nonsense", StringComparison.Ordinal), StaticCluster("other", one)));
        await DynamicFiles.Until(async () => await _files.Stat("cluster_manager.cds.update_rejected") == 1, "a rejected update");

        var active = await _files.Dump("dynamic_active_clusters");
        Assert.Equal(["web", "other"], active.Select(cluster => cluster.GetProperty("cluster").GetProperty("name").GetString()));
        var details = active[0].GetProperty("error_state").GetProperty("details").GetString();
        Assert.Contains("malformed IP address: nonsense", details, StringComparison.Ordinal);
        Assert.Contains("cds.yaml:", details, StringComparison.Ordinal);
        Assert.False(active[1].TryGetProperty("error_state", out _));
    }

    [Fact]
    public async Task What_was_refused_is_shown_until_an_update_does_without_it()
    {
        var (one, routes) = (_files.Upstream("one"), Inline.Replace("CLUSTER", "web", StringComparison.Ordinal));
        _files.Write("cds.yaml", Resources(StaticCluster("web", one), StaticCluster("bad", one).Replace("127.0.0.1", "nonsense", StringComparison.Ordinal)));
        _files.Write("lds.yaml", Resources(ListenerOf("first", routes), ListenerOf("bad", routes).Replace("127.0.0.1", "nonsense", StringComparison.Ordinal)));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml }, lds_config: { path: FOLDER/lds.yaml } }");
        Assert.Equal("NACKED", Assert.Single(await _files.Dump("dynamic_warming_clusters")).GetProperty("client_status").GetString());
        Assert.Equal(2, (await _files.Dump("dynamic_listeners")).Length);

        _files.Write("cds.yaml", Resources(StaticCluster("web", one)));
        _files.Write("lds.yaml", Resources(ListenerOf("first", routes)));
        await DynamicFiles.Until(async () => (await _files.Dump("dynamic_warming_clusters")).Length == 0 && (await _files.Dump("dynamic_listeners")).Length == 1, "nothing that is refused");
    }

    [Theory]
    [InlineData("connect_timeout: -1s", "connect_timeout")]
    [InlineData("lb_policy: ROUND_ROBIN, cluster_type: { name: nothing, typed_config: { '@type': type.googleapis.com/nothing.V1 } }", "nothing.V1")]
    public async Task A_cluster_that_breaks_the_rules_is_refused_with_the_field_that_does(string fields, string named)
    {
        _files.Write("cds.yaml", Resources(StaticCluster("web", _files.Upstream("one"))));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml } }");
        _files.Write("cds.yaml", Resources("- { '@type': type.googleapis.com/envoy.config.cluster.v3.Cluster, name: web, " + fields + " }\n"));
        await DynamicFiles.Until(async () => await _files.Stat("cluster_manager.cds.update_rejected") == 1, "a rejected update");
        var cluster = Assert.Single(await _files.Dump("dynamic_active_clusters"));
        Assert.Contains(named, cluster.GetProperty("error_state").GetProperty("details").GetString(), StringComparison.Ordinal);
        Assert.True(cluster.GetProperty("cluster").TryGetProperty("load_assignment", out _));
    }

    [Fact]
    public async Task Clusters_that_are_made_of_each_other_answer_503_and_hold_nothing_up()
    {
        var routes = Inline.Replace("CLUSTER", "one", StringComparison.Ordinal);
        _files.Write("cds.yaml", Resources(Aggregate("one", "two"), Aggregate("two", "one")));
        _files.Write("lds.yaml", Resources(ListenerOf("web", routes)));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml }, lds_config: { path: FOLDER/lds.yaml } }");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _files.Get()).StatusCode);

        _files.Write("cds.yaml", Resources(Aggregate("one", "two"), StaticCluster("two", _files.Upstream("two"))));
        await DynamicFiles.Until(async () => (await _files.Answers(1)).SequenceEqual(["two"]), "a way out");

        static string Aggregate(string name, string member) => $$"""
            - '@type': type.googleapis.com/envoy.config.cluster.v3.Cluster
              name: {{name}}
              lb_policy: CLUSTER_PROVIDED
              cluster_type: { name: envoy.clusters.aggregate, typed_config: { '@type': type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig, clusters: [{{member}}] } }

            """;
    }

    [Fact]
    public async Task Routes_are_swapped_under_a_listener_that_stays()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        _files.Write("rds.yaml", Routes("one"));
        await _files.Start("static_resources:\n  clusters:\n" + Indented(StaticCluster("one", one, isResource: false)) + Indented(StaticCluster("two", two, isResource: false)) + "  listeners:\n"
            + Indented(StaticListener("web", "rds: { route_config_name: routes, config_source: { path_config_source: { path: FOLDER/rds.yaml } } }")));
        Assert.Equal(["one"], await _files.Answers(2));

        _files.Write("rds.yaml", Routes("two"));

        await DynamicFiles.Until(async () => (await _files.Answers(1)).SequenceEqual(["two"]), "the changed routes");
        await _files.ExpectStat("http.web.rds.routes.config_reload", 2);
        Assert.Equal(("1", "routes"), await _files.Dumped("dynamic_route_configs", "route_config"));
        Assert.Equal(0, await _files.Stat("listener_manager.listener_modified"));
    }

    [Fact]
    public async Task A_listener_that_is_renamed_keeps_its_port()
    {
        var port = FreePort.Find().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var routes = Inline.Replace("CLUSTER", "web", StringComparison.Ordinal);
        _files.Write("cds.yaml", Resources(StaticCluster("web", _files.Upstream("one"))));
        _files.Write("lds.yaml", Resources(ListenerOf("first", routes, port)));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml }, lds_config: { path: FOLDER/lds.yaml } }");
        Assert.Equal(["one"], await _files.Answers(1));

        _files.Write("lds.yaml", Resources(ListenerOf("second", routes, port)));

        await DynamicFiles.Until(async () => await _files.Stat("http.second.downstream_rq_total") >= 0 && await _files.Stat("listener_manager.listener_removed") == 1, "the other listener");
        Assert.Equal(["one"], await _files.Answers(2));
        // Two with one address at a time are refused.
        _files.Write("lds.yaml", Resources(ListenerOf("second", routes, port), ListenerOf("third", routes, port)));
        await DynamicFiles.Until(async () => await _files.Stat("listener_manager.lds.update_rejected") == 1, "a refused listener");
        Assert.Contains("has duplicate address", await _files.Admin("config_dump?resource=dynamic_listeners"), StringComparison.Ordinal);
    }
}
