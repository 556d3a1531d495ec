using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;

namespace Weft.Config.Tests.Binding;

public sealed class ExtensionTests
{
    private static (Bootstrap Bootstrap, ConfigContext Context) Read(string filters)
    {
        var context = new ConfigContext();
        var bootstrap = ConfigReader.ReadText<Bootstrap>($$"""
            static_resources:
              listeners:
              - name: l
                address: { socket_address: { address: 127.0.0.1, port_value: 80 } }
                filter_chains:
                - filters:
                  - {{filters}}
            """, "t.yaml", new ReadOptions(), context);
        return (bootstrap, context);
    }

    private static (HttpFilter Filter, ConfigContext Context) HttpFilter(string filter)
    {
        var (bootstrap, context) = Read($$"""{ name: hcm, typed_config: { "@type": {{Reading.HcmType}}, stat_prefix: s, route_config: {}, http_filters: {{filter}} } }""");
        var hcm = context.Unpack<HttpConnectionManager>(bootstrap.StaticResources.Listeners[0].FilterChains[0].Filters[0].TypedConfig)!;
        return (Assert.Single(hcm.HttpFilters), context);
    }

    [Theory]
    [InlineData("{ name: envoy.filters.http.router }")]
    [InlineData("{ name: envoy.router }")]
    [InlineData("{ name: envoy.filters.http.router, typed_config: {} }")]
    [InlineData("""{ name: envoy.filters.http.router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }""")]
    [InlineData("""{ name: any-name, typed_config: { "@type": envoy.extensions.filters.http.router.v3.Router } }""")]
    public void The_router_may_be_given_in_all_these_ways(string filter)
    {
        var (bound, context) = HttpFilter(filter);
        Assert.Empty(context.Findings.Errors);
        Assert.NotNull(context.Unpack<Router>(bound.TypedConfig));
    }

    [Fact]
    public void Of_an_old_name_and_a_new_type_the_type_decides()
    {
        var (bootstrap, context) = Read("""{ name: envoy.http_connection_manager, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: s, cluster: c } }""");
        Assert.Empty(context.Findings.Errors);
        Assert.Equal("c", context.Unpack<TcpProxy>(bootstrap.StaticResources.Listeners[0].FilterChains[0].Filters[0].TypedConfig)!.Cluster);
    }

    [Theory]
    [InlineData("xds.type.v3.TypedStruct")]
    [InlineData("udpa.type.v1.TypedStruct")]
    public void A_typed_struct_is_taken_for_what_it_holds(string wrapper)
    {
        var (bootstrap, context) = Read($$"""{ name: tcp, typed_config: { "@type": type.googleapis.com/{{wrapper}}, type_url: type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, value: { stat_prefix: s, cluster: c, idle_timeout: 5s } } }""");
        Assert.Empty(context.Findings.Errors);
        var any = bootstrap.StaticResources.Listeners[0].FilterChains[0].Filters[0].TypedConfig;
        Assert.Equal(5, context.Unpack<TcpProxy>(any)!.IdleTimeout.Seconds);

        var elsewhere = new ConfigContext();
        Assert.Equal(5, elsewhere.Unpack<TcpProxy>(any.Clone())!.IdleTimeout.Seconds);
        Assert.Empty(elsewhere.Findings.All);
    }

    [Fact]
    public void Faults_inside_a_typed_struct_have_positions()
    {
        var (_, context) = Read("""{ name: tcp, typed_config: { "@type": xds.type.v3.TypedStruct, type_url: envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, value: { stat_prefix: s, clustr: c } } }""");
        Assert.Contains("typed_config.value.clustr  unknown field; did you mean cluster?", Assert.Single(context.Findings.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Unpacking_another_type_is_an_error_at_the_any()
    {
        var (bootstrap, context) = Read("""{ name: tcp, typed_config: { "@type": envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: s, cluster: c } }""");
        Assert.Null(context.Unpack<Router>(bootstrap.StaticResources.Listeners[0].FilterChains[0].Filters[0].TypedConfig));
        Assert.Equal(
            "t.yaml:7:36  static_resources.listeners[0].filter_chains[0].filters[0].typed_config  expected the type envoy.extensions.filters.http.router.v3.Router, found envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
            Assert.Single(context.Findings.Errors).ToString());
    }

    [Fact]
    public void A_factory_can_report_at_a_field_of_what_it_unpacked()
    {
        var (bootstrap, context) = Read("""{ name: tcp, typed_config: { "@type": envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: s, cluster: c } }""");
        var proxy = context.Unpack<TcpProxy>(bootstrap.StaticResources.Listeners[0].FilterChains[0].Filters[0].TypedConfig)!;
        context.Error(proxy, "cluster", "unknown cluster 'c'");
        Assert.Equal("t.yaml:7:119  static_resources.listeners[0].filter_chains[0].filters[0].typed_config.cluster  unknown cluster 'c'", Assert.Single(context.Findings.Errors).ToString());
    }

    [Fact]
    public void An_any_of_bytes_is_opened_too()
    {
        var context = new ConfigContext();
        var filter = new Filter { Name = "x", TypedConfig = Google.Protobuf.WellKnownTypes.Any.Pack(new TcpProxy { Cluster = "c" }) };
        Assert.Equal("c", context.Unpack<TcpProxy>(filter.TypedConfig)!.Cluster);
        Assert.Same(context.Unpack(filter.TypedConfig), context.Unpack(filter.TypedConfig));
        Assert.Null(context.Unpack(null));
    }

    [Fact]
    public void An_any_may_hold_well_known_types_and_another_any()
    {
        var context = new ConfigContext();
        var listener = ConfigReader.ReadText<Envoy.Service.Discovery.V3.DiscoveryResponse>("""
            resources:
            - { "@type": google.protobuf.Any, value: { "@type": google.protobuf.UInt32Value, value: 5 } }
            - { "@type": google.protobuf.Duration, value: 5s }
            - { "@type": google.protobuf.Struct, value: { a: b } }
            """, "t.yaml", new ReadOptions { AllowUnimplemented = true }, context);
        Assert.Empty(context.Findings.Errors);
        var any = listener.Resources[0].Unpack<Google.Protobuf.WellKnownTypes.Any>();
        Assert.Equal(5u, any.Unpack<Google.Protobuf.WellKnownTypes.UInt32Value>().Value);
        Assert.Equal(5, listener.Resources[1].Unpack<Google.Protobuf.WellKnownTypes.Duration>().Seconds);
        Assert.Equal("b", listener.Resources[2].Unpack<Google.Protobuf.WellKnownTypes.Struct>().Fields["a"].StringValue);
    }
}
