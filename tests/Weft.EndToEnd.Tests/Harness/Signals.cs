using System.Diagnostics;
using System.Globalization;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Signals to processes of the tests.</summary>
internal static class Signals
{
    /// <summary>Sends one.</summary>
    /// <param name="name">Without SIG.</param>
    public static void Send(int pid, string name)
    {
        using var kill = Process.Start("kill", ["-" + name, pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        // A process is told to stop thread by thread: until the last one has, it may still answer.
        if (name == "STOP")
            SpinWait.SpinUntil(() => IsStopped(pid), Patience.Limit);
    }

    private static bool IsStopped(int pid) => Directory.EnumerateDirectories($"/proc/{pid}/task").All(static thread =>
        File.ReadLines(Path.Combine(thread, "status")).First(static line => line.StartsWith("State:", StringComparison.Ordinal)).Contains('T', StringComparison.Ordinal));
}
