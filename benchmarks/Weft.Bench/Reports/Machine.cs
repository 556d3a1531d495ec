namespace Weft.Bench.Reports;

/// <summary>The machine in a few words.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        var model = cpu is null ? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString() : cpu[(cpu.IndexOf(':') + 1)..].Trim();
        var cores = File.ReadLines("/proc/stat").Count(l => l.StartsWith("cpu", StringComparison.Ordinal)) - 1;
        return $"{model}, {cores} cores, Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}";
    }
}
