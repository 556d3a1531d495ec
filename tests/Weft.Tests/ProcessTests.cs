using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace Weft.Tests;

/// <summary>The program as a process: its name, signals, exit codes and output.</summary>
public sealed partial class ProcessTests : IDisposable
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int UserSignal1 = 10;
    private const int Terminate = 15;
    private const string AdminOnly = "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }";

    private readonly string _folder = Directory.CreateTempSubdirectory("weft-process-").FullName;
    private readonly string _program;

    public ProcessTests()
    {
        _program = Path.Combine(_folder, "envoy");
        File.CreateSymbolicLink(_program, Path.Combine(AppContext.BaseDirectory, "weft"));
        File.WriteAllText(Path.Combine(_folder, "envoy.yaml"), AdminOnly);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Terminate, "caught SIGTERM")]
    [InlineData(Interrupt, "caught SIGINT")]
    public async Task A_link_named_envoy_serves_until_a_signal_ends_it(int signal, string message)
    {
        using var process = Start("-c", "envoy.yaml", "--concurrency", "1", "--admin-address-path", "address");
        var (log, ready) = await UntilServingAsync(process);
        Assert.Equal("LIVE\n", ready);
        Assert.Equal(0, kill(process.Id, signal));
        log += await EndAsync(process);
        Assert.Contains(message, log, StringComparison.Ordinal);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Other_signals_do_not_end_it_and_the_log_is_reopened()
    {
        using var process = Start("-c", "envoy.yaml", "--concurrency", "1", "--admin-address-path", "address", "--log-path", "log");
        await UntilAsync(() => File.Exists(Path.Combine(_folder, "log")) && File.ReadAllText(Path.Combine(_folder, "log")).Contains("starting workers", StringComparison.Ordinal));
        File.Move(Path.Combine(_folder, "log"), Path.Combine(_folder, "log.1"));
        Assert.Equal(0, kill(process.Id, UserSignal1));
        await UntilAsync(() => File.Exists(Path.Combine(_folder, "log")));
        Assert.Equal(0, kill(process.Id, Hangup));
        await UntilAsync(() => File.ReadAllText(Path.Combine(_folder, "log")).Contains("SIGHUP", StringComparison.Ordinal));
        Assert.False(process.HasExited);
        Assert.Equal(0, kill(process.Id, Terminate));
        await EndAsync(process);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Validation_says_OK_on_standard_output()
    {
        using var process = Start("-c", "envoy.yaml", "--mode", "validate");
        var output = process.StandardOutput.ReadToEndAsync();
        await EndAsync(process);
        Assert.Equal("configuration 'envoy.yaml' OK\n", await output);
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData("--mode", "validate")]
    [InlineData("--concurrency", "1")]
    public async Task A_faulty_file_ends_it_with_code_1_and_all_faults(params string[] more)
    {
        File.WriteAllText(Path.Combine(_folder, "envoy.yaml"), "admn: {}\nstatic_resources: { clusters: [{ name: a, connect_timeout: soon }] }");
        using var process = Start(["-c", "envoy.yaml", .. more]);
        var log = await EndAsync(process);
        Assert.Contains("envoy.yaml:1:1  admn  unknown field; did you mean admin?", log, StringComparison.Ordinal);
        Assert.Contains("envoy.yaml:2:", log, StringComparison.Ordinal);
        Assert.Equal(1, process.ExitCode);
    }

    private Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(_program, args) { WorkingDirectory = _folder, RedirectStandardError = true, RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    private async Task<(string Log, string Ready)> UntilServingAsync(Process process)
    {
        var log = "";
        while (!log.Contains("starting workers", StringComparison.Ordinal))
            log += (await process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException($"ended early: {log}")) + "\n";
        using var client = new HttpClient();
        return (log, await client.GetStringAsync($"http://{IPEndPoint.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "address")))}/ready"));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), "the condition did not come true");
            await Task.Delay(10);
        }
    }

    private static async Task<string> EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var log = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return log;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
