using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.TransportSockets.Tls;
using Weft.Proxy.Tests.XdsClient;

namespace Weft.Proxy.Tests.Bootstrap.Reloading;

/// <summary>A proxy whose bootstrap file changes while it runs.</summary>
public sealed class BootstrapReloadTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("weft-reload-").FullName, "envoy.yaml");
    private readonly HttpClient _http = new();
    private readonly DynamicFiles _upstreams = new();
    private RunningServer? _server;

    public void Dispose()
    {
        _server?.Dispose();
        _http.Dispose();
        _upstreams.Dispose();
        Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
    }

    [Fact]
    public async Task Clusters_and_listeners_that_change_come_and_go_are_taken_over()
    {
        var (one, two) = (_upstreams.Upstream("one"), _upstreams.Upstream("two"));
        await Start(Cluster("web", one) + Cluster("old", one), Listener("first", "route: { cluster: web }") + Listener("gone", "route: { cluster: old }"));
        Assert.Equal("one", await Get("first"));

        Write(Cluster("web", two) + Cluster("new", one), Listener("first", "route: { cluster: web }") + Listener("second", "route: { cluster: new }"));
        _server!.Server.Reload();

        await Until(async () => await Get("first") == "two", "the changed cluster");
        await Until(async () => await Get("second") == "one", "the new listener and cluster");
        await Until(() => Task.FromResult(!Names().Contains("gone")), "the removed listener");
        await Until(async () => !(await Admin("clusters")).Contains("old::", StringComparison.Ordinal), "the removed cluster");
        var dump = await Admin("config_dump");
        Assert.Contains("\"second\"", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("\"gone\"", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("\"old\"", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_whose_limits_and_times_change_keeps_its_connections()
    {
        var one = _upstreams.Upstream("one");
        await Start(Cluster("web", one), Listener("first", "route: { cluster: web }"));
        Assert.Equal("one", await Get("first"));

        Write(
            Cluster("web", one).Replace("connect_timeout: 1s", "connect_timeout: 2s\n  circuit_breakers: { thresholds: [{ max_requests: 77 }] }\n  lb_policy: RANDOM".Replace("\n", "\n  ", StringComparison.Ordinal), StringComparison.Ordinal),
            Listener("first", "route: { cluster: web }"));
        _server!.Server.Reload();
        await Until(async () => (await Admin("clusters")).Contains("web::default_priority::max_requests::77", StringComparison.Ordinal), "the changed limit");

        Assert.Equal("one", await Get("first"));
        var stats = await Admin("stats?filter=cluster.web.upstream_cx");
        Assert.Contains("cluster.web.upstream_cx_total: 1\n", stats, StringComparison.Ordinal);
        Assert.Contains("cluster.web.upstream_cx_destroy: 0\n", stats, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_faults_changes_nothing()
    {
        var one = _upstreams.Upstream("one");
        await Start(Cluster("web", one), Listener("first", "route: { cluster: web }"));
        // The first change is good, the second is not: none is taken over.
        Write(Cluster("web", one).Replace("connect_timeout: 1s", "connect_timeout: 2s", StringComparison.Ordinal), Listener("first", "route: { cluster: nowhere }") + Listener("second", "direct_response: { status: 200 }"));
        _server!.Server.Reload();
        Write(Cluster("web", one), Listener("first", "route: { cluster: web }") + Listener("third", "direct_response: { status: 200, body: { inline_string: third } }"));
        _server!.Server.Reload();

        await Until(async () => await Get("third") == "third", "the good file");
        Assert.Equal("one", await Get("first"));
        Assert.Equal(["first", "third"], Names());
        Assert.Contains("cluster_manager.cluster_modified: 0\n", await Admin("stats?filter=cluster_modified"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_without_a_name_is_known_by_its_address()
    {
        var text = Listener("NAME", "direct_response: { status: 200, body: { inline_string: one } }").Replace("- name: NAME\n    address", "- address", StringComparison.Ordinal);
        await Start("", text);
        Assert.Equal("one", await _http.GetStringAsync(new Uri($"http://{_server!.Listener()}/")));
        var port = _server.Listener().Port;

        Write("", text.Replace("inline_string: one", "inline_string: two", StringComparison.Ordinal));
        _server.Server.Reload();

        await Until(async () => await _http.GetStringAsync(new Uri($"http://{_server.Listener()}/")) == "two", "the change");
        Assert.Equal(port, Assert.Single(_server.Server.Listeners.Listeners).BoundAddresses[0].Port);
    }

    [Fact]
    public async Task Runtime_layers_are_taken_over_and_overrides_stay()
    {
        await Start("", Listener("first", "direct_response: { status: 200 }"), "layered_runtime: { layers: [{ name: s, static_layer: { a: 1 } }, { name: o, admin_layer: {} }] }\n");
        (await _server!.Admin!.PostAsync("runtime_modify?b=7", null)).EnsureSuccessStatusCode();
        Write("", Listener("first", "direct_response: { status: 200 }"), "layered_runtime: { layers: [{ name: s, static_layer: { a: 2 } }, { name: o, admin_layer: {} }] }\n");
        _server.Server.Reload();
        await Until(async () => (await Admin("runtime")).Contains("\"2\"", StringComparison.Ordinal), "the changed layer");
        Assert.Contains("\"7\"", await Admin("runtime"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watched_file_needs_no_signal()
    {
        await Start("", Listener("first", "direct_response: { status: 200, body: { inline_string: one } }"), isWatched: true);
        Assert.Equal("one", await Get("first"));
        Write("", Listener("first", "direct_response: { status: 200, body: { inline_string: two } }"));
        await Until(async () => await Get("first") == "two", "the renamed file");
        File.WriteAllText(_path, File.ReadAllText(_path).Replace("inline_string: two", "inline_string: three", StringComparison.Ordinal));
        await Until(async () => await Get("first") == "three", "the file written in place");
    }

    [Fact]
    public async Task A_directory_that_a_secret_is_to_watch_from_now_on_is_watched()
    {
        using var certificates = new TlsFolder();
        foreach (var name in (string[])["second", "third"])
            certificates.Issue(name, "CN=" + name, names => names.AddDnsName("server.example"));
        var watched = Directory.CreateDirectory(certificates["watched"]).FullName;
        var listener = Listener("first", "direct_response: { status: 200 }").Replace("    - filters:", $"    - transport_socket: {{ name: tls, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {{ tls_certificate_sds_secret_configs: [ {{ name: own }} ] }} }} }}\n      filters:", StringComparison.Ordinal);
        await Start("", listener + Secret());
        Assert.Equal("CN=server", await Subject());
        Replace(certificates, "second");
        Touch();

        Write("", listener + Secret($", watched_directory: {{ path: {watched} }}"));
        _server!.Server.Reload();

        // The file is read again, and from then on whenever something comes into the directory.
        await Until(async () => await Subject() == "CN=second", "the second certificate");
        Replace(certificates, "third");
        Assert.Equal("CN=second", await Subject());
        Touch();
        await Until(async () => await Subject() == "CN=third", "the third certificate");

        // A directory that is not there is refused with the file, and the former one is watched still.
        Write("", listener + Secret(", watched_directory: { path: /nowhere }"));
        _server.Server.Reload();
        Replace(certificates, "second");
        Touch();
        await Until(async () => await Subject() == "CN=second", "the second certificate again");

        string Secret(string more = "") => $"  secrets: [ {{ name: own, tls_certificate: {certificates.Certificate("server")[..^2]}{more} }} }} ]\n";
        void Touch() => File.WriteAllText(Path.Combine(watched, Path.GetRandomFileName()), "");
        async Task<string?> Subject()
        {
            var answer = await certificates.Get(_server!.Listener());
            return answer?.Split("(certificate ")[1].TrimEnd(')');
        }
    }

    /// <summary>Moves other files into the place of the server's, which it may be reading.</summary>
    private static void Replace(TlsFolder certificates, string by)
    {
        foreach (var ending in (string[])[".key", ".pem"])
        {
            File.Copy(certificates[by + ending], certificates["next"], overwrite: true);
            File.Move(certificates["next"], certificates["server" + ending], overwrite: true);
        }
    }

    [Fact]
    public async Task Certificates_are_read_again_with_the_file_and_replaced_when_they_have_changed()
    {
        using var certificates = new TlsFolder();
        certificates.Issue("renewed", "CN=renewed", names => names.AddDnsName("server.example"));
        var socket = certificates.Downstream();
        var listener = Listener("first", "direct_response: { status: 200 }").Replace("    - filters:", $"    - transport_socket: {socket}\n      filters:", StringComparison.Ordinal);
        await Start("", listener);
        Assert.Contains("(certificate CN=server)", await certificates.Get(_server!.Listener()), StringComparison.Ordinal);
        Write("", listener + Listener("second", "direct_response: { status: 200 }"));
        _server.Server.Reload();
        await Until(() => Task.FromResult(Names().Contains("second")), "a reload that changes no certificate");
        Assert.Contains("ssl_context_update_by_sds: 0\n", await Admin("stats?filter=ssl_context_update_by_sds"), StringComparison.Ordinal);

        Replace(certificates, "renewed");
        _server.Server.Reload();

        await Until(async () => (await certificates.Get(_server.Listener()))!.Contains("(certificate CN=renewed)", StringComparison.Ordinal), "the renewed certificate");
        Assert.Contains("ssl_context_update_by_sds: 1\n", await Admin("stats?filter=ssl_context_update_by_sds"), StringComparison.Ordinal);
    }

    private static string Cluster(string name, int port) => $$"""
          - name: {{name}}
            connect_timeout: 1s
            load_assignment: { cluster_name: {{name}}, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } }] }] }

        """;

    private static string Listener(string name, string action) => $$"""
          - name: {{name}}
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: {{name}}
                  route_config: { validate_clusters: true, virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, {{action}} }] }] }
                  http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]

        """;

    private async Task Start(string clusters, string listeners, string more = "", bool isWatched = false)
    {
        Write(clusters, listeners, more);
        _server = new RunningServer("", new ServerOptions { ConfigPath = _path, WatchConfig = isWatched, DrainStrategy = DrainStrategy.Immediate });
        await Until(async () => (await _server.Admin!.GetAsync("ready")).IsSuccessStatusCode, "the server to be ready");
    }

    private void Write(string clusters, string listeners, string more = "")
    {
        File.WriteAllText(_path + ".tmp", "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }\n" + more
            + "static_resources:\n  clusters:\n" + clusters + "  listeners:\n" + listeners);
        File.Move(_path + ".tmp", _path, overwrite: true);
    }

    private IEnumerable<string> Names() => _server!.Server.Listeners.Listeners.Select(listener => listener.Config.Name);

    private async Task<string?> Get(string listener)
    {
        // A connection of its own, so that each goes to what is in use now.
        using var http = new HttpClient();
        var found = _server!.Server.Listeners.Listeners.FirstOrDefault(one => one.Config.Name == listener);
        return found is null ? null : await http.GetStringAsync(new Uri($"http://{found.BoundAddresses[0]}/"));
    }

    private Task<string> Admin(string path) => _server!.Admin!.GetStringAsync(path);

    private static Task Until(Func<Task<bool>> condition, string what) => DynamicFiles.Until(condition, what);
}
