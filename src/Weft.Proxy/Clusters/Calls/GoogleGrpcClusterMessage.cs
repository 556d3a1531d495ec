using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using EndpointMessage = Envoy.Config.Endpoint.V3.Endpoint;
using GoogleGrpc = Envoy.Config.Core.V3.GrpcService.Types.GoogleGrpc;
using HttpProtocolOptions = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>The cluster that stands for a google_grpc.</summary>
internal static class GoogleGrpcClusterMessage
{
    /// <summary>Where systems keep the authorities that they trust, as gRPC libraries look for them.</summary>
    private static readonly string[] s_systemRoots =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];

    public static ClusterMessage Create(string name, GoogleGrpc config, GoogleGrpcTarget target)
    {
        var isSecure = config.ChannelCredentials?.SslCredentials is not null;
        var cluster = new ClusterMessage
        {
            Name = name,
            Type = target.IsAddress ? ClusterMessage.Types.DiscoveryType.Static : ClusterMessage.Types.DiscoveryType.StrictDns,
            DnsLookupFamily = ClusterMessage.Types.DnsLookupFamily.V4Preferred,
            LoadAssignment = new ClusterLoadAssignment
            {
                ClusterName = name,
                Endpoints = { new LocalityLbEndpoints { LbEndpoints = { new LbEndpoint { Endpoint = new EndpointMessage { Address = AddressOf(target) } } } } },
            },
        };
        // The name that was asked for must stand in the certificate.
        var options = new HttpProtocolOptions
        {
            ExplicitHttpConfig = new HttpProtocolOptions.Types.ExplicitHttpConfig { Http2ProtocolOptions = new() },
            UpstreamHttpProtocolOptions = isSecure ? new UpstreamHttpProtocolOptions { AutoSni = true, AutoSanValidation = true } : null,
        };
        cluster.TypedExtensionProtocolOptions.Add("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", Any.Pack(options));
        if (isSecure)
            cluster.TransportSocket = new TransportSocket { Name = "envoy.transport_sockets.tls", TypedConfig = Any.Pack(TlsOf(config.ChannelCredentials!.SslCredentials)) };
        return cluster;
    }

    private static Address AddressOf(GoogleGrpcTarget target) => target.IsUnix
        ? new Address { Pipe = new Pipe { Path = target.Host } }
        : new Address { SocketAddress = new SocketAddress { Address = target.Host, PortValue = target.Port } };

    private static UpstreamTlsContext TlsOf(GoogleGrpc.Types.SslCredentials credentials)
    {
        var roots = credentials.RootCerts ?? new DataSource { Filename = Array.Find(s_systemRoots, File.Exists) ?? s_systemRoots[0] };
        var common = new CommonTlsContext { ValidationContext = new CertificateValidationContext { TrustedCa = roots }, AlpnProtocols = { "h2" } };
        if (credentials.CertChain is not null || credentials.PrivateKey is not null)
            common.TlsCertificates.Add(new TlsCertificate { CertificateChain = credentials.CertChain, PrivateKey = credentials.PrivateKey });
        return new UpstreamTlsContext { CommonTlsContext = common };
    }
}
