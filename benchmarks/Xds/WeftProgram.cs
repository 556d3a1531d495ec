using System.Diagnostics;
using System.Globalization;
using Weft.Bench.Peers;

namespace Weft.Bench.Xds;

/// <summary>A <c>weft</c> that runs until it is disposed.</summary>
internal sealed class WeftProgram : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly List<string> _log = [];

    public WeftProgram(string binary, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(binary, arguments) { RedirectStandardError = true })!;
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <summary>CPU time so far.</summary>
    public ProcessUsage Usage => ProcessUsage.Of(_process.Id);

    /// <summary>CPU time that went into compiling while it runs.</summary>
    public long CompilerNs
    {
        get
        {
            var compiler = Directory.EnumerateDirectories($"/proc/{_process.Id}/task").FirstOrDefault(static task => File.ReadAllText(task + "/comm").StartsWith(".NET Tiered", StringComparison.Ordinal));
            return compiler is null ? 0 : long.Parse(File.ReadAllText(compiler + "/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>
    /// Resident memory that is its own. Pages of program files, which it shares, are left out: how many of them are resident depends on what the kernel
    /// read ahead, 12 to 30 MB for the same run.
    /// </summary>
    public long OwnBytes => 1024 * (Status("RssAnon:") + Status("RssShmem:"));

    public void WaitForLog(string text) => WaitForLog(text, static () => Thread.Sleep(5));

    /// <param name="meanwhile">What is done again and again until then.</param>
    public void WaitForLog(string text, Action meanwhile) => Until(() =>
    {
        lock (_log)
            return _log.Exists(line => line.Contains(text, StringComparison.Ordinal));
    }, text, meanwhile);

    /// <summary>Waits until a condition holds; the program must not end meanwhile.</summary>
    public void Until(Func<bool> condition, string what) => Until(condition, what, static () => Thread.Sleep(5));

    private void Until(Func<bool> condition, string what, Action meanwhile)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (_process.HasExited || clock.Elapsed > Limit)
                throw new InvalidOperationException($"waited in vain for {what}:\n{string.Join('\n', _log)}");
            meanwhile();
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>A figure of /proc/PID/status, in kB.</summary>
    private long Status(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    private void Add(string? line)
    {
        lock (_log)
            _log.Add(line ?? "");
    }
}
