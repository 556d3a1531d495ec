using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>server.*</c>, under Envoy's names. The main thread sets them.</summary>
public sealed class ServerStats
{
    /// <summary>What days_until_first_cert_expiring is while there is no certificate.</summary>
    private const long NoCertificate = uint.MaxValue;

    /// <param name="store">Where they are kept.</param>
    /// <param name="uptimeSeconds">Of all processes that took over from each other; asked when statistics are printed.</param>
    /// <param name="totalConnections">Downstream connections open now, those of a predecessor that drains included; asked when statistics are printed.</param>
    /// <param name="daysUntilFirstCertExpires">Null: there is none; asked when statistics are printed.</param>
    /// <param name="secondsUntilFirstOcspExpires">Null: there is none; likewise.</param>
    public ServerStats(
        StatsStore store, Func<long> uptimeSeconds, Func<long> totalConnections, Func<long?>? daysUntilFirstCertExpires = null, Func<long?>? secondsUntilFirstOcspExpires = null)
    {
        var scope = store.Scope("server.");
        DebugAssertionFailures = scope.Counter("debug_assertion_failures");
        EnvoyBugFailures = scope.Counter("envoy_bug_failures");
        EnvoyNotifications = scope.Counter("envoy_notifications");
        DynamicUnknownFields = scope.Counter("dynamic_unknown_fields");
        StaticUnknownFields = scope.Counter("static_unknown_fields");
        WipProtos = scope.Counter("wip_protos");
        DroppedStatFlushes = scope.Counter("dropped_stat_flushes");
        Concurrency = scope.Gauge("concurrency");
        scope.ComputedGauge("days_until_first_cert_expiring", () => daysUntilFirstCertExpires?.Invoke() ?? NoCertificate);
        scope.ComputedGauge("seconds_until_first_ocsp_response_expiring", () => secondsUntilFirstOcspExpires?.Invoke() ?? 0);
        HotRestartEpoch = scope.Gauge("hot_restart_epoch");
        HotRestartGeneration = scope.Gauge("hot_restart_generation");
        Live = scope.Gauge("live");
        ParentConnections = scope.Gauge("parent_connections");
        State = scope.Gauge("state");
        scope.ComputedGauge("stats_recent_lookups", () => store.Lookups.Total);
        Version = scope.Gauge("version");
        InitializationTimeMs = scope.Histogram("initialization_time_ms", HistogramUnit.Milliseconds);
        scope.ComputedGauge("uptime", uptimeSeconds);
        scope.ComputedGauge("total_connections", totalConnections);
        scope.ComputedGauge("memory_allocated", static () => GC.GetTotalMemory(forceFullCollection: false));
        scope.ComputedGauge("memory_heap_size", static () => GC.GetGCMemoryInfo().TotalCommittedBytes);
        scope.ComputedGauge("memory_physical_size", static () => Environment.WorkingSet);
        // Weft's own: all managed bytes ever allocated; ./bench reads it to see that requests allocate none.
        scope.ComputedGauge("allocated_bytes", static () => GC.GetTotalAllocatedBytes());
        scope.ComputedGauge("compilation_settings.fips_mode", static () => 0);
    }

    public Counter DebugAssertionFailures { get; }

    public Counter EnvoyBugFailures { get; }

    public Counter EnvoyNotifications { get; }

    public Counter DynamicUnknownFields { get; }

    public Counter StaticUnknownFields { get; }

    public Counter WipProtos { get; }

    /// <summary>Always 0: a flush is over before the next one begins.</summary>
    public Counter DroppedStatFlushes { get; }

    public Gauge Concurrency { get; }

    public Gauge HotRestartEpoch { get; }

    /// <summary>How many processes have taken over from each other, this one included; 1: none.</summary>
    public Gauge HotRestartGeneration { get; }

    public Gauge Live { get; }

    public Gauge ParentConnections { get; }

    public Gauge State { get; }

    public Gauge Version { get; }

    public Histogram InitializationTimeMs { get; }
}
