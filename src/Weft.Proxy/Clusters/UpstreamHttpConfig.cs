using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Http.UpstreamCodec.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Routing.HashPolicies;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using OptionsMessage = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace Weft.Proxy.Clusters;

/// <summary>What a cluster says about HTTP: its HttpProtocolOptions, or the deprecated fields that stood for them. Immutable.</summary>
/// <param name="Protocol">The version its connections speak.</param>
/// <param name="Common">What counts for every version.</param>
/// <param name="Http1">For HTTP/1; null: everything by default.</param>
/// <param name="Http2">For HTTP/2.</param>
internal sealed record UpstreamHttpConfig(UpstreamProtocol Protocol, HttpProtocolOptions? Common, Http1ProtocolOptions? Http1, Http2Config Http2)
{
    /// <summary>auto_sni and auto_san_validation; null: neither.</summary>
    public UpstreamHttpProtocolOptions? Upstream { get; init; }

    /// <summary>http_filters; null: none.</summary>
    public HttpFilterChain? Filters { get; init; }

    /// <summary>hash_policy; null: that of the route counts.</summary>
    public HashPolicy? HashPolicy { get; init; }

    /// <summary>Compiles; faults are reported in the context. typed_extension_protocol_options win over the deprecated fields of the cluster.</summary>
    public static UpstreamHttpConfig Create(ClusterMessage config, FactoryContext context)
    {
        foreach (var any in config.TypedExtensionProtocolOptions.Values)
        {
            if (context.Config.Unpack(any) is OptionsMessage options)
            {
                return Create(options, config, context) with
                {
                    Upstream = options.UpstreamHttpProtocolOptions,
                    Filters = FiltersOf(options, context),
                    HashPolicy = HashPolicyCompiler.Compile(options.HashPolicy, context.Config),
                };
            }
        }

#pragma warning disable CS0612 // the deprecated place of the same message
        return CreateDeprecated(config, context) with { Upstream = config.UpstreamHttpProtocolOptions };
#pragma warning restore CS0612
    }

    private static HttpFilterChain? FiltersOf(OptionsMessage options, FactoryContext context)
    {
        if (options.HttpFilters.Count == 0)
            return null;
        if (context.Config.Unpack(options.HttpFilters[^1].TypedConfig) is UpstreamCodec)
            return new HttpFilterChain(options.HttpFilters, options, "http_filters", "upstream http");
        context.Config.Error(options, "http_filters", $"The codec filter is the only valid terminal upstream HTTP filter, use '{UpstreamCodec.Descriptor.FullName}'");
        return null;
    }

    private static UpstreamHttpConfig Create(OptionsMessage options, ClusterMessage config, FactoryContext context)
    {
        var common = options.CommonHttpProtocolOptions;
        switch (options.UpstreamProtocolOptionsCase)
        {
            case OptionsMessage.UpstreamProtocolOptionsOneofCase.UseDownstreamProtocolConfig:
                var downstream = options.UseDownstreamProtocolConfig;
                return Create(UpstreamProtocol.Downstream, common, downstream.HttpProtocolOptions, downstream.Http2ProtocolOptions, context);
            case OptionsMessage.UpstreamProtocolOptionsOneofCase.AutoConfig:
                var auto = options.AutoConfig;
                if (!TransportSocketRegistry.HasAlpn(config.TransportSocket, context.Config) || config.TransportSocketMatches.Any(match => !TransportSocketRegistry.HasAlpn(match.TransportSocket, context.Config)))
                    context.Config.Error(config, "transport_socket", $"ALPN configured for cluster {config.Name} which has a non-ALPN transport socket: {config.Name}");
                return Create(UpstreamProtocol.Auto, common, auto.HttpProtocolOptions, auto.Http2ProtocolOptions, context);
            default:
                var http2 = options.ExplicitHttpConfig?.Http2ProtocolOptions;
                return Create(http2 is null ? UpstreamProtocol.Http1 : UpstreamProtocol.Http2, common, options.ExplicitHttpConfig?.HttpProtocolOptions, http2, context);
        }
    }

#pragma warning disable CS0612 // the deprecated places of the protocol options are still accepted

    private static UpstreamHttpConfig CreateDeprecated(ClusterMessage config, FactoryContext context)
    {
        var followsDownstream = config.ProtocolSelection == ClusterMessage.Types.ClusterProtocolSelection.UseDownstreamProtocol;
        if (config is { HttpProtocolOptions: not null, Http2ProtocolOptions: not null } && !followsDownstream)
            context.Config.Error(config, "http2_protocol_options", "cluster: Both HTTP1 and HTTP2 options may only be configured with non-default 'protocol_selection' values");
        var protocol = followsDownstream ? UpstreamProtocol.Downstream
            : config.Http2ProtocolOptions is not null ? UpstreamProtocol.Http2
            : UpstreamProtocol.Http1;
        return Create(protocol, config.CommonHttpProtocolOptions, config.HttpProtocolOptions, config.Http2ProtocolOptions, context);
    }

#pragma warning restore CS0612

    private static UpstreamHttpConfig Create(UpstreamProtocol protocol, HttpProtocolOptions? common, Http1ProtocolOptions? http1, Http2ProtocolOptions? http2, FactoryContext context) =>
        new(protocol, common, http1, Http2ConfigCompiler.Compile(http2, common, maxHeadersKb: null, streamErrors: null, context.Config));
}
