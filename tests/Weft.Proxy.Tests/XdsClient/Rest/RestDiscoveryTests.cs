using static Weft.Proxy.Tests.XdsClient.DiscoveredYaml;

namespace Weft.Proxy.Tests.XdsClient.Rest;

/// <summary>Resources that are asked for over HTTP.</summary>
public sealed class RestDiscoveryTests : IDisposable
{
    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Clusters_are_asked_for_over_rest_again_and_again()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        var clusters = Json("1", one);
        var server = _files.Upstream(() => Volatile.Read(ref clusters));
        await _files.Start("node: { id: me, cluster: test }\ndynamic_resources: { cds_config: { api_config_source: { api_type: REST, transport_api_version: V3, cluster_names: [xds], refresh_delay: 0.02s } } }\n"
            + "static_resources:\n  clusters:\n" + Indented(StaticCluster("xds", server, isResource: false)) + "  listeners:\n"
            + Indented(StaticListener("web", Inline.Replace("CLUSTER", "web", StringComparison.Ordinal).Replace("name: inline,", "name: inline, validate_clusters: false,", StringComparison.Ordinal))));
        Assert.Equal(["one"], await _files.Answers(2));

        Volatile.Write(ref clusters, Json("2", two));
        await DynamicFiles.Until(async () => (await _files.Answers(1)).SequenceEqual(["two"]), "the changed cluster");
        Volatile.Write(ref clusters, "{ garbage");
        await DynamicFiles.Until(async () => await _files.Stat("cluster_manager.cds.update_rejected") > 0, "a refused update");
        Assert.Equal(["two"], await _files.Answers(2));

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
}
