using System.Runtime.CompilerServices;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Config.Upgrade;

namespace Weft.Config.Tests.Upgrade;

/// <summary>What is said in the v2 API means the same in v3.</summary>
public sealed class VersionUpgradeTests
{
    private static readonly string File = Path.Combine(Folder(), "priority-v2.yaml");

    [Fact]
    public void A_whole_v2_bootstrap_is_read_as_v3_with_one_warning()
    {
        var context = new ConfigContext();
        var bootstrap = ConfigReader.Read<Bootstrap>(File, null, new ReadOptions { AllowUnimplemented = true }, context);

        Assert.Empty(context.Findings.Errors);
        Assert.Single(context.Findings.Warnings, finding => finding.Text.Contains("this is the v2 API here (tls_context -> transport_socket) and at 9 more places"));
        var chain = bootstrap.StaticResources.Listeners[0].FilterChains[0];
        Assert.Equal("/certs/a.crt", chain.TransportSocket.TypedConfig.Unpack<DownstreamTlsContext>().CommonTlsContext.TlsCertificates[0].CertificateChain.Filename);
        var manager = chain.Filters[0].TypedConfig.Unpack<HttpConnectionManager>();
        Assert.Equal(30, manager.CommonHttpProtocolOptions.IdleTimeout.Seconds);
        var route = manager.RouteConfig.VirtualHosts[0].Routes[0];
        Assert.Equal("/a.*", route.Match.SafeRegex.Regex);
        Assert.Equal("www.example.com", route.Route_.HostRewriteLiteral);
        Assert.Equal(10u, manager.HttpFilters[0].TypedConfig.Unpack<HTTPFault>().Abort.Percentage.Numerator);

        var cluster = bootstrap.StaticResources.Clusters[0];
        Assert.Equal("webcluster1", cluster.LoadAssignment.ClusterName);
        Assert.Equal(["webcluster1", "webcluster2"], cluster.LoadAssignment.Endpoints[0].LbEndpoints.Select(e => e.Endpoint.Address.SocketAddress.Address));
        Assert.Equal("example.com", cluster.TransportSocket.TypedConfig.Unpack<UpstreamTlsContext>().Sni);
        Assert.Equal("web", cluster.HealthChecks[0].HttpHealthCheck.ServiceNameMatcher.Prefix);
    }

    [Fact]
    public void A_fault_in_an_upgraded_part_is_reported_where_it_was_written()
    {
        var lines = Reading.Lines("""
            static_resources:
              clusters:
              - name: a
                hosts:
                - socket_address: {address: 127.0.0.1, port_valu: 80}
            """);
        Assert.Contains(lines, line => line.StartsWith("t.yaml:5:44  static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_valu", StringComparison.Ordinal));
    }

    [Fact]
    public void A_v3_file_passes_without_a_word()
    {
        Assert.DoesNotContain(Reading.Lines("static_resources: {clusters: [{name: a, type: STATIC, load_assignment: {cluster_name: a}}]}", Severity.Warning), line => line.Contains("v2"));
    }

    [Theory]
    [InlineData("{regex_match: 'a+', name: x}", "{safe_regex_match: {regex: 'a+'}, name: x}")]
    [InlineData("{name: x, value: a}", "{name: x, exact_match: a}")]
    [InlineData("{name: x, value: a, regex: true}", "{name: x, safe_regex_match: {regex: a}}")]
    [InlineData("{name: x, string_match: {regex: a}}", "{name: x, string_match: {safe_regex: {regex: a}}}")]
    public void Header_matchers_keep_their_meaning(string old, string now) => AssertSame<HeaderMatcher>(old, now);

    [Theory]
    [InlineData("{name: q, value: a}", "{name: q, string_match: {exact: a}}")]
    [InlineData("{name: q, value: a, regex: true}", "{name: q, string_match: {safe_regex: {regex: a}}}")]
    public void Query_parameter_matchers_keep_their_meaning(string old, string now) => AssertSame<QueryParameterMatcher>(old, now);

    [Fact]
    public void Several_old_fields_that_became_one_are_joined()
    {
        AssertSame<CorsPolicy>(
            "{allow_origin: [a, b], allow_origin_regex: ['c.*'], enabled: false}",
            "{allow_origin_string_match: [{exact: a}, {exact: b}, {safe_regex: {regex: 'c.*'}}], filter_enabled: {default_value: {numerator: 0, denominator: HUNDRED}}}");
        AssertSame<VirtualCluster>(
            "{name: v, pattern: '/x', method: POST}",
            "{name: v, headers: [{name: ':path', safe_regex_match: {regex: '/x'}}, {name: ':method', exact_match: POST}]}");
        AssertSame<HttpConnectionManager>(
            "{stat_prefix: s, rds: {route_config_name: r, config_source: {ads: {}}}, common_http_protocol_options: {max_headers_count: 7}, idle_timeout: 3s}",
            "{stat_prefix: s, rds: {route_config_name: r, config_source: {ads: {}}}, common_http_protocol_options: {max_headers_count: 7, idle_timeout: 3s}}");
    }

    [Fact]
    public void Runtime_directories_become_layers()
    {
        AssertSame<Bootstrap>(
            "{runtime: {symlink_root: /srv/current, subdirectory: envoy, override_subdirectory: envoy_override}}",
            """
            layered_runtime:
              layers:
              - {name: root, disk_layer: {symlink_root: /srv/current, subdirectory: envoy}}
              - {name: override, disk_layer: {symlink_root: /srv/current, subdirectory: envoy_override, append_service_cluster: true}}
              - {name: admin, admin_layer: {}}
            """);
    }

    [Fact]
    public void Filters_of_a_route_get_their_types()
    {
        AssertSame<Route>(
            "{match: {prefix: /}, route: {cluster: a}, per_filter_config: {envoy.buffer: {disabled: true}}}",
            """
            match: {prefix: /}
            route: {cluster: a}
            typed_per_filter_config:
              envoy.filters.http.buffer: {"@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute, disabled: true}
            """);
    }

    [Theory]
    [InlineData("name: envoy.zipkin, config: { collector_cluster: z, collector_endpoint: /api/v1/spans }", "/api/v2/spans")]
    [InlineData("name: z, typed_config: { '@type': type.googleapis.com/envoy.config.trace.v2.ZipkinConfig, collector_cluster: z, collector_endpoint: /own, collector_endpoint_version: HTTP_JSON_V1 }", "/own")]
    public void The_version_of_zipkin_that_was_meant_where_none_was_given_becomes_the_next_one(string old, string endpoint) => AssertSame<Envoy.Config.Trace.V3.Tracing>(
        $"http: {{ {old} }}",
        $"http: {{ name: {(endpoint == "/own" ? "z" : "envoy.zipkin")}, typed_config: {{ '@type': type.googleapis.com/envoy.config.trace.v3.ZipkinConfig, collector_cluster: z, collector_endpoint: {endpoint}, collector_endpoint_version: HTTP_JSON }} }}");

    [Theory]
    [InlineData("config: { ")]
    [InlineData("typed_config: { '@type': type.googleapis.com/envoy.config.filter.http.gzip.v2.Gzip, ")]
    public void The_filter_for_gzip_becomes_the_one_for_all_algorithms(string start) => AssertSame<HttpFilter>(
        $"{{ name: envoy.gzip, {start} memory_level: 3, content_length: 100, compression_level: BEST, compression_strategy: HUFFMAN, content_type: [ text/html ], disable_on_etag_header: true }} }}",
        """
        name: envoy.gzip
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.http.compressor.v3.Compressor
          response_direction_config: { disable_on_etag_header: true, common_config: { min_content_length: 100, content_type: [ text/html ] } }
          compressor_library:
            name: gzip
            typed_config: { "@type": type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip, memory_level: 3, compression_level: BEST_COMPRESSION, compression_strategy: HUFFMAN_ONLY }
        """);

    [Fact]
    public void A_mirror_whose_key_is_not_in_the_runtime_gets_nothing() => AssertSame<RouteAction>(
        "{cluster: a, request_mirror_policy: {cluster: b, runtime_key: mirror}}",
        "{cluster: a, request_mirror_policies: [{cluster: b, runtime_fraction: {runtime_key: mirror, default_value: {numerator: 0, denominator: HUNDRED}}}]}");

    [Fact]
    public void Old_names_of_values_are_understood()
    {
        AssertSame<Envoy.Config.Cluster.V3.Cluster>("{name: a, lb_policy: original_dst_lb}", "{name: a, lb_policy: CLUSTER_PROVIDED}");
        AssertSame<ConfigSource>("{ads: {}, resource_api_version: V2}", "{ads: {}, resource_api_version: V3}");
    }

    [Fact]
    public void What_v3_cannot_say_is_still_reported()
    {
        Assert.Contains(Reading.Lines("static_resources: {listeners: [{name: l, filter_chains: [{filters: [{name: my.own, config: {a: 1}}]}]}]}"), line => line.Contains("config"));
    }

    [Fact]
    public void The_written_file_keeps_comments_and_reads_as_v3_alone()
    {
        var output = new StringWriter();
        var changes = ConfigUpgrade.Write(File, output);
        var text = output.ToString();

        Assert.Equal(10, changes.Count);
        Assert.StartsWith("# A front proxy of the v2 API.\nadmin:\n", text, StringComparison.Ordinal);
        Assert.Contains("# the public port", text);
        Assert.Contains("# everything else\n                        - match:\n", text);
        Assert.Contains("address: webcluster2 # the spare one\n", text);
        Assert.Empty(ConfigUpgrade.Write(text, "t.yaml", new StringWriter()));
        var before = ConfigReader.Read<Bootstrap>(File, null, new ReadOptions { AllowUnimplemented = true }, new ConfigContext());
        var after = ConfigReader.ReadText<Bootstrap>(text, "t.yaml", new ReadOptions { AllowUnimplemented = true }, new ConfigContext());
        Assert.Equal(before, after);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    private static void AssertSame<T>(string old, string now)
        where T : class, Google.Protobuf.IMessage<T>, new()
        => Assert.Equal(Reading.Good<T>(now), Reading.Good<T>(old));
}
