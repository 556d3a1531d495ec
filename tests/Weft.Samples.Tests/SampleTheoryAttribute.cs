using System.Diagnostics;

namespace Weft.Samples.Tests;

/// <summary>
/// A theory over samples. Skipped, with the reason, where there is no weft or the machine does not let the test have a network of
/// its own: samples have fixed ports, which must not meet other processes.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public class SampleTheoryAttribute : TheoryAttribute
{
    private static readonly string? Reason = FindReason();

    public SampleTheoryAttribute() => Skip = Reason;

    private static string? FindReason()
    {
        if (!File.Exists(SampleRun.WeftPath))
            return $"{SampleRun.WeftPath} is missing: run ./build";
        using var probe = Process.Start(SampleRun.InOwnNetwork("true"))!;
        probe.WaitForExit();
        return probe.ExitCode == 0 ? null : "no network namespaces here (unshare --net fails): be root, or allow user namespaces";
    }
}
