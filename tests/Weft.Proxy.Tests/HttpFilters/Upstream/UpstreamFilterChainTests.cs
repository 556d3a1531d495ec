using Weft.Config;
using Weft.Proxy.Clusters;
using Weft.Proxy.Tests.Routing;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Tests.HttpFilters.Upstream;

public sealed class UpstreamFilterChainTests
{
    private const string Codec = "{ name: codec, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec } }";
    private const string Router = "{ name: router, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }";
    private const string Cors = "{ name: cors, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors } }";
    private const string Buffer = "{ name: buffer, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 3 } }";

    [Theory]
    [InlineData(Buffer, "The codec filter is the only valid terminal upstream HTTP filter, use 'envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec'")]
    [InlineData(Router, "The codec filter is the only valid terminal upstream HTTP filter, use 'envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec'")]
    [InlineData($"{Codec}, {Codec}", "Error: terminal filter named codec of type codec must be the last filter in a upstream http filter chain.")]
    [InlineData($"{Cors}, {Codec}", "Didn't find a registered implementation for 'cors' with type URL: 'envoy.extensions.filters.http.cors.v3.Cors'")]
    [InlineData($"{Router}, {Codec}", "Didn't find a registered implementation for 'router' with type URL: 'envoy.extensions.filters.http.router.v3.Router'")]
    public void What_cannot_stand_before_an_upstream_is_refused(string filters, string fault)
    {
        var context = new ConfigContext();
        Assert.Null(Compile(filters, context).UpstreamFilters);
        Assert.Equal(fault, Assert.Single(context.Findings.Errors).Text);
    }

    [Fact]
    public void A_filter_inside_another_must_be_one_for_upstreams_too()
    {
        var context = new ConfigContext();
        Compile($"{{ name: by, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher, extension_config: {Cors} }} }}, {Codec}", context);
        Assert.Equal("Didn't find a registered implementation for 'cors' with type URL: 'envoy.extensions.filters.http.cors.v3.Cors'", Assert.Single(context.Findings.Errors).Text);
    }

    [Fact]
    public void The_codec_alone_is_no_chain()
    {
        var context = new ConfigContext();
        Assert.Null(Compile(Codec, context).UpstreamFilters);
        Assert.Empty(context.Findings.Errors);
    }

    [Fact]
    public void A_router_s_chain_ends_with_the_codec_too()
    {
        var router = $"{{ name: router, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router, upstream_http_filters: [ {Buffer} ] }} }}";
        Assert.Equal(["Error: non-terminal filter named buffer of type buffer is the last filter in a router upstream http filter chain."], Filters.Faults($"- {router}"));
    }

    [Fact]
    public void The_codec_stands_in_no_connection_manager() =>
        Assert.Equal(
            ["Didn't find a registered implementation for 'codec' with type URL: 'envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec'"],
            Filters.Faults($"- {Codec}\n{Filters.Router}"));

    [Fact]
    public void Statistics_of_a_cluster_s_filters_are_the_cluster_s()
    {
        var context = Routes.Context(new ConfigContext());
        Compile($"{{ name: admission, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.admission_control.v3.AdmissionControl, success_criteria: {{ http_criteria: {{ http_success_status: [ {{ start: 100, end: 400 }} ] }} }} }} }}, {Codec}", context);
        Assert.Empty(context.Config.Findings.Errors);
        var all = new List<Weft.Base.Stats.Statistic>();
        context.Stats.List(all);
        Assert.Contains(all, static statistic => statistic.Name == "cluster.web.admission_control.rq_rejected");
    }

    private static ClusterConfig Compile(string filters, ConfigContext config) => Compile(filters, Routes.Context(config));

    private static ClusterConfig Compile(string filters, Weft.Proxy.Bootstrap.FactoryContext context) => ClusterConfig.Create(
        ConfigReader.ReadText<ClusterMessage>(
            "name: web\ntyped_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, "
            + $"explicit_http_config: {{ http_protocol_options: {{ }} }}, http_filters: [ {filters} ] }} }}", "cluster.yaml", new ReadOptions(), context.Config),
        context);
}
