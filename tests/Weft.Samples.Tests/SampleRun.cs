using System.Diagnostics;

namespace Weft.Samples.Tests;

/// <summary>Runs ./run in a network namespace of its own, with nothing but loopback.</summary>
internal static class SampleRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>The root of the source tree.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The weft under test: <c>WEFT_BIN</c>, else bin/weft.</summary>
    public static string WeftPath { get; } = Environment.GetEnvironmentVariable("WEFT_BIN") ?? Path.Combine(Root, "bin", "weft");

    /// <summary>How to start a shell command with a loopback interface nobody shares.</summary>
    public static ProcessStartInfo InOwnNetwork(string command)
    {
        string[] ownUser = Environment.UserName == "root" ? [] : ["--map-root-user"];
        return new ProcessStartInfo("unshare", [.. ownUser, "--net", "sh", "-c", $"ip link set lo up && {command}"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["WEFT_BIN"] = WeftPath },
        };
    }

    /// <summary>Starts the sample, runs the command beside it, and answers with its exit code and all that was written.</summary>
    public static async Task<(int ExitCode, string Output)> BesideAsync(string sample, string command)
    {
        using var process = Process.Start(InOwnNetwork($"exec ./run {sample} -- {command}"))!;
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Weft.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("no Weft.slnx above " + AppContext.BaseDirectory);
    }
}
