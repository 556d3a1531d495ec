using System.Globalization;

namespace Weft.Bench.Peers;

/// <summary>nginx, with its stream module where that is installed.</summary>
internal sealed class NginxPeer() : Peer("nginx")
{
    private const string StreamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";
    private static readonly string? Program = Tools.Find("nginx");

    public override string? Missing => Program is null ? "nginx is not installed (apt-get install nginx)" : null;

    public override string Version => Tools.FirstLine(Program!, "-v").Replace("nginx version: ", "", StringComparison.Ordinal);

    public override IReadOnlyDictionary<string, int> TcpPorts => File.Exists(StreamModule) ? base.TcpPorts : new Dictionary<string, int>();

    protected override IReadOnlyList<string> Command(string root, string folder)
    {
        var hasStream = File.Exists(StreamModule);
        var text = Template(root, "nginx.conf", folder)
            .Replace("@MODULES@", hasStream ? $"load_module {StreamModule};" : "", StringComparison.Ordinal)
            .Replace("@STREAM@", hasStream ? Template(root, "nginx-stream.conf", folder) : "", StringComparison.Ordinal);
        return [Program!, "-p", folder, "-e", Path.Combine(folder, "nginx.log"), "-c", Write(folder, "nginx.conf", text)];
    }
}

/// <summary>HAProxy; its TCP proxy both copying and splicing.</summary>
internal sealed class HAProxyPeer() : Peer("haproxy")
{
    private static readonly string? Program = Tools.Find("haproxy");

    public override string? Missing => Program is null ? "haproxy is not installed (apt-get install haproxy)" : null;

    public override string Version => string.Join(' ', Tools.FirstLine(Program!, "-v").Split(' ').Take(3));

    public override IReadOnlyDictionary<string, int> TcpPorts => new Dictionary<string, int> { [""] = Ports.Tcp, ["splice"] = Ports.TcpSplice };

    protected override IReadOnlyList<string> Command(string root, string folder) =>
        [Program!, "-db", "-f", Write(folder, "haproxy.cfg", Template(root, "haproxy.cfg", folder))];
}

/// <summary>YARP on Kestrel: benchmarks/Yarp.</summary>
internal sealed class YarpPeer(string root) : Peer("yarp")
{
    private readonly string _program = Path.Combine(root, "benchmarks/Yarp/bin/Release/net10.0/Weft.Bench.Yarp.dll");

    public override string? Missing => File.Exists(_program) ? null : "benchmarks/Yarp is not built (the package Yarp.ReverseProxy 2.1.0 could not be restored?)";

    public override string Version => $"YARP 2.1.0, .NET {Environment.Version}";

    public override IReadOnlyDictionary<string, int> TcpPorts => new Dictionary<string, int>();

    public override long? AllocatedBytes() => Tools.Number(Tools.Get($"http://127.0.0.1:{Ports.Admin}/allocated"), "");

    protected override IReadOnlyList<string> Command(string root, string folder) =>
        ["dotnet", _program, .. new[] { Ports.Http, Ports.Backend, Ports.Admin, Ports.Http2, Ports.Tls, Ports.Mesh, Ports.MutualTls }.Select(p => p.ToString(CultureInfo.InvariantCulture)), Certificate.Folder(folder)];
}

/// <summary>nghttpx, nghttp2's own proxy: beside the others in what it was made for, HTTP/2.</summary>
internal sealed class NghttpxPeer() : Peer("nghttpx")
{
    private static readonly string? Program = Tools.Find("nghttpx");

    public override string? Missing => Program is null ? "nghttpx is not installed (apt-get install nghttp2-proxy)" : null;

    public override string Version => Tools.FirstLine(Program!, "--version");

    public override IReadOnlyDictionary<string, int> TcpPorts => new Dictionary<string, int>();

    public override int? PortOf(Speech speech) => speech == Speech.Http2 ? Ports.Http : null;

    protected override IReadOnlyList<string> Command(string root, string folder) =>
    [
        Program!, "--conf=/dev/null", "--workers=1", "--log-level=ERROR", "--accesslog-file=/dev/null", "--errorlog-file=/dev/stderr",
        $"--frontend=127.0.0.1,{Ports.Http};no-tls", $"--backend=127.0.0.1,{Ports.Backend}",
    ];
}

/// <summary>Weft, from an ordinary front-proxy file.</summary>
internal sealed class WeftPeer(string name, string program, WeftExtras? extras = null) : Peer(name)
{
    private const string AllocatedStat = "server.allocated_bytes";

    public override string? Missing => File.Exists(program) ? null : $"{program} does not exist (./build makes it)";

    public override string Version => Tools.FirstLine(program, "--version");

    public override long? AllocatedBytes() =>
        Tools.Number(Tools.Get($"http://127.0.0.1:{Ports.Admin}/stats?filter=^{AllocatedStat}$"), $"{AllocatedStat}: ");

    protected override IReadOnlyList<string> Command(string root, string folder) =>
        [program, "proxy", "-c", Write(folder, "weft.yaml", (extras ?? WeftExtras.None).Fill(Template(root, "weft.yaml", folder), folder, Ports.Collector)), "--concurrency", "1", "-l", "warning"];
}
