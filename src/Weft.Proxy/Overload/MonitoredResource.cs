using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Proxy.Overload.ResourceMonitors;

namespace Weft.Proxy.Overload;

/// <summary>A resource that is measured again and again, with its statistics <c>overload.NAME.*</c>. Main thread.</summary>
internal sealed class MonitoredResource
{
    private static readonly Logger Log = Logger.Get("main");

    private readonly ResourceMonitor _monitor;
    private readonly Gauge _pressure;
    private readonly Counter _failed;

    public MonitoredResource(string name, ResourceMonitor monitor, StatsScope scope)
    {
        (Name, _monitor) = (name, monitor);
        _pressure = scope.Gauge("pressure");
        _failed = scope.Counter("failed_updates");
        // Measuring is never under way when the next one is due.
        scope.Counter("skipped_updates");
    }

    public string Name { get; }

    /// <summary>Null, with a counter and a line in the log, when it cannot be measured: what it drives stays as it is.</summary>
    public double? Measure()
    {
        try
        {
            var pressure = _monitor.Measure();
            _pressure.Set((long)(pressure * 100));
            return pressure;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.Info($"Failed to update resource {Name}: {fault.Message}");
            _failed.Inc();
            return null;
        }
    }
}
