using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>
/// A running <c>weft proxy</c> with an admin interface on a port of the kernel's choice. Listener ports are the kernel's
/// choice too: a configuration says <c>port_value: 0</c> and asks <see cref="Port"/> afterwards.
/// </summary>
internal sealed partial class WeftProcess : IAsyncDisposable
{
    private const string AdminSection = "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }\n";

    private readonly Process _process;
    private readonly string _directory;
    private readonly StringBuilder _log = new();

    private WeftProcess(ProcessStartInfo start, string directory, HttpClient http)
    {
        start.WorkingDirectory = directory;
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        (_process, _directory, Http) = (Process.Start(start)!, directory, http);
        Collect();
    }

    /// <summary>For requests to <see cref="Admin"/>; its connections start on the host of the proxy.</summary>
    public HttpClient Http { get; }

    public Uri Admin { get; private set; } = null!;

    public int Pid => _process.Id;

    /// <summary>Where it runs and relative paths of its configuration lead.</summary>
    public string WorkingDirectory => _directory;

    /// <summary>What the proxy sees as <c>/etc/envoy</c>, when it was started so.</summary>
    public string EtcEnvoy => Path.Combine(_directory, "etc", "envoy");

    /// <summary>Its resident memory now.</summary>
    public long ResidentBytes => StatusBytes("VmRSS:");

    /// <summary>The most resident memory it ever had.</summary>
    public long PeakResidentBytes => StatusBytes("VmHWM:");

    /// <summary>The most begins anew with what there is now (proc_pid_clear_refs(5)).</summary>
    public void ForgetPeakMemory() => File.WriteAllText($"/proc/{Pid}/clear_refs", "5");

    /// <summary>Standard output and standard error, line by line as they come.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public static string Binary { get; } = Environment.GetEnvironmentVariable("WEFT_BIN") ?? FindBinary();

    /// <summary>Starts a proxy and waits until it is ready.</summary>
    /// <param name="yaml">The configuration; an admin section is put before it.</param>
    public static async Task<WeftProcess> StartAsync(string yaml, params string[] arguments)
    {
        var directory = NewDirectory();
        var file = Path.Combine(directory, "envoy.yaml");
        await File.WriteAllTextAsync(file, yaml.Contains("admin:", StringComparison.Ordinal) ? yaml : AdminSection + yaml);
        return await WhenReadyAsync(new(new(Binary, Arguments(directory, file, arguments)), directory, new() { Timeout = Patience.Limit }), hasAdmin: true);
    }

    /// <summary>Starts a proxy on a host with a file as it is, and waits until it is ready.</summary>
    /// <param name="file">Below <c>Scenarios</c>.</param>
    public static Task<WeftProcess> StartOnAsync(NetworkHost host, string file, params string[] arguments) => StartOnAsync(host, file, null, arguments);

    /// <summary>The same, with copies of certificates in the folder <c>tls</c> of its working directory.</summary>
    public static async Task<WeftProcess> StartOnAsync(NetworkHost host, string file, TlsFiles? certificates, params string[] arguments)
    {
        var directory = NewDirectory();
        if (certificates is not null)
        {
            Directory.CreateDirectory(Path.Combine(directory, "tls"));
            foreach (var from in Directory.GetFiles(certificates.Directory))
                File.Copy(from, Path.Combine(directory, "tls", Path.GetFileName(from)));
        }

        file = Path.Combine(AppContext.BaseDirectory, "Scenarios", file);
        var hasAdmin = File.ReadLines(file).Contains("admin:");
        return await WhenReadyAsync(new(host.Command(Binary, Arguments(directory, file, arguments)), directory, host.CreateHttpClient()), hasAdmin);
    }

    /// <summary>
    /// Starts a proxy on a host on which a folder of files is <c>/etc/envoy</c>, and waits until it is ready. What is in it can be
    /// changed in <see cref="EtcEnvoy"/>.
    /// </summary>
    /// <param name="folder">Below <c>Scenarios</c>.</param>
    /// <param name="bootstrap">The file to start with.</param>
    public static async Task<WeftProcess> StartInEtcOnAsync(NetworkHost host, string folder, string bootstrap = "envoy.yaml")
    {
        var directory = NewDirectory();
        CopyScenario(folder, Path.Combine(directory, "envoy"));
        return await WhenReadyAsync(new(host.CommandWithEtc(directory, "envoy", Binary, Arguments(directory, "/etc/envoy/" + bootstrap, [])), directory, host.CreateHttpClient()), hasAdmin: true);
    }

    /// <summary>Runs the executable to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => Shell.RunAsync(Binary, arguments);

    /// <summary>The bound port of a listener, by name.</summary>
    public async Task<int> Port(string listener)
    {
        var text = await Http.GetStringAsync(new Uri(Admin, "/listeners"));
        var line = text.Split('\n').First(line => line.StartsWith(listener + "::", StringComparison.Ordinal));
        return int.Parse(line[(line.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    public Task<string> GetAdmin(string path) => Http.GetStringAsync(new Uri(Admin, path));

    /// <summary>One statistic; 0 when it was never written.</summary>
    public async Task<long> Stat(string name)
    {
        var text = await GetAdmin("/stats?filter=^" + Uri.EscapeDataString(Regex.Escape(name)) + "$");
        var match = Regex.Match(text, "^" + Regex.Escape(name) + ": (\\d+)", RegexOptions.Multiline);
        return match.Success ? long.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Waits until a statistic has reached a value (statistics follow the answer by a moment).</summary>
    public Task WaitForStat(string name, long atLeast) => Wait.Until(async () => await Stat(name) >= atLeast, $"{name} >= {atLeast}");

    /// <summary>Waits until a statistic is what it has to be, for the same reason; fails when it does not come to it.</summary>
    public async Task ExpectStat(string name, long value)
    {
        long last = 0;
        await Wait.Until(async () => (last = await Stat(name)) == value, $"{name} to be {value}", () => $"it is {last}");
    }

    /// <summary>Waits until the log has a text.</summary>
    public Task WaitForLog(string text) => Wait.Until(() => Task.FromResult(Log.Contains(text, StringComparison.Ordinal)), text, () => Log);

    /// <summary>Asks it to stop in order and gives its exit code.</summary>
    public Task<int> StopAsync()
    {
        Signal("TERM");
        return WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(new CancellationTokenSource(Patience.Limit).Token);
        return _process.ExitCode;
    }

    public void Signal(string name) => Signals.Send(Pid, name);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string FindBinary()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Weft.slnx")))
                return Path.Combine(directory.FullName, "bin", "weft");
        }

        return "weft";
    }

    private void Collect()
    {
        void Add(object sender, DataReceivedEventArgs line)
        {
            lock (_log)
                _log.AppendLine(line.Data);
        }

        _process.ErrorDataReceived += Add;
        _process.OutputDataReceived += Add;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    private static void CopyScenario(string folder, string to)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Scenarios", folder);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static string NewDirectory() => Directory.CreateTempSubdirectory("weft-test-").FullName;

    private static string[] Arguments(string directory, string file, string[] more)
    {
        string[] concurrency = more.Contains("--concurrency") ? [] : ["--concurrency", "2"];
        return ["proxy", "-c", file, "--admin-address-path", Path.Combine(directory, "admin"), "--file-flush-interval-msec", "50", .. concurrency, .. more];
    }

    private static async Task<WeftProcess> WhenReadyAsync(WeftProcess weft, bool hasAdmin)
    {
        try
        {
            await Wait.Until(() => hasAdmin ? weft.SaysReadyAsync() : weft.LogsReadyAsync(), "weft to be ready", () => weft.Log);
            return weft;
        }
        catch
        {
            await weft.DisposeAsync();
            throw;
        }
    }

    private Task<bool> LogsReadyAsync()
    {
        FailIfEnded();
        return Task.FromResult(Log.Contains("starting workers", StringComparison.Ordinal));
    }

    private async Task<bool> SaysReadyAsync()
    {
        FailIfEnded();
        var file = Path.Combine(_directory, "admin");
        if (!File.Exists(file) || (await File.ReadAllTextAsync(file)).Trim() is not { Length: > 0 } address)
            return false;
        Admin = new Uri("http://" + address.Replace("0.0.0.0:", "127.0.0.1:", StringComparison.Ordinal));
        try
        {
            return (await Http.GetAsync(new Uri(Admin, "/ready"))).StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    private long StatusBytes(string name)
    {
        var line = File.ReadLines($"/proc/{Pid}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private void FailIfEnded()
    {
        if (_process.HasExited)
            throw new InvalidOperationException($"weft ended with {_process.ExitCode}:\n{Log}");
    }
}
