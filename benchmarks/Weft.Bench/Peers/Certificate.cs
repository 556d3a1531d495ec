using System.Diagnostics;

namespace Weft.Bench.Peers;

/// <summary>The P-256 certificate that all proxies show, to clients and (mutual TLS) to each other, made anew for each run by openssl. It is its own authority.</summary>
internal static class Certificate
{
    public const string Chain = "cert.pem";
    public const string Key = "key.pem";

    /// <summary>Chain and key in one file, as HAProxy wants them.</summary>
    private const string Both = "both.pem";

    /// <summary>The run's certificate folder, seen from a proxy's own.</summary>
    public static string Folder(string peerFolder) => Path.Combine(Path.GetDirectoryName(peerFolder)!, "certs");

    public static void Make(string runFolder)
    {
        var folder = Directory.CreateDirectory(Path.Combine(runFolder, "certs")).FullName;
        var (chain, key) = (Path.Combine(folder, Chain), Path.Combine(folder, Key));
        string[] arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", chain];
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardError = true }) ?? throw new BenchException("openssl is missing");
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        File.WriteAllText(Path.Combine(folder, Both), File.ReadAllText(chain) + File.ReadAllText(key));
    }
}
