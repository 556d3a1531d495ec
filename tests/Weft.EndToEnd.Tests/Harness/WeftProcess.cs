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

    private WeftProcess(Process process, string directory)
    {
        _process = process;
        _directory = directory;
    }

    /// <summary>For requests to <see cref="Admin"/>.</summary>
    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(20) };

    public Uri Admin { get; private set; } = null!;

    public int Pid => _process.Id;

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
        var directory = Directory.CreateTempSubdirectory("weft-test-").FullName;
        var file = Path.Combine(directory, "envoy.yaml");
        var adminFile = Path.Combine(directory, "admin");
        await File.WriteAllTextAsync(file, yaml.Contains("admin:", StringComparison.Ordinal) ? yaml : AdminSection + yaml);
        var start = new ProcessStartInfo(Binary, ["proxy", "-c", file, "--admin-address-path", adminFile, "--concurrency", "2", "--file-flush-interval-msec", "50", .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var weft = new WeftProcess(Process.Start(start)!, directory);
        weft.Collect();
        await weft.WaitUntilReadyAsync(adminFile);
        return weft;
    }

    /// <summary>Runs the executable to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Binary, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        return (process.ExitCode, await output, await error);
    }

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

    /// <summary>Asks it to stop in order and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Signal("TERM");
        await _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        return _process.ExitCode;
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

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

    private async Task WaitUntilReadyAsync(string adminFile)
    {
        await Wait.Until(
            async () =>
            {
                if (_process.HasExited)
                    throw new InvalidOperationException($"weft ended with {_process.ExitCode}:\n{Log}");
                if (!File.Exists(adminFile) || (await File.ReadAllTextAsync(adminFile)).Trim() is not { Length: > 0 } address)
                    return false;
                Admin = new Uri("http://" + address);
                try
                {
                    return (await Http.GetAsync(new Uri(Admin, "/ready"))).StatusCode == HttpStatusCode.OK;
                }
                catch (Exception error) when (error is HttpRequestException or SocketException)
                {
                    return false;
                }
            },
            "weft to be ready",
            () => Log);
    }
}
