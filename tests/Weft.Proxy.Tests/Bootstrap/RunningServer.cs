using System.Net;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tests.Bootstrap;

/// <summary>A server in this process, on a thread of its own, with its admin interface on a port that the kernel chose.</summary>
internal sealed class RunningServer : IDisposable
{
    private readonly Thread _thread;

    public RunningServer(string bootstrap, ServerOptions? options = null)
    {
        options = (options ?? new ServerOptions()) with { ConfigYaml = bootstrap, Concurrency = 1 };
        var server = Server.Create(options, out var findings);
        Assert.True(server is not null, string.Join('\n', findings.All));
        Server = server;
        Findings = findings;
        _thread = new Thread(() => ExitCode = Server.Run()) { IsBackground = true };
        _thread.Start();
        if (Server.AdminAddress is { } admin)
            Admin = new HttpClient { BaseAddress = new Uri($"http://{admin}/") };
    }

    public Server Server { get; }

    public Findings Findings { get; }

    /// <summary>The admin interface; null when it has no address.</summary>
    public HttpClient? Admin { get; }

    public int? ExitCode { get; private set; }

    public IPEndPoint Listener(int index = 0)
    {
        var address = Server.Listeners.Listeners[index].BoundAddresses[0];
        return new IPEndPoint(address.ToIPAddress(), address.Port);
    }

    /// <summary>Waits until the server has ended by itself.</summary>
    public int WaitForExit()
    {
        Assert.True(_thread.Join(TimeSpan.FromSeconds(120)), "the server did not end");
        return ExitCode ?? -1;
    }

    public void Dispose()
    {
        Admin?.Dispose();
        Server.StopNow();
        WaitForExit();
        Server.Dispose();
    }
}
