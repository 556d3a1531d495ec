using Weft.Proxy.Tests.XdsClient;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>Secrets that a file gives, and replaces.</summary>
public sealed class SdsTests : IDisposable
{
    private readonly TlsFolder _certificates = new();
    private readonly DynamicFiles _files = new();

    public void Dispose()
    {
        _files.Dispose();
        _certificates.Dispose();
    }

    [Fact]
    public async Task A_certificate_comes_from_a_file_and_is_replaced_while_the_listener_stays()
    {
        _certificates.Issue("next", "CN=next", names => names.AddDnsName("server.example"));
        _files.Write("sds.yaml", Secret("own", "server"));
        await _files.Start(Bootstrap);
        Assert.Contains("(certificate CN=server)", await _certificates.Get(_files.Server.Listener()), StringComparison.Ordinal);

        _files.Write("sds.yaml", Secret("own", "next"));

        await DynamicFiles.Until(async () => (await _certificates.Get(_files.Server.Listener()))?.Contains("(certificate CN=next)", StringComparison.Ordinal) == true, "the next certificate");
        Assert.Equal((2, 0), (await _files.Stat("sds.own.update_success"), await _files.Stat("listener_manager.listener_modified")));
        _files.Write("sds.yaml", Secret("other", "server"));
        await DynamicFiles.Until(async () => await _files.Stat("sds.own.update_rejected") == 1, "a rejected secret");
        _files.Write("sds.yaml", Secret("own", "server").Replace(_certificates.Certificate("server"), "{ certificate_chain: { inline_string: none }, private_key: { inline_string: none } }", StringComparison.Ordinal));
        await DynamicFiles.Until(async () => await _files.Stat("sds.own.update_rejected") == 2, "a secret that is no certificate");
        Assert.Equal("next", Assert.Single(await _files.Dump("dynamic_active_secrets")).GetProperty("version_info").GetString());
        Assert.Contains("(certificate CN=next)", await _certificates.Get(_files.Server.Listener()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_secret_a_listener_is_open_and_connections_are_reset()
    {
        _files.Write("sds.yaml", "resources: []");
        await _files.Start(Bootstrap);
        Assert.Null(await _certificates.Get(_files.Server.Listener()));
        _files.Write("sds.yaml", Secret("own", "server"));
        await DynamicFiles.Until(async () => await _certificates.Get(_files.Server.Listener()) is not null, "the certificate");
    }

    private const string Bootstrap = """
        static_resources:
          listeners:
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - transport_socket: { name: envoy.transport_sockets.tls, typed_config: { "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext,
                common_tls_context: { tls_certificate_sds_secret_configs: [ { name: own, sds_config: { resource_api_version: V3, path_config_source: { path: FOLDER/sds.yaml } } } ] } } }
              filters:
              - name: http
                typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: web,
                  route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, direct_response: { status: 200 } } ] } ] },
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] }
        """;

    private string Secret(string name, string certificate) =>
        $"version_info: '{certificate}'\nresources: [ {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret, name: {name}, tls_certificate: {_certificates.Certificate(certificate)} }} ]";
}
