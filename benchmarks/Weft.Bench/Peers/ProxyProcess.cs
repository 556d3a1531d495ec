using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Weft.Bench.Peers;

/// <summary>A proxy's process and its children, pinned to a core; ends with this object, and with this program whatever ends it.</summary>
internal sealed partial class ProxyProcess : IDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(3);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly string _logPath;

    private ProxyProcess(Process process, string logPath)
    {
        _process = process;
        _logPath = logPath;
        _log = new StreamWriter(logPath) { AutoFlush = true };
        process.OutputDataReceived += Log;
        process.ErrorDataReceived += Log;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool IsRunning => !_process.HasExited;

    public static ProxyProcess Start(string name, int core, IReadOnlyList<string> command, string logPath)
    {
        // setpriv makes the kernel end it should this program be killed.
        string[] all = ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", core.ToString(CultureInfo.InvariantCulture), .. command];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_NOLOGO"] = "1";
        var process = Process.Start(start) ?? throw new BenchException($"{name} could not be started");
        return new ProxyProcess(process, logPath);
    }

    public ProcessUsage Usage() => Pids().Aggregate(default(ProcessUsage), (sum, pid) => sum + ProcessUsage.Of(pid));

    public long ResidentKb() => Pids().Sum(ResidentKb);

    public string LastOutput()
    {
        lock (_log)
            return string.Join('\n', File.ReadLines(_logPath).TakeLast(5));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _ = kill(_process.Id, Terminate);
            if (!_process.WaitForExit(StopTime))
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }
        }
        _process.Dispose();
        lock (_log)
            _log.Dispose();
    }

    private static long ResidentKb(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private List<int> Pids()
    {
        var pids = new List<int> { _process.Id };
        foreach (var child in File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            pids.Add(int.Parse(child, CultureInfo.InvariantCulture));
        return pids;
    }

    private void Log(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_log)
        {
            if (_log.BaseStream is { CanWrite: true })
                _log.WriteLine(line.Data);
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
