namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A folder of certificates made with the openssl tool: <c>ca.crt</c>, and NAME.crt with NAME.key of everybody else.</summary>
internal sealed class TlsFiles : IDisposable
{
    public TlsFiles()
    {
        Openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", this["ca.key"], "-out", this["ca.crt"], "-subj", "/O=Weft/CN=Test CA", "-days", "30");
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("weft-certificates-").FullName;

    public string this[string file] => Path.Combine(Directory, file);

    /// <summary>Makes a certificate.</summary>
    /// <param name="name">Of its files, and its common name.</param>
    /// <param name="names">Its subject alternative names, as openssl wants them: <c>DNS:a.example,URI:spiffe://b</c>.</param>
    public void Issue(string name, string names)
    {
        File.WriteAllText(this["names"], $"subjectAltName={names}\n");
        Openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", this[name + ".key"], "-out", this["request"], "-subj", $"/O=Weft/CN={name}");
        Openssl("x509", "-req", "-in", this["request"], "-CA", this["ca.crt"], "-CAkey", this["ca.key"], "-CAcreateserial", "-out", this[name + ".crt"], "-days", "20", "-extfile", this["names"]);
    }

    /// <summary>What the openssl tool says about a certificate.</summary>
    public string Describe(string name, params string[] what) => Openssl(["x509", "-in", this[name + ".crt"], "-noout", .. what]).Trim();

    /// <summary>Has the authority say that a certificate is good: NAME.ocsp (RFC 6960).</summary>
    public void Staple(string name)
    {
        var serial = Describe(name, "-serial").Split('=')[1];
        File.WriteAllText(this["index"], $"V\t{DateTime.UtcNow.AddDays(20).ToString("yyMMddHHmmss", System.Globalization.CultureInfo.InvariantCulture)}Z\t\t{serial}\tunknown\t/O=Weft/CN={name}\n");
        Openssl("ocsp", "-issuer", this["ca.crt"], "-cert", this[name + ".crt"], "-reqout", this["question"]);
        Openssl("ocsp", "-index", this["index"], "-CA", this["ca.crt"], "-rsigner", this["ca.crt"], "-rkey", this["ca.key"], "-reqin", this["question"], "-respout", this[name + ".ocsp"], "-ndays", "5");
    }

    /// <summary>Puts certificate and key into one file with a password: NAME.p12.</summary>
    public void Pack(string name, string password) =>
        Openssl("pkcs12", "-export", "-in", this[name + ".crt"], "-inkey", this[name + ".key"], "-out", this[name + ".p12"], "-passout", "pass:" + password);

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private static string Openssl(params string[] arguments) => Shell.Run("openssl", arguments);
}
