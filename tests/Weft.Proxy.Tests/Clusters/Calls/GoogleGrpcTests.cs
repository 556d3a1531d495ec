using Envoy.Config.Core.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Tests.Clusters.Calls;

/// <summary>Services that are configured with google_grpc.</summary>
public sealed class GoogleGrpcTests
{
    [Theory]
    [InlineData("xds.example:18000", "xds.example", 18000, "xds.example:18000")]
    [InlineData("xds.example", "xds.example", 443, "xds.example:443")]
    [InlineData("dns:///xds.example:1", "xds.example", 1, "xds.example:1")]
    [InlineData("dns:xds.example", "xds.example", 443, "xds.example:443")]
    [InlineData("ipv4:127.0.0.1:50051", "127.0.0.1", 50051, "127.0.0.1:50051")]
    [InlineData("ipv6:[::1]:50051", "::1", 50051, "[::1]:50051")]
    [InlineData("[::1]", "::1", 443, "[::1]:443")]
    [InlineData("unix:/run/xds.sock", "/run/xds.sock", 0, "localhost")]
    [InlineData("unix:///run/xds.sock", "/run/xds.sock", 0, "localhost")]
    public void A_target_is_read_as_by_grpc_libraries(string uri, string host, int port, string authority)
    {
        var target = GoogleGrpcTarget.Parse(uri);
        Assert.Equal((host, (uint)port, authority), (target!.Host, target.Port, target.Authority));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("xds.example:port")]
    [InlineData("xds.example:70000")]
    [InlineData("xds:///service")]
    public void Other_targets_are_none(string uri) => Assert.Null(GoogleGrpcTarget.Parse(uri));

    [Theory]
    [InlineData("target_uri: 'xds:///a', stat_prefix: x", "is no target that can be reached")]
    [InlineData("target_uri: 'a:1', stat_prefix: x, channel_credentials: { google_default: {} }", "google_default")]
    [InlineData("target_uri: 'a:1', stat_prefix: x, call_credentials: [{ access_token: secret }]", "call credentials need ssl_credentials")]
    [InlineData("target_uri: 'a:1', stat_prefix: x, channel_credentials: { ssl_credentials: { root_certs: { filename: /no/such/file } } }", "/no/such/file")]
    public void What_cannot_be_used_is_named(string google, string fault)
    {
        var yaml = $"node: {{ id: me, cluster: test }}\ndynamic_resources: {{ ads_config: {{ api_type: GRPC, transport_api_version: V3, grpc_services: [{{ google_grpc: {{ {google} }} }}] }}, cds_config: {{ ads: {{}} }} }}";
        Assert.Null(Weft.Proxy.Bootstrap.Server.Create(new ServerOptions { ConfigYaml = yaml, Concurrency = 1 }, out var findings));
        Assert.Contains(findings.Errors, found => found.Text.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void A_secure_channel_gets_tls_and_the_token()
    {
        var config = new GrpcService.Types.GoogleGrpc
        {
            TargetUri = "xds.example:1",
            StatPrefix = "x",
            ChannelCredentials = new() { SslCredentials = new() { RootCerts = new DataSource { InlineString = "pem" } } },
        };
        var cluster = GoogleGrpcClusterMessage.Create("google_grpc.x", config, GoogleGrpcTarget.Parse(config.TargetUri)!);
        var tls = cluster.TransportSocket.TypedConfig.Unpack<Envoy.Extensions.TransportSockets.Tls.V3.UpstreamTlsContext>();
        Assert.Equal("pem", tls.CommonTlsContext.ValidationContext.TrustedCa.InlineString);
        Assert.Equal(Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.StrictDns, cluster.Type);
    }
}
