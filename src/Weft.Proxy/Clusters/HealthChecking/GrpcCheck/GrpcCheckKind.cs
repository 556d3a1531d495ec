using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Data.Core.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using HeaderMap = Weft.Http.HeaderMap;

namespace Weft.Proxy.Clusters.HealthChecking.GrpcCheck;

/// <summary>A check that calls grpc.health.v1.Health/Check. Immutable.</summary>
internal sealed class GrpcCheckKind : HealthCheckKind
{
    private readonly string _authority;
    private readonly HeaderMutations _metadata;

    public GrpcCheckKind(HealthCheck.Types.GrpcHealthCheck config, string clusterName, FactoryContext context)
    {
        _authority = config.Authority.Length > 0 ? config.Authority : clusterName;
        _metadata = HeaderMutations.Create(config.InitialMetadata, [], context.Config, config, "initial_metadata", "");
        Message = GrpcHealthMessage.Request(config.ServiceName);
    }

    public override HealthCheckerType Type => HealthCheckerType.Grpc;

    public override bool UsesHttp2 => true;

    /// <summary>The request with its prefix.</summary>
    public byte[] Message { get; }

    public override HealthCheckSession CreateSession(HealthChecker checker, Endpoint endpoint) => new GrpcCheckSession(this, checker, endpoint);

    /// <summary>Fills <paramref name="headers"/> with the request for an endpoint.</summary>
    public void WriteRequest(HeaderMap headers, Endpoint endpoint, HealthChecker checker)
    {
        headers.Clear();
        headers.Set(KnownHeader.Method, "POST"u8);
        headers.Set(KnownHeader.Scheme, checker.IsSecure(endpoint) ? "https"u8 : "http"u8);
        headers.Set(KnownHeader.Authority, Encoding.Latin1.GetBytes(endpoint.HealthCheck.Hostname is { Length: > 0 } own ? own : _authority));
        headers.Set(KnownHeader.Path, "/grpc.health.v1.Health/Check"u8);
        headers.Set(KnownHeader.Te, "trailers"u8);
        headers.Set(KnownHeader.ContentType, "application/grpc"u8);
        headers.Set(KnownHeader.UserAgent, "Envoy/HC"u8);
        if (!_metadata.IsEmpty)
            _metadata.Apply(headers, new FormatContext(new StreamInfo { UpstreamEndpoint = endpoint, UpstreamCluster = checker.Cluster, Protocol = HttpProtocol.Http2 }, headers));
        GrpcTimeout.Write(headers, checker.Config.TimeoutMs);
    }
}
