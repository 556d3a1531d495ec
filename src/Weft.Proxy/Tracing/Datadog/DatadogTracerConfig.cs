using System.Text;
using Envoy.Config.Trace.V3;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.Datadog;

/// <summary>DatadogConfig: traces to the agent behind a cluster, by its API v0.4. Immutable, shared by all workers.</summary>
internal sealed class DatadogTracerConfig(int concurrency) : TracerConfig(concurrency)
{
    private const string Path = "/v0.4/traces";
    private const string DefaultService = "envoy";

    public required CollectorTarget Agent { get; init; }

    /// <summary>service_name; default <c>envoy</c>.</summary>
    public required byte[] Service { get; init; }

    public required DatadogStats Stats { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>Null after a fault, which is reported.</summary>
    public static DatadogTracerConfig? Create(DatadogConfig source, FactoryContext context)
    {
        if (context.ClusterExists is { } exists && !exists(source.CollectorCluster))
        {
            context.Config.Error(source, "collector_cluster", $"envoy.tracers.datadog: unknown cluster '{source.CollectorCluster}'");
            return null;
        }

        var host = source.CollectorHostname.Length > 0 ? source.CollectorHostname : source.CollectorCluster;
        return new DatadogTracerConfig(context.Concurrency)
        {
            Agent = new CollectorTarget(context.Clusters.Get(source.CollectorCluster), Encoding.UTF8.GetBytes(host), Encoding.ASCII.GetBytes(Path), "application/msgpack"u8.ToArray())
            {
                CountHeader = new HeaderName("x-datadog-trace-count"),
                Headers =
                [
                    (new HeaderName("datadog-meta-lang"), "dotnet"u8.ToArray()),
                    (new HeaderName("datadog-meta-tracer-version"), Encoding.ASCII.GetBytes(VersionInfo.Number)),
                ],
            },
            Service = Encoding.UTF8.GetBytes(source.ServiceName.Length > 0 ? source.ServiceName : DefaultService),
            Stats = new DatadogStats(context.Stats),
            Runtime = context.Runtime,
        };
    }

    private protected override Tracer Create(Worker worker) => new DatadogTracer(this, worker);
}

/// <summary>The statistics <c>tracing.datadog.*</c>, under Envoy's names.</summary>
internal sealed class DatadogStats
{
    public DatadogStats(StatsStore store)
    {
        var scope = store.Scope("tracing.datadog.");
        TracesSent = scope.Counter("traces_sent");
        TimerFlushed = scope.Counter("timer_flushed");
        ReportsSkippedNoCluster = scope.Counter("reports_skipped_no_cluster");
        ReportsSent = scope.Counter("reports_sent");
        ReportsDropped = scope.Counter("reports_dropped");
        ReportsFailed = scope.Counter("reports_failed");
    }

    /// <summary>Spans in reports, whatever became of those.</summary>
    public Counter TracesSent { get; }

    /// <summary>Reports because time was up.</summary>
    public Counter TimerFlushed { get; }

    public Counter ReportsSkippedNoCluster { get; }

    /// <summary>Reports that the agent accepted.</summary>
    public Counter ReportsSent { get; }

    /// <summary>Reports that the agent answered otherwise, or that were too many at once.</summary>
    public Counter ReportsDropped { get; }

    /// <summary>Reports that did not reach the agent.</summary>
    public Counter ReportsFailed { get; }
}
