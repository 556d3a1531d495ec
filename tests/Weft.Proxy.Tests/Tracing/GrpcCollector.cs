using System.Buffers.Binary;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.Tracing;

/// <summary>A collector that is asked by gRPC: a proxy takes HTTP/2 and passes it on to a <see cref="Collector"/>, whose answers have a gRPC status.</summary>
internal sealed class GrpcCollector : IDisposable
{
    private readonly RunningServer _front;

    public GrpcCollector(string grpcStatus = "0")
        : this(null, grpcStatus)
    {
    }

    /// <param name="port">Who is asked in place of <see cref="Inner"/>.</param>
    public GrpcCollector(int port)
        : this(port, "0")
    {
    }

    private GrpcCollector(int? port, string grpcStatus)
    {
        Inner = new Collector { Status = $"200 OK\r\ncontent-type: application/grpc\r\ngrpc-status: {grpcStatus}" };
        _front = new RunningServer($$"""
            static_resources:
              clusters:
              - name: inner
                load_assignment: { cluster_name: inner, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port ?? Inner.Port}} } } } } ] } ] }
              listeners:
              - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      codec_type: HTTP2
                      stat_prefix: front
                      http_filters: [ { name: envoy.filters.http.router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
                      route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: inner, timeout: 0s } } ] } ] }
            """);
    }

    /// <summary>Fields of a cluster that speaks HTTP/2.</summary>
    public const string ClusterOptions = "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } }";

    public Collector Inner { get; }

    public int Port => _front.Listener().Port;

    /// <summary>The message of a call, without its prefix.</summary>
    public async Task<byte[]> MessageAsync(int index)
    {
        await Collector.UntilAsync(() => Inner.Bodies.Count > index);
        var body = Inner.Bodies[index];
        Assert.Equal((0, body.Length - 5), (body[0], (int)BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1))));
        return body[5..];
    }

    public void Dispose()
    {
        _front.Dispose();
        Inner.Dispose();
    }
}
