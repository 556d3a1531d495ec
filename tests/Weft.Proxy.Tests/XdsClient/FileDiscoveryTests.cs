using System.Net;

namespace Weft.Proxy.Tests.XdsClient;

/// <summary>Clusters, endpoints, listeners and routes from files that change while the proxy runs.</summary>
public sealed class FileDiscoveryTests : IDisposable
{
    private const string Listener = """
        - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
          name: NAME
          address: { socket_address: { address: 127.0.0.1, port_value: PORT } }
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: NAME
                ROUTES
                http_filters: [{ name: envoy.filters.http.router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
        """;

    private const string Inline = "route_config: { name: inline, virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster: CLUSTER } }] }] }";

    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_second_endpoint_in_the_file_is_used_and_a_removed_one_is_not()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        _files.Write("eds.yaml", Endpoints("web", one));
        await _files.Start(StaticWith(Eds("web")));
        Assert.Equal(["one"], await Answers(4));
        Assert.Equal((1, 1), (await _files.Stat("cluster.web.update_success"), await _files.Stat("cluster.web.membership_total")));

        _files.Write("eds.yaml", Endpoints("web", one, two));
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.membership_total") == 2, "two endpoints");
        Assert.Equal(["one", "two"], await Answers(8));

        _files.Write("eds.yaml", Endpoints("web", two));
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.membership_total") == 1, "one endpoint");
        Assert.Equal(["two"], await Answers(4));
        Assert.Equal(3, await _files.Stat("cluster.web.update_success"));
    }

    [Fact]
    public async Task A_file_that_is_written_in_place_is_read_again()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        _files.Write("eds.yaml", Endpoints("web", one));
        await _files.Start(StaticWith(Eds("web")));
        File.WriteAllText(_files.PathOf("eds.yaml"), Endpoints("web", two));
        await DynamicFiles.Until(async () => (await Answers(1)).SequenceEqual(["two"]), "the other endpoint");
    }

    [Fact]
    public async Task A_link_on_the_way_to_the_file_may_be_exchanged()
    {
        WriteTwoVersions();
        Directory.CreateSymbolicLink(_files.PathOf("..data"), "v1");
        File.CreateSymbolicLink(_files.PathOf("eds.yaml"), "..data/eds.yaml");
        await _files.Start(StaticWith(Eds("web")));
        Assert.Equal(["one"], await Answers(2));

        Directory.CreateSymbolicLink(_files.PathOf("..tmp"), "v2");
        using var move = System.Diagnostics.Process.Start("mv", ["-T", _files.PathOf("..tmp"), _files.PathOf("..data")]);
        await move.WaitForExitAsync();

        await DynamicFiles.Until(async () => (await Answers(1)).SequenceEqual(["two"]), "the other endpoint");
    }

    [Fact]
    public async Task With_a_watched_directory_what_moves_there_makes_the_file_be_read_again()
    {
        WriteTwoVersions();
        Directory.CreateSymbolicLink(_files.PathOf("current"), "v1");
        await _files.Start(StaticWith(Eds("web").Replace("FOLDER/eds.yaml", "FOLDER/current/eds.yaml, watched_directory: { path: FOLDER }", StringComparison.Ordinal)));
        Assert.Equal(["one"], await Answers(2));

        Directory.CreateSymbolicLink(_files.PathOf("next"), "v2");
        using var move = System.Diagnostics.Process.Start("mv", ["-T", _files.PathOf("next"), _files.PathOf("current")]);
        await move.WaitForExitAsync();

        await DynamicFiles.Until(async () => (await Answers(1)).SequenceEqual(["two"]), "the other endpoint");
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
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Get()).StatusCode);

        _files.Write("cds.yaml", Resources(Aggregate("one", "two"), StaticCluster("two", _files.Upstream("two"))));
        await DynamicFiles.Until(async () => (await Answers(1)).SequenceEqual(["two"]), "a way out");

        static string Aggregate(string name, string member) => $$"""
            - '@type': type.googleapis.com/envoy.config.cluster.v3.Cluster
              name: {{name}}
              lb_policy: CLUSTER_PROVIDED
              cluster_type: { name: envoy.clusters.aggregate, typed_config: { '@type': type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig, clusters: [{{member}}] } }

            """;
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
        Assert.Equal(["one"], await Answers(2));
    }

    [Fact]
    public async Task A_wrong_assignment_at_the_start_holds_nothing_up_and_the_right_one_is_taken()
    {
        var one = _files.Upstream("one");
        _files.Write("eds.yaml", Endpoints("other", one));
        await _files.Start(StaticWith(Eds("web")));
        Assert.Equal((1, 0), (await _files.Stat("cluster.web.update_rejected"), await _files.Stat("cluster.web.membership_total")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Get()).StatusCode);
        _files.Write("eds.yaml", Endpoints("web", one));
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.membership_total") == 1, "the right endpoint");
        Assert.Equal(["one"], await Answers(1));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_a_failure_and_changes_nothing()
    {
        _files.Write("eds.yaml", Endpoints("web", _files.Upstream("one")));
        await _files.Start(StaticWith(Eds("web")));
        _files.Write("eds.yaml", "resources: [");
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.update_failure") == 1, "a failed update");
        Assert.Equal(["one"], await Answers(2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# to be written")]
    public async Task A_file_with_nothing_in_it_removes_nothing(string text)
    {
        _files.Write("cds.yaml", Resources(StaticCluster("web", _files.Upstream("one"))));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml } }");
        File.WriteAllText(_files.PathOf("cds.yaml"), text);
        await DynamicFiles.Until(async () => await _files.Stat("cluster_manager.cds.update_failure") == 1, "a failed update");
        Assert.Equal(("1", "web"), await Dumped("dynamic_active_clusters", "cluster"));
    }

    [Fact]
    public async Task A_file_that_is_moved_away_and_back_is_no_failure()
    {
        _files.Write("eds.yaml", Endpoints("web", _files.Upstream("one")));
        await _files.Start(StaticWith(Eds("web")));
        var two = _files.Upstream("two");
        // What makes the watch look at a file that is not there: another one is moved over it, and gone at once.
        _files.Write("eds.yaml", Endpoints("web", two));
        File.Move(_files.PathOf("eds.yaml"), _files.PathOf("temp"));
        File.Move(_files.PathOf("temp"), _files.PathOf("eds.yaml"));
        await DynamicFiles.Until(async () => (await Answers(1)).SequenceEqual(["two"]), "the other endpoint");
        Assert.Equal(0, await _files.Stat("cluster.web.update_failure"));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_at_the_start()
    {
        var options = new Weft.Proxy.Bootstrap.ServerOptions { ConfigYaml = StaticWith(Eds("web")).Replace("FOLDER", "/nowhere", StringComparison.Ordinal) };
        Assert.Null(Weft.Proxy.Bootstrap.Server.Create(options, out var findings));
        Assert.Contains(findings.Errors, fault => fault.Text == "paths must refer to an existing path in the system: '/nowhere/eds.yaml' does not exist"
            && fault.FieldPath == "static_resources.clusters[0].eds_cluster_config.eds_config.path_config_source.path");
    }

    [Fact]
    public async Task Clusters_and_listeners_come_change_and_go()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        _files.Write("cds.yaml", Resources(StaticCluster("web", one)));
        _files.Write("lds.yaml", Resources(ListenerOf("first", Inline.Replace("CLUSTER", "web", StringComparison.Ordinal))));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml }, lds_config: { path_config_source: { path: FOLDER/lds.yaml } } }");
        Assert.Equal(["one"], await Answers(2));
        Assert.Equal(("1", "web"), await Dumped("dynamic_active_clusters", "cluster"));
        Assert.Contains("web::added_via_api::true\n", await _files.Admin("clusters"), StringComparison.Ordinal);

        _files.Write("cds.yaml", Resources(StaticCluster("web", two)));
        await DynamicFiles.Until(async () => (await Answers(1)).SequenceEqual(["two"]), "the changed cluster");
        var port = _files.Server.Listener().Port;
        _files.Write("lds.yaml", Resources(ListenerOf("first", Inline.Replace("CLUSTER", "web", StringComparison.Ordinal)).Replace("stat_prefix: first", "stat_prefix: changed", StringComparison.Ordinal)));
        await DynamicFiles.Until(async () => await _files.Stat("http.changed.downstream_rq_total") >= 0, "the changed listener");
        Assert.Equal(port, _files.Server.Listener().Port);
        Assert.Equal(["two"], await Answers(2));

        _files.Write("cds.yaml", Resources());
        await DynamicFiles.Until(async () => await _files.Stat("cluster_manager.cluster_removed") == 1, "no cluster");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Get()).StatusCode);
        _files.Write("lds.yaml", Resources());
        await DynamicFiles.Until(async () => await _files.Stat("listener_manager.listener_removed") == 1, "no listener");
        Assert.Equal((0, 1, 1), (await _files.Stat("listener_manager.total_listeners_active"), await _files.Stat("listener_manager.listener_added"), await _files.Stat("listener_manager.listener_modified")));
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
    public async Task Routes_are_swapped_under_a_listener_that_stays()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        _files.Write("rds.yaml", Routes("one"));
        await _files.Start("static_resources:\n  clusters:\n" + Indented(StaticCluster("one", one, isResource: false)) + Indented(StaticCluster("two", two, isResource: false)) + "  listeners:\n"
            + Indented(ListenerOf("web", "rds: { route_config_name: routes, config_source: { path_config_source: { path: FOLDER/rds.yaml } } }").Replace("\"@type\": type.googleapis.com/envoy.config.listener.v3.Listener\n  name", "name", StringComparison.Ordinal)));
        Assert.Equal(["one"], await Answers(2));

        _files.Write("rds.yaml", Routes("two"));

        await DynamicFiles.Until(async () => (await Answers(1)).SequenceEqual(["two"]), "the changed routes");
        Assert.Equal(2, await _files.Stat("http.web.rds.routes.config_reload"));
        Assert.Equal(("1", "routes"), await Dumped("dynamic_route_configs", "route_config"));
        Assert.Equal(0, await _files.Stat("listener_manager.listener_modified"));
    }

    [Fact]
    public async Task A_listener_that_is_renamed_keeps_its_port()
    {
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        free.Stop();
        var routes = Inline.Replace("CLUSTER", "web", StringComparison.Ordinal);
        _files.Write("cds.yaml", Resources(StaticCluster("web", _files.Upstream("one"))));
        _files.Write("lds.yaml", Resources(ListenerOf("first", routes, port)));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml }, lds_config: { path: FOLDER/lds.yaml } }");
        Assert.Equal(["one"], await Answers(1));

        _files.Write("lds.yaml", Resources(ListenerOf("second", routes, port)));

        await DynamicFiles.Until(async () => await _files.Stat("http.second.downstream_rq_total") >= 0 && await _files.Stat("listener_manager.listener_removed") == 1, "the other listener");
        Assert.Equal(["one"], await Answers(2));
        // Two with one address at a time are refused.
        _files.Write("lds.yaml", Resources(ListenerOf("second", routes, port), ListenerOf("third", routes, port)));
        await DynamicFiles.Until(async () => await _files.Stat("listener_manager.lds.update_rejected") == 1, "a refused listener");
        Assert.Contains("has duplicate address", await _files.Admin("config_dump?resource=dynamic_listeners"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clusters_are_asked_for_over_rest_again_and_again()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        var clusters = Json("1", one);
        var server = _files.Upstream(() => Volatile.Read(ref clusters));
        await _files.Start("node: { id: me, cluster: test }\ndynamic_resources: { cds_config: { api_config_source: { api_type: REST, transport_api_version: V3, cluster_names: [xds], refresh_delay: 0.02s } } }\n"
            + "static_resources:\n  clusters:\n" + Indented(StaticCluster("xds", server, isResource: false)) + "  listeners:\n"
            + Indented(ListenerOf("web", Inline.Replace("CLUSTER", "web", StringComparison.Ordinal).Replace("name: inline,", "name: inline, validate_clusters: false,", StringComparison.Ordinal))
                .Replace("\"@type\": type.googleapis.com/envoy.config.listener.v3.Listener\n  name", "name", StringComparison.Ordinal)));
        Assert.Equal(["one"], await Answers(2));

        Volatile.Write(ref clusters, Json("2", two));
        await DynamicFiles.Until(async () => (await Answers(1)).SequenceEqual(["two"]), "the changed cluster");
        Volatile.Write(ref clusters, "{ garbage");
        await DynamicFiles.Until(async () => await _files.Stat("cluster_manager.cds.update_rejected") > 0, "a refused update");
        Assert.Equal(["two"], await Answers(2));

        static string Json(string version, int port) => $$"""
            { "version_info": "{{version}}", "resources": [{ "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "web", "load_assignment": { "cluster_name": "web",
              "endpoints": [{ "lb_endpoints": [{ "endpoint": { "address": { "socket_address": { "address": "127.0.0.1", "port_value": {{port}} } } } }] }] } }] }
            """;
    }

    [Theory]
    [InlineData("api_type: REST, cluster_names: [nowhere], refresh_delay: 1s", "must have a statically defined non-EDS cluster: 'nowhere' does not exist")]
    [InlineData("api_type: REST, cluster_names: [xds]", "refresh_delay is required for REST API configuration sources")]
    [InlineData("api_type: REST, refresh_delay: 1s", "must have a singleton cluster name specified")]
    public void What_is_wrong_with_a_source_is_named(string source, string fault)
    {
        var options = new Weft.Proxy.Bootstrap.ServerOptions
        {
            ConfigYaml = $"node: {{ id: me, cluster: test }}\ndynamic_resources: {{ cds_config: {{ api_config_source: {{ {source} }} }} }}\nstatic_resources: {{ clusters: [{{ name: xds }}] }}",
        };
        Assert.Null(Weft.Proxy.Bootstrap.Server.Create(options, out var findings));
        Assert.Contains(findings.Errors, found => found.Text.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Listeners_of_a_list_in_a_file_come_and_change_and_a_faulty_one_is_named()
    {
        _files.Write("lds.yaml", ListenerList("first", "second"));
        await _files.Start("dynamic_resources: { lds_resources_locator: file://FOLDER/lds.yaml }");
        Assert.Equal(["first", "second"], await ListenerNames());
        Assert.Equal("7", (await _files.Dump("dynamic_listeners"))[0].GetProperty("active_state").GetProperty("version_info").GetString());

        _files.Write("lds.yaml", ListenerList("second", "third").Replace("stat_prefix: third", "stat_prefx: third", StringComparison.Ordinal));
        await DynamicFiles.Until(async () => await _files.Stat("listener_manager.lds.update_rejected") == 1, "a rejected update");
        Assert.Contains("resource.entries[1].inline_entry.resource.filter_chains[0].filters[0].typed_config.stat_prefix  value length must be at least 1 characters", await _files.Admin("config_dump?resource=dynamic_listeners"), StringComparison.Ordinal);
        Assert.Equal(1, await _files.Stat("listener_manager.total_listeners_active"));

        _files.Write("lds.yaml", "version: '8'\nresource: { '@type': type.googleapis.com/envoy.config.cluster.v3.Cluster, name: none }");
        await DynamicFiles.Until(async () => await _files.Stat("listener_manager.lds.update_failure") == 1, "a failed update");
        Assert.Equal(1, await _files.Stat("listener_manager.total_listeners_active"));
    }

    [Theory]
    [InlineData("cds_resources_locator: file:///etc/hosts", "Invalid structure for collection type")]
    [InlineData("lds_resources_locator: file://etc/hosts", "is no file: URL with an absolute path")]
    [InlineData("lds_resources_locator: file:///nowhere", "paths must refer to an existing path in the system: '/nowhere' does not exist")]
    [InlineData("lds_resources_locator: 'file:///etc/hosts#entry=one'", "the directive entry is not implemented")]
    [InlineData("lds_resources_locator: 'http://me/list'", "locators that are http: URLs are not implemented")]
    [InlineData("lds_resources_locator: list", "list does not have a xdstp:, http: or file: scheme")]
    public void What_is_wrong_with_a_locator_is_named(string locator, string fault)
    {
        Assert.Null(Weft.Proxy.Bootstrap.Server.Create(new() { ConfigYaml = $"dynamic_resources: {{ {locator} }}" }, out var findings));
        Assert.Contains(fault, Assert.Single(findings.Errors).ToString(), StringComparison.Ordinal);
    }

    private static string ListenerList(params string[] names) => "version: '7'\nresource:\n  '@type': type.googleapis.com/envoy.config.listener.v3.ListenerCollection\n  entries:\n"
        + string.Concat(names.Select(name => $"  - inline_entry:\n      name: {name}\n      resource:\n"
            + Indented(Indented(Indented(Indented(ListenerOf(name, Inline.Replace("name: inline,", "name: inline, validate_clusters: false,", StringComparison.Ordinal)).Replace("- \"@type\"", "  \"@type\"", StringComparison.Ordinal)))))));

    private async Task<IEnumerable<string?>> ListenerNames() => (await _files.Dump("dynamic_listeners")).Select(static one => one.GetProperty("name").GetString()).Order(StringComparer.Ordinal);

    /// <summary>Folders v1 and v2, each with the file in it.</summary>
    private void WriteTwoVersions()
    {
        foreach (var (folder, upstream) in new[] { ("v1", "one"), ("v2", "two") })
        {
            Directory.CreateDirectory(_files.PathOf(folder));
            File.WriteAllText(_files.PathOf(folder + "/eds.yaml"), Endpoints("web", _files.Upstream(upstream)));
        }
    }

    private static string Resources(params string[] resources) => "version_info: '1'\nresources:" + (resources.Length == 0 ? " []" : "\n" + string.Concat(resources));

    private static string Endpoints(string cluster, params int[] ports) => Resources($$"""
        - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
          cluster_name: {{cluster}}
          endpoints: [{ lb_endpoints: [{{string.Join(", ", ports.Select(port => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }} }}"))}}] }]

        """);

    private static string StaticCluster(string name, int port, bool isResource = true) => $$"""
        - {{(isResource ? "'@type': type.googleapis.com/envoy.config.cluster.v3.Cluster\n  " : "")}}name: {{name}}
          load_assignment: { cluster_name: {{name}}, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } }] }] }

        """;

    private static string Eds(string name) => $$"""
        - name: {{name}}
          type: EDS
          eds_cluster_config: { eds_config: { path_config_source: { path: FOLDER/eds.yaml } } }

        """;

    private static string Routes(string cluster) => Resources($$"""
        - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
          name: routes
          virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster: {{cluster}} } }] }]

        """);

    private static string ListenerOf(string name, string routes, string port = "0") =>
        Listener.Replace("NAME", name, StringComparison.Ordinal).Replace("ROUTES", routes, StringComparison.Ordinal).Replace("PORT", port, StringComparison.Ordinal) + "\n";

    private static string StaticWith(string clusters) => "static_resources:\n  clusters:\n" + Indented(clusters) + "  listeners:\n"
        + Indented(ListenerOf("web", Inline.Replace("CLUSTER", "web", StringComparison.Ordinal)).Replace("\"@type\": type.googleapis.com/envoy.config.listener.v3.Listener\n  name", "name", StringComparison.Ordinal));

    private static string Indented(string text) => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => "  " + line + "\n"));

    private async Task<(string?, string?)> Dumped(string resource, string field)
    {
        var one = Assert.Single(await _files.Dump(resource));
        return (one.GetProperty("version_info").GetString(), one.GetProperty(field).GetProperty("name").GetString());
    }

    private async Task<HttpResponseMessage> Get()
    {
        using var client = new HttpClient();
        return await client.GetAsync(new Uri($"http://{_files.Server.Listener()}/"));
    }

    /// <summary>What a number of requests, each on a connection of its own, were answered with.</summary>
    private async Task<IEnumerable<string>> Answers(int requests)
    {
        var answers = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < requests; i++)
            answers.Add(await (await Get()).Content.ReadAsStringAsync());
        return answers;
    }
}
