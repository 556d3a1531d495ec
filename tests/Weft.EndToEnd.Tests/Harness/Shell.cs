using System.Diagnostics;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Short commands of the system.</summary>
internal static class Shell
{
    /// <summary>Debian keeps some of these commands off the path of ordinary users.</summary>
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/local/sbin", "/usr/sbin", "/sbin"];

    public static bool IsInstalled(string command) => Folders.Any(folder => File.Exists(Path.Combine(folder, command)));

    public static string PathOf(string command) =>
        Folders.Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists) ?? throw new InvalidOperationException($"there is no {command}");

    /// <summary>Runs a command to its end and gives what it printed; fails when it fails.</summary>
    public static string Run(string command, IEnumerable<string> arguments, string input = "")
    {
        var start = new ProcessStartInfo(PathOf(command), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Result : throw new InvalidOperationException($"{command} ended with {process.ExitCode}: {error}");
    }

    /// <summary>Runs a command to its end without holding a thread.</summary>
    /// <param name="input">What it is told; its input stays open until it ends.</param>
    /// <param name="limit">How long it may take; null: <see cref="Patience.Limit"/>.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string command, IEnumerable<string> arguments, string? input = null, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(PathOf(command), arguments) { RedirectStandardInput = input is not null, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(limit ?? Patience.Limit);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync();
        }

        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }
}
