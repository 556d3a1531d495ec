using System.Globalization;

namespace Weft.Bench.Peers;

/// <summary>A proxy under test: how to start it, and what it can do.</summary>
internal abstract class Peer(string name) : IDisposable
{
    private ProxyProcess? _process;

    public string Name => name;

    /// <summary>For the report.</summary>
    public abstract string Version { get; }

    /// <summary>Why it cannot be measured here; null when it can.</summary>
    public abstract string? Missing { get; }

    public Ports Ports { get; private set; } = null!;

    /// <summary>Ports of its TCP proxies by variant; empty when it has none.</summary>
    public virtual IReadOnlyDictionary<string, int> TcpPorts => new Dictionary<string, int> { [""] = Ports.Tcp };

    /// <summary>The port where it speaks that; null when it does not.</summary>
    public virtual int? PortOf(Speech speech) => speech switch
    {
        Speech.Http1 => Ports.Http,
        Speech.Http2 => Ports.Http2,
        Speech.MutualTls => Ports.Mesh,
        _ => Ports.Tls,
    };

    public bool IsRunning => _process?.IsRunning == true;

    public ProcessUsage Usage => _process!.Usage();

    public long ResidentKb => _process!.ResidentKb();

    /// <summary>Starts it on a core of its own.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="runFolder">For its files; removed afterwards.</param>
    /// <param name="ports">Where it listens and forwards to.</param>
    /// <param name="core">The core it is pinned to.</param>
    public void Start(string root, string runFolder, Ports ports, int core)
    {
        Ports = ports;
        var folder = Directory.CreateDirectory(Path.Combine(runFolder, name)).FullName;
        _process = ProxyProcess.Start(name, core, Command(root, folder), Path.Combine(folder, "output.log"));
    }

    /// <summary>The end of what it printed, for the error when it did not start.</summary>
    public string LastOutput => _process?.LastOutput() ?? "";

    /// <summary>Managed bytes allocated since its start; null when it does not tell.</summary>
    public virtual long? AllocatedBytes() => null;

    public void Dispose() => _process?.Dispose();

    /// <summary>Writes its configuration into the folder and tells the command.</summary>
    protected abstract IReadOnlyList<string> Command(string root, string folder);

    /// <summary>A file of benchmarks/configs with its @NAME@s filled in.</summary>
    protected string Template(string root, string file, string folder)
    {
        var text = File.ReadAllText(Path.Combine(root, "benchmarks/configs", file));
        foreach (var (key, port) in new[] { ("HTTP", Ports.Http), ("HTTP2", Ports.Http2), ("TLS", Ports.Tls), ("MESH", Ports.Mesh), ("MTLS", Ports.MutualTls), ("TCP", Ports.Tcp), ("TCPSPLICE", Ports.TcpSplice), ("ADMIN", Ports.Admin), ("BACKEND", Ports.Backend), ("BULK", Ports.Bulk) })
            text = text.Replace($"@{key}@", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return text.Replace("@RUN@", folder, StringComparison.Ordinal).Replace("@CERTS@", Certificate.Folder(folder), StringComparison.Ordinal);
    }

    protected static string Write(string folder, string file, string text)
    {
        var path = Path.Combine(folder, file);
        File.WriteAllText(path, text);
        return path;
    }
}
