using System.Diagnostics;
using System.Text;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A program that serves beside the proxy, on this machine or on a host of the network: a management server, <c>weft observe</c>.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private ServerProcess(ProcessStartInfo start)
    {
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>Standard output and standard error so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public static ServerProcess Start(string program, params IEnumerable<string> arguments) => new(new ProcessStartInfo(program, arguments));

    public static ServerProcess StartOn(NetworkHost host, string program, params IEnumerable<string> arguments) => new(host.Command(program, arguments));

    public Task WaitForLog(string text) => Wait.Until(() => Task.FromResult(Log.Contains(text, StringComparison.Ordinal)), text, () => Log);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }
        catch (InvalidOperationException)
        {
            // It is gone already.
        }

        _process.Dispose();
    }

    private void Add(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}
