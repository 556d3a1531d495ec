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
        await _files.ExpectStat("sds.own.update_success", 2);
        await _files.ExpectStat("listener_manager.listener_modified", 0);
        _files.Write("sds.yaml", Secret("other", "server"));
        await DynamicFiles.Until(async () => await _files.Stat("sds.own.update_rejected") == 1, "a rejected secret");
        _files.Write("sds.yaml", Secret("own", "server").Replace(_certificates.Certificate("server"), "{ certificate_chain: { inline_string: none }, private_key: { inline_string: none } }", StringComparison.Ordinal));
        await DynamicFiles.Until(async () => await _files.Stat("sds.own.update_rejected") == 2, "a secret that is no certificate");
        Assert.Equal("next", Assert.Single(await _files.Dump("dynamic_active_secrets")).GetProperty("version_info").GetString());
        Assert.Contains("(certificate CN=next)", await _certificates.Get(_files.Server.Listener()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_that_a_secret_refers_to_are_read_again_when_they_are_exchanged(bool watchesAnother)
    {
        _certificates.Issue("next", "CN=next", names => names.AddDnsName("server.example"));
        var watched = Directory.CreateDirectory(_certificates["watched"]).FullName;
        _files.Write("sds.yaml", Secret("own", "server", watchesAnother ? $"watched_directory: {{ path: {watched} }}" : ""));
        await _files.Start(Bootstrap);
        Assert.Contains("(certificate CN=server)", await _certificates.Get(_files.Server.Listener()), StringComparison.Ordinal);

        // One after the other, so that they do not fit for a moment.
        File.Move(_certificates["next.key"], _certificates["server.key"], overwrite: true);
        File.WriteAllText(Path.Combine(watched, "one"), "");
        await DynamicFiles.Until(async () => await _files.Stat("sds.own.key_rotation_failed") >= 1, "a failed rotation");
        Assert.Contains("(certificate CN=server)", await _certificates.Get(_files.Server.Listener()), StringComparison.Ordinal);
        File.Move(_certificates["next.pem"], _certificates["server.pem"], overwrite: true);
        File.WriteAllText(Path.Combine(watched, "two"), "");

        await DynamicFiles.Until(async () => (await _certificates.Get(_files.Server.Listener()))?.Contains("(certificate CN=next)", StringComparison.Ordinal) == true, "the next certificate");
        await _files.ExpectStat("sds.own.update_success", 1);
    }

    [Fact]
    public async Task A_secret_that_cannot_be_used_is_refused()
    {
        _files.Write("sds.yaml", Secret("own", "server"));
        await _files.Start(Bootstrap);
        File.WriteAllText(_certificates["bad.pem"], "nothing");
        File.Copy(_certificates["server.key"], _certificates["bad.key"]);
        _files.Write("sds.yaml", Secret("own", "bad"));
        await DynamicFiles.Until(async () => await _files.Stat("sds.own.update_rejected") == 1, "a refused secret");
        Assert.Contains("(certificate CN=server)", await _certificates.Get(_files.Server.Listener()), StringComparison.Ordinal);
        Assert.DoesNotContain("bad.pem", await _files.Server.Admin!.GetStringAsync("config_dump"), StringComparison.Ordinal);
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

    private string Secret(string name, string certificate, string more = "") =>
        $"version_info: '{certificate}'\nresources: [ {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret, name: {name}, tls_certificate: {(more.Length == 0 ? _certificates.Certificate(certificate) : _certificates.Certificate(certificate)[..^1] + ", " + more + " }")} }} ]";
}
