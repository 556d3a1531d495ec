using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Samples.Demo.Tests;

/// <summary>The service as a process of its own, as the samples start it.</summary>
public sealed class DemoProcessTests
{
    [Fact]
    public async Task Tells_where_it_listens_serves_there_and_ends_on_the_terminate_signal()
    {
        using var process = Start("127.0.0.1", 0);
        var line = await process.StandardOutput.ReadLineAsync() ?? "";
        Assert.StartsWith("webserver02 v1.0 listening on http://127.0.0.1:", line);
        using var client = new HttpClient();
        var home = await client.GetStringAsync(line[line.IndexOf("http://", StringComparison.Ordinal)..]);
        Assert.Contains("ServerName: webserver02", home);
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"])!)
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Port_in_use_is_said_in_one_line()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        using var process = Start("127.0.0.1", port);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith($"weft-demo: cannot listen on 127.0.0.1:{port}: ", error);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static Process Start(string host, int port)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "weft-demo.dll");
        var start = new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOST"] = host;
        start.Environment["PORT"] = $"{port}";
        start.Environment["NAME"] = "webserver02";
        start.Environment["VERSION"] = "v1.0";
        return Process.Start(start)!;
    }
}
