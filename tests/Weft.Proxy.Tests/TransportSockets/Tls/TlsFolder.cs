using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weft.Net.Tests.Tls;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>A folder with an authority and certificates, and clients that use them.</summary>
internal sealed class TlsFolder : IDisposable
{
    private readonly TestCertificates _authority = new();

    public TlsFolder()
    {
        Write("ca.pem", _authority.AuthorityPem);
        Issue("server", "CN=server", names => names.AddDnsName("server.example"));
        Issue("client", "CN=client, O=Weft", names =>
        {
            names.AddUri(new Uri("spiffe://one.example/client"));
            names.AddDnsName("client.example");
        });
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("weft-tls-").FullName;

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public TestCertificates Authority => _authority;

    /// <summary>Writes NAME.pem and NAME.key, issued by the folder's authority.</summary>
    public void Issue(string name, string subject, Action<SubjectAlternativeNameBuilder> names, bool rsa = false) => Write(name, _authority.IssuePem(subject, names, rsa));

    /// <summary>Writes below.pem with the certificate of the authority that has issued it behind it, and below.key.</summary>
    public void IssueBelow(TestCertificates issuer)
    {
        var (chain, key) = issuer.IssuePem("CN=below");
        Write("below", ([.. chain, (byte)'\n', .. issuer.AuthorityPem], key));
    }

    public X509Certificate2 Load(string name)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(this[name + ".pem"], this[name + ".key"]);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A filter chain's transport socket, YAML in flow style.</summary>
    public string Downstream(string more = "", string common = "", string certificate = "server") => DownstreamContext(
        $"common_tls_context: {{ tls_certificates: [ {Certificate(certificate)} ]{Behind(common)} }}{Behind(more)}");

    /// <summary>The same, of these fields alone.</summary>
    public static string DownstreamContext(string fields) => Socket("Downstream", fields);

    /// <summary>A cluster's.</summary>
    public static string Upstream(string more = "", string common = "") => Socket("Upstream", $"common_tls_context: {{ {common} }}{Behind(more)}");

    /// <summary>The field validation_context: the folder's authority is trusted.</summary>
    /// <param name="checks">More fields of it.</param>
    public string Trusted(string checks = "") => $"validation_context: {TrustedContext(checks)}";

    /// <summary>The same without the name of the field.</summary>
    public string TrustedContext(string checks = "") => $"{{ trusted_ca: {{ filename: {this["ca.pem"]} }}{Behind(checks)} }}";

    public string Certificate(string name) => $"{{ certificate_chain: {{ filename: {this[name + ".pem"]} }}, private_key: {{ filename: {this[name + ".key"]} }} }}";

    /// <summary>One request over TLS; the response, or null when the server does not want the client.</summary>
    public async Task<string?> Get(IPEndPoint to, string? certificate = null, string host = "server.example", string path = "/", string headers = "")
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(to);
        await using var tls = new SslStream(socket.GetStream());
        using var own = certificate is null ? null : Load(certificate);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificates = own is null ? null : [own],
                LocalCertificateSelectionCallback = own is null ? null : (_, _, _, _, _) => own,
                CertificateChainPolicy = Policy(),
            });
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\r\n"));
            using var reader = new StreamReader(tls, Encoding.Latin1);
            var text = await reader.ReadToEndAsync();
            return text.Length == 0 ? null : $"{text}\n(certificate {tls.RemoteCertificate!.Subject})";
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            return null;
        }
    }

    public void Write(string file, byte[] bytes) => File.WriteAllBytes(this[file], bytes);

    /// <summary>Writes NAME.pem and NAME.key.</summary>
    public void Write(string name, (byte[] Chain, byte[] Key) issued)
    {
        Write(name + ".pem", issued.Chain);
        Write(name + ".key", issued.Key);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(this["ca.pem"]);
        return policy;
    }

    private static string Socket(string side, string fields) =>
        $"{{ name: envoy.transport_sockets.tls, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.{side}TlsContext, {fields} }} }}";

    private static string Behind(string more) => more.Length == 0 ? "" : ", " + more;
}
