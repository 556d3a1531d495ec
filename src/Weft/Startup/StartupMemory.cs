using System.Runtime.InteropServices;

namespace Weft.Startup;

/// <summary>
/// Gives back what only reading the configuration needed: garbage, and the pages of libraries that are not used again until the next
/// configuration. See docs/decisions/0003-memory-after-start.md.
/// </summary>
internal static partial class StartupMemory
{
    private const int PageOut = 21; // MADV_PAGEOUT, Linux 5.4

    // Used while a configuration is read, hardly ever after.
    private static readonly string[] ConfigurationLibraries = ["Weft.Api.dll", "Google.Protobuf.dll", "YamlDotNet.dll", "Weft.Config.dll"];

    /// <summary>Once, when the proxy has become live; main thread. Fails silently: it is an optimisation.</summary>
    public static void Release()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            foreach (var line in File.ReadLines("/proc/self/maps"))
            {
                if (Array.Exists(ConfigurationLibraries, library => line.EndsWith(library, StringComparison.Ordinal)))
                    Release(line);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    // A line of /proc/self/maps begins with START-END in hexadecimal.
    private static void Release(string mapping)
    {
        var range = mapping.AsSpan(0, mapping.IndexOf(' ', StringComparison.Ordinal));
        var dash = range.IndexOf('-');
        var start = nuint.Parse(range[..dash], System.Globalization.NumberStyles.HexNumber, null);
        var end = nuint.Parse(range[(dash + 1)..], System.Globalization.NumberStyles.HexNumber, null);
        _ = madvise(start, end - start, PageOut);
    }

    [LibraryImport("libc")]
    private static partial int madvise(nuint start, nuint length, int advice);
}
