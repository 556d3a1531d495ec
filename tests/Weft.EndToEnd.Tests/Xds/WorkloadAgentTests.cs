using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>Identities from a workload agent on a UNIX socket: a listener's own, the bundles of several trust domains, and what comes of their rotation.</summary>
public sealed class WorkloadAgentTests(XdsPeers peers) : IClassFixture<XdsPeers>, IDisposable
{
    private readonly TlsFiles _files = new();
    private readonly TlsFiles _others = new();

    public void Dispose()
    {
        _files.Dispose();
        _others.Dispose();
    }

    [XdsFact]
    public async Task Identity_and_trust_bundles_come_over_a_UNIX_socket_and_rotate()
    {
        foreach (var name in new[] { "web", "next" })
            _files.Issue(name, "URI:spiffe://one.example/web");
        _files.Issue("client", "URI:spiffe://one.example/client");
        _others.Issue("client", "URI:spiffe://two.example/client");
        using var agent = await WorkloadAgent.StartAsync(peers.Folder, _files["agent.sock"]);
        agent.Set(Identity("web"), Bundles(("one.example", _files)));
        await using var weft = await WeftProcess.StartAsync(Bootstrap(agent.Socket));
        var port = await weft.Port("web");

        Assert.Equal("ok", await Get(port, _files));
        Assert.Equal("", await Get(port, _others));
        Assert.Equal("", await Get(port, null));
        Assert.Contains(_files.Describe("web", "-fingerprint", "-sha256"), await Shown(port), StringComparison.Ordinal);

        agent.Set(Identity("next"), Bundles(("one.example", _files), ("two.example", _others)));

        await Wait.Until(async () => await Get(port, _others) == "ok", "the other trust domain");
        await Wait.Until(async () => (await Shown(port)).Contains(_files.Describe("next", "-fingerprint", "-sha256"), StringComparison.Ordinal), "the next certificate");
        Assert.Contains("spiffe://one.example/web", agent.Requests, StringComparison.Ordinal);
        Assert.DoesNotContain("\"error\":\"C", agent.Requests, StringComparison.Ordinal);
        Assert.Equal(0, await weft.Stat("listener_manager.listener_modified"));
    }

    private static async Task<string> Get(int port, TlsFiles? client)
    {
        string[] certificate = client is null ? [] : ["--cert", client["client.crt"], "--key", client["client.key"]];
        return (await Shell.RunAsync("curl", ["-s", "-k", .. certificate, $"https://127.0.0.1:{port}/"])).Output;
    }

    /// <summary>The fingerprint of the certificate that the listener shows.</summary>
    private async Task<string> Shown(int port) => (await Shell.RunAsync("sh", ["-c",
        $"echo Q | openssl s_client -connect 127.0.0.1:{port} -cert {_files["client.crt"]} -key {_files["client.key"]} 2>/dev/null | openssl x509 -noout -fingerprint -sha256"])).Output;

    private string Identity(string name) => $$"""
        { "name": "spiffe://one.example/web", "tls_certificate": {
          "certificate_chain": { "inline_bytes": "{{Base64(_files[name + ".crt"])}}" }, "private_key": { "inline_bytes": "{{Base64(_files[name + ".key"])}}" } } }
        """;

    private static string Bundles(params (string Domain, TlsFiles Authority)[] bundles)
    {
        var domains = bundles.Select(bundle => $$"""{ "name": "{{bundle.Domain}}", "trust_bundle": { "inline_bytes": "{{Base64(bundle.Authority["ca.crt"])}}" } }""");
        return $$"""
            { "name": "ALL", "validation_context": { "custom_validator_config": { "name": "envoy.tls.cert_validator.spiffe", "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig", "trust_domains": [{{string.Join(", ", domains)}}] } } } }
            """;
    }

    private static string Base64(string file) => Convert.ToBase64String(File.ReadAllBytes(file));

    private static string Bootstrap(string socket) => $$"""
        node: { id: web, cluster: mesh }
        static_resources:
          listeners:
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - transport_socket:
                name: envoy.transport_sockets.tls
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                  require_client_certificate: true
                  common_tls_context:
                    tls_certificate_sds_secret_configs:
                    - name: spiffe://one.example/web
                      sds_config: &agent
                        resource_api_version: V3
                        api_config_source: { api_type: GRPC, transport_api_version: V3, grpc_services: [ { envoy_grpc: { cluster_name: spire_agent } } ] }
                    combined_validation_context:
                      default_validation_context: { match_typed_subject_alt_names: [ { san_type: URI, matcher: { suffix: /client } } ] }
                      validation_context_sds_secret_config: { name: ALL, sds_config: *agent }
              filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: ok } } } ] } ] }
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
          clusters:
          - name: spire_agent
            connect_timeout: 60s
            http2_protocol_options: {}
            load_assignment:
              cluster_name: spire_agent
              endpoints: [ { lb_endpoints: [ { endpoint: { address: { pipe: { path: {{socket}} } } } } ] } ]
        """;
}
