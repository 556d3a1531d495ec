using System.Globalization;

namespace Weft.Proxy.Overload.ResourceMonitors;

/// <summary>Measures one resource. Main thread.</summary>
internal abstract class ResourceMonitor
{
    /// <summary>0: unused, 1: all of it is used (or more).</summary>
    /// <exception cref="IOException">It cannot be measured now.</exception>
    public abstract double Measure();
}

/// <summary>
/// envoy.resource_monitors.fixed_heap: the memory of the process's own making that is resident (heap of the runtime, of the TLS library, stacks), of
/// max_heap_size_bytes. Files that are mapped (the program itself) do not count.
/// </summary>
internal sealed class FixedHeapMonitor(ulong maxBytes) : ResourceMonitor
{
    private const string Field = "RssAnon:";

    public override double Measure() => (double)ResidentBytes() / maxBytes;

    private static long ResidentBytes()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(Field, StringComparison.Ordinal))
                return 1024 * long.Parse(line.AsSpan(Field.Length).Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
        }

        throw new IOException($"/proc/self/status has no {Field}");
    }
}

/// <summary>envoy.resource_monitors.injected_resource: what a file says, a number from 0 to 1. For tests and for measurements made elsewhere.</summary>
internal sealed class InjectedResourceMonitor(string path) : ResourceMonitor
{
    public override double Measure() =>
        double.TryParse(File.ReadAllText(path), NumberStyles.Float, CultureInfo.InvariantCulture, out var pressure) && pressure is >= 0 and <= 1
            ? pressure
            : throw new IOException($"{path}: failed to parse injected resource pressure");
}
