namespace Weft.Proxy.Tests.XdsClient;

/// <summary>Secrets in the configuration dump: those of the bootstrap and those that are discovered, without what is secret.</summary>
public sealed class SecretDumpTests : IDisposable
{
    private const string Bootstrap = """
        static_resources:
          secrets:
          - name: own
            validation_context: { trusted_ca: { filename: FOLDER/ca.pem } }
          - name: word
            generic_secret: { secret: { inline_string: hush } }
          clusters:
          - name: web
            connect_timeout: 1s
            transport_socket:
              name: tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                common_tls_context: { validation_context_sds_secret_config: { name: trust, sds_config: { path_config_source: { path: FOLDER/sds.yaml } } } }
        """;

    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Static_and_discovered_secrets_are_listed_and_redacted()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=ca", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _files.Write("ca.pem", certificate.ExportCertificatePem());
        _files.Write("sds.yaml", $"version_info: '7'\nresources: [{{ '@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret, name: trust, validation_context: {{ trusted_ca: {{ filename: {_files.PathOf("ca.pem")} }} }} }}]");
        await _files.Start(Bootstrap);

        Assert.Equal(["own", "word"], (await _files.Dump("static_secrets")).Select(secret => secret.GetProperty("name").GetString()));
        var discovered = Assert.Single(await _files.Dump("dynamic_active_secrets"));
        Assert.Equal(("trust", "7"), (discovered.GetProperty("name").GetString(), discovered.GetProperty("version_info").GetString()));
        Assert.True(discovered.GetProperty("secret").TryGetProperty("validation_context", out _));
        Assert.DoesNotContain("hush", await _files.Admin("config_dump"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_has_not_come_is_warming()
    {
        _files.Write("ca.pem", "");
        _files.Write("sds.yaml", "resources: []");
        await _files.Start(Bootstrap.Replace("FOLDER/ca.pem", "/dev/null", StringComparison.Ordinal));
        Assert.Equal("uninitialized", Assert.Single(await _files.Dump("dynamic_warming_secrets")).GetProperty("version_info").GetString());
    }
}
