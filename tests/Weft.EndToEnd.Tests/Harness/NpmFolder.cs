using System.Collections.Concurrent;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Peers on Node.js with the packages that they require: installed once for all tests, since that takes longer than most of them.</summary>
internal static class NpmFolder
{
    private const int Tries = 3;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> s_installed = new();

    /// <summary>Puts the peers into a folder; their packages are a link in it.</summary>
    /// <param name="folder">It is there, and empty.</param>
    /// <param name="peers">Where they are in the output of the build.</param>
    public static async Task FillAsync(string folder, string peers)
    {
        var installed = await s_installed.GetOrAdd(peers, static peers => new(() => InstallAsync(peers))).Value;
        Copy(peers, folder);
        Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), Path.Combine(installed, "node_modules"));
    }

    private static async Task<string> InstallAsync(string peers)
    {
        var folder = Directory.CreateTempSubdirectory("weft-npm-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Copy(peers, folder);
        for (var tries = 1; ; tries++)
        {
            var (exitCode, output, error) = await Shell.RunAsync("npm", ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], limit: s_limit);
            if (exitCode == 0)
                return folder;
            if (tries == Tries)
                throw new InvalidOperationException($"npm ended with {exitCode}: {output}{error}");
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
