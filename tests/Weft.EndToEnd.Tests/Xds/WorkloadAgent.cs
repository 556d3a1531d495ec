using System.Diagnostics;
using System.Globalization;
using System.Text;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>An agent that gives out identities over SDS on a UNIX socket, as SPIRE's does, on grpc-js.</summary>
internal sealed class WorkloadAgent : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _requests = new();
    private readonly TaskCompletionSource _ready = new();
    private int _version;

    private WorkloadAgent(Process process, string socket)
    {
        _process = process;
        Socket = socket;
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.BeginOutputReadLine();
    }

    /// <summary>The path that clients connect to.</summary>
    public string Socket { get; }

    /// <summary>What it was asked, a line of JSON each.</summary>
    public string Requests
    {
        get
        {
            lock (_requests)
                return _requests.ToString();
        }
    }

    public static async Task<WorkloadAgent> StartAsync(string folder, string socket)
    {
        var start = new ProcessStartInfo(Shell.PathOf("node"), [Path.Combine(folder, "agent.js")]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["AGENT_SOCKET"] = socket;
        var agent = new WorkloadAgent(Process.Start(start)!, socket);
        await agent._ready.Task.WaitAsync(Patience.Limit);
        return agent;
    }

    /// <summary>Gives out these secrets from now on; each is JSON of protobuf.js.</summary>
    public void Set(params string[] secrets)
    {
        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        _process.StandardInput.WriteLine($"{{ \"version\": \"{version}\", \"set\": [{string.Join(", ", secrets)}] }}".ReplaceLineEndings(" "));
        _process.StandardInput.Flush();
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

    private void Add(string? line)
    {
        if (line is null || _ready.TrySetResult())
            return;
        lock (_requests)
            _requests.AppendLine(line);
    }
}
