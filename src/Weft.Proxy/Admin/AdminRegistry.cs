using Weft.Proxy.Admin.Endpoints;

namespace Weft.Proxy.Admin;

/// <summary>Every endpoint, in one place.</summary>
internal static class AdminRegistry
{
    public static IReadOnlyList<AdminEndpoint> Endpoints(AdminContext context)
    {
        var all = new List<AdminEndpoint>();
        var lookups = context.Stats.Lookups;
        all.AddRange(
        [
            new HomeEndpoint(all),
            new CertsEndpoint(context.TlsContexts),
            new ClustersEndpoint(context),
            new ConfigDumpEndpoint(context),
            new ContentionEndpoint(context.Options),
            new CpuProfilerEndpoint(),
            new HeapProfilerEndpoint(),
            new HeapDumpEndpoint(),
            new AllocationProfilerEndpoint(),
            new DrainListenersEndpoint(context.Control),
            new ExplainEndpoint(context),
            new HealthCheckEndpoint(context.Control, fail: true),
            new HealthCheckEndpoint(context.Control, fail: false),
            new HelpEndpoint(all),
            new HotRestartVersionEndpoint(context),
            new InitDumpEndpoint(context),
            new ListenersEndpoint(context),
            new LoggingEndpoint(context.Logs),
            new MemoryEndpoint(),
            new QuitEndpoint(context.Control),
            new ReadyEndpoint(context.Status),
            new ReopenLogsEndpoint(context.Control),
            new ResetCountersEndpoint(context.Stats),
            new RuntimeEndpoint(context.Runtime),
            new RuntimeModifyEndpoint(context.Runtime),
            new ServerInfoEndpoint(context),
            new StatsEndpoint(context),
            new PrometheusStatsEndpoint(context),
            new RecentLookupsEndpoint(lookups),
            new RecentLookupsSwitchEndpoint("clear", "clear list of stat-name lookups and counter", lookups.Clear),
            new RecentLookupsSwitchEndpoint("disable", "disable recording of reset stat-name lookup names", () => lookups.IsRecording = false),
            new RecentLookupsSwitchEndpoint("enable", "enable recording of reset stat-name lookup names", () => lookups.IsRecording = true),
        ]);
        all.AddRange(context.SinkEndpoints);
        return all;
    }
}
