using System.Globalization;
using System.Runtime.InteropServices;

namespace Weft.Startup;

/// <summary>
/// Gives back what only the start needed: garbage, and the pages of libraries that were touched once. See
/// docs/decisions/0003-memory-after-start.md.
/// </summary>
internal static partial class StartupMemory
{
    private const int DontNeed = 4;
    private const int PageOut = 21; // MADV_PAGEOUT, Linux 5.4

    // Used while a configuration is read, hardly ever after: even their changed pages may go.
    private static readonly string[] ConfigurationLibraries = ["Weft.Api.dll", "Google.Protobuf.dll", "YamlDotNet.dll", "Weft.Config.dll"];

    /// <summary>Once, when the proxy has become live; main thread. Fails silently: it is an optimisation.</summary>
    public static void Release()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            var mapping = "";
            foreach (var line in File.ReadLines("/proc/self/smaps"))
            {
                if (IsMapping(line))
                    mapping = line;
                else if (line.StartsWith("Private_Dirty:", StringComparison.Ordinal))
                    Release(mapping, isUnchanged: line.EndsWith(" 0 kB", StringComparison.Ordinal));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    // START-END in hexadecimal, permissions, offset, device, inode and file; the lines behind it are "Name: value".
    private static bool IsMapping(string line) => line.IndexOf('-') is > 0 and var dash && dash < line.IndexOf(' ');

    /// <summary>
    /// A read-only mapping whose pages are as in the file can be dropped: what is needed again comes from the page cache. Others are
    /// left to the kernel to page out.
    /// </summary>
    private static void Release(string mapping, bool isUnchanged)
    {
        var isLibrary = mapping.EndsWith(".dll", StringComparison.Ordinal) || mapping.Contains(".so", StringComparison.Ordinal);
        var isWritable = mapping.AsSpan(mapping.IndexOf(' ') + 1, 4).Contains('w');
        if (isLibrary && isUnchanged && !isWritable)
            Advise(mapping, DontNeed);
        else if (Array.Exists(ConfigurationLibraries, library => mapping.EndsWith(library, StringComparison.Ordinal)))
            Advise(mapping, PageOut);
    }

    private static void Advise(string mapping, int advice)
    {
        var range = mapping.AsSpan(0, mapping.IndexOf(' '));
        var dash = range.IndexOf('-');
        var start = nuint.Parse(range[..dash], NumberStyles.HexNumber, null);
        var end = nuint.Parse(range[(dash + 1)..], NumberStyles.HexNumber, null);
        _ = madvise(start, end - start, advice);
    }

    [LibraryImport("libc")]
    private static partial int madvise(nuint start, nuint length, int advice);
}
