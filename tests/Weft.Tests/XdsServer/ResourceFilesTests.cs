using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Weft.Config;
using Weft.Net;
using Weft.Xds;
using Weft.Xds.Server;
using Weft.XdsServer;

namespace Weft.Tests.XdsServer;

public sealed class ResourceFilesTests : IDisposable
{
    private const string Short = """
        name: myconfig
        spec:
          listeners:
          - name: listener_http
            address: 0.0.0.0
            port: 80
            routes:
            - name: local_route
              prefix: /
              clusters: [webcluster]
          clusters:
          - name: webcluster
            endpoints:
            - address: 172.31.15.11
              port: 8080
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("weft-resources-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_short_form_becomes_listener_routes_cluster_and_endpoints()
    {
        var resources = Read(("short.yaml", Short));
        var cluster = Assert.Single(resources.OfType<Cluster>());
        Assert.Equal((Cluster.Types.DiscoveryType.Eds, Cluster.Types.DnsLookupFamily.V4Only, 5), (cluster.Type, cluster.DnsLookupFamily, cluster.ConnectTimeout.Seconds));
        Assert.Equal("xds_cluster", cluster.EdsClusterConfig.EdsConfig.ApiConfigSource.GrpcServices[0].EnvoyGrpc.ClusterName);
        Assert.Equal("webcluster", Assert.Single(resources.OfType<ClusterLoadAssignment>()).ClusterName);
        Assert.Equal("listener_http", Assert.Single(resources.OfType<Listener>()).Name);
        Assert.Equal("webcluster", Assert.Single(resources.OfType<RouteConfiguration>()).VirtualHosts[0].Routes[0].Route_.Cluster);
    }

    [Fact]
    public void With_ads_sources_are_the_stream_itself()
    {
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), Short);
        var resources = ResourceFiles.Read(_folder, usesAds: true, new Findings());
        Assert.NotNull(Assert.Single(resources.OfType<Cluster>()).EdsClusterConfig.EdsConfig.Ads);
    }

    [Fact]
    public void What_is_printed_can_be_served()
    {
        var resources = Read(("short.yaml", Short));
        using var output = new StringWriter();
        Assert.Equal(0, Program.Run("weft", ["xds-server", "--resources", Path.Combine(_folder, "short.yaml"), "--print"], output, TextWriter.Null));
        File.Delete(Path.Combine(_folder, "short.yaml"));
        Assert.Equal(resources, Read(("printed.yaml", output.ToString())));
    }

    [Fact]
    public void A_folder_may_mix_both_forms()
    {
        var resources = Read(("a.yaml", Short), ("b.json", """{ "resources": [{ "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "plain" }] }"""), ("README.md", "no resource"));
        Assert.Equal(["webcluster", "plain"], resources.OfType<Cluster>().Select(cluster => cluster.Name));
    }

    [Theory]
    [InlineData("port: 80", "port: 99999", "a.yaml:6:11  spec.listeners[0].port  '99999' is no port")]
    [InlineData("prefix: /", "perfix: /", "a.yaml:9:7  spec.listeners[0].routes[0].perfix  unknown field; did you mean prefix?")]
    [InlineData("- address: 172.31.15.11\n      port", "- port", "spec.clusters[0].endpoints[0].address  a value is required")]
    [InlineData("- name: listener_http\n    address", "- address", "a.yaml:4:5  spec.listeners[0].name  a value is required")]
    [InlineData("clusters: [webcluster]", "clusters: []", "spec.listeners[0].routes[0].clusters  a route needs a cluster")]
    [InlineData("spec:", "spec: [", "a.yaml:4:3  while parsing a node")]
    [InlineData(Short, "", "a.yaml:1:1  there is nothing in it")]
    public void Every_fault_has_its_place(string right, string wrong, string fault)
    {
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), Short.Replace(right, wrong, StringComparison.Ordinal));
        var findings = new Findings();
        ResourceFiles.Read(_folder, usesAds: false, findings);
        Assert.Contains(findings.Errors, finding => finding.ToString().Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_that_stands_twice_is_a_fault()
    {
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), Short);
        File.WriteAllText(Path.Combine(_folder, "b.yaml"), Short);
        var findings = new Findings();
        ResourceFiles.Read(_folder, usesAds: false, findings);
        Assert.Contains(findings.Errors, finding => finding.ToString() == $"{_folder}/b.yaml  CDS: the name 'webcluster' stands twice, first in {_folder}/a.yaml");
    }

    [Fact]
    public void A_change_is_served_and_a_fault_keeps_what_was()
    {
        using var loop = new EventLoop("test");
        var cache = new SnapshotCache();
        var file = Path.Combine(_folder, "a.yaml");
        File.WriteAllText(file, Short);
        using var files = new ServedFiles(loop, file, "node", usesAds: false, cache);
        Assert.True(files.Start());
        var node = new Envoy.Config.Core.V3.Node { Id = "node" };
        Assert.Equal(("1", "0"), (cache.ViewOf(node).VersionOf(ResourceType.Endpoints), cache.Default.VersionOf(ResourceType.Endpoints)));

        File.WriteAllText(file, Short.Replace("172.31.15.11", "172.31.15.12", StringComparison.Ordinal));
        Until("2");
        Assert.Equal("1", cache.ViewOf(node).VersionOf(ResourceType.Clusters));
        File.WriteAllText(file, "spec: [");
        File.WriteAllText(file + ".tmp", Short);
        File.Move(file + ".tmp", file, overwrite: true);
        Until("3");

        void Until(string version)
        {
            for (var turns = 0; turns < 3000 && cache.ViewOf(node).VersionOf(ResourceType.Endpoints) != version; turns++)
                loop.RunTurn(10);
            Assert.Equal(version, cache.ViewOf(node).VersionOf(ResourceType.Endpoints));
        }
    }

    [Fact]
    public void A_new_cluster_is_served_before_what_refers_to_it_and_one_that_is_gone_until_nothing_does()
    {
        using var loop = new EventLoop("test");
        var cache = new SnapshotCache();
        var file = Path.Combine(_folder, "a.yaml");
        File.WriteAllText(file, Short);
        using var files = new ServedFiles(loop, file, null, usesAds: false, cache);
        Assert.True(files.Start());
        var seen = new List<string>();
        cache.Changed += () => seen.Add($"{string.Join(' ', cache.Default.Of(ResourceType.Clusters).Keys.Order(StringComparer.Ordinal))}, {cache.Default.Of(ResourceType.Endpoints).Count} with endpoints, routes {cache.Default.VersionOf(ResourceType.Routes)}");
        File.WriteAllText(file + ".tmp", Short.Replace("webcluster", "other", StringComparison.Ordinal));
        File.Move(file + ".tmp", file, overwrite: true);
        for (var turns = 0; turns < 3000 && seen.Count < 3; turns++)
            loop.RunTurn(10);
        Assert.Equal(["other webcluster, 2 with endpoints, routes 1", "other webcluster, 2 with endpoints, routes 2", "other, 1 with endpoints, routes 2"], seen);
    }

    [Fact]
    public void What_a_file_of_a_folder_held_goes_with_it_but_not_while_it_is_only_exchanged()
    {
        using var loop = new EventLoop("test");
        var cache = new SnapshotCache();
        var other = Path.Combine(_folder, "b.yaml");
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), Short);
        File.WriteAllText(other, Short.Replace("webcluster", "other", StringComparison.Ordinal).Replace("listener_http", "listener_other", StringComparison.Ordinal));
        using var files = new ServedFiles(loop, _folder, null, usesAds: false, cache);
        Assert.True(files.Start());
        var listeners = new List<int>();
        cache.Changed += () => listeners.Add(cache.Default.Of(ResourceType.Listeners).Count);

        File.Move(other, other + "~");
        loop.RunTurn(0);
        File.WriteAllText(other, File.ReadAllText(other + "~").Replace("port: 80", "port: 81", StringComparison.Ordinal));
        Until(() => listeners.Count == 1);
        File.Delete(other);
        Until(() => listeners.Count == 2);
        Assert.Equal([2, 1], listeners);

        void Until(Func<bool> condition)
        {
            for (var turns = 0; turns < 3000 && !condition(); turns++)
                loop.RunTurn(10);
            Assert.True(condition());
        }
    }

    private IReadOnlyList<Google.Protobuf.IMessage> Read(params (string Name, string Text)[] files)
    {
        foreach (var (name, text) in files)
            File.WriteAllText(Path.Combine(_folder, name), text);
        var findings = new Findings();
        var resources = ResourceFiles.Read(_folder, usesAds: false, findings);
        Assert.Empty(findings.Errors);
        return resources;
    }
}
