using System.Text;
using Envoy.Config.Trace.V3;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.SkyWalking;

/// <summary>SkyWalkingConfig: segments to the backend behind a cluster, by its protocol v3 over gRPC. Immutable, shared by all workers.</summary>
internal sealed class SkyWalkingTracerConfig(int concurrency) : TracerConfig(concurrency)
{
    private const string Method = "/skywalking.v3.TraceSegmentReportService/collect";
    private const string DefaultName = "EnvoyProxy";
    private const uint DefaultMaxKept = 1024;

    public required CollectorTarget Backend { get; init; }

    /// <summary>client_config.service_name; default Node.cluster.</summary>
    public required byte[] Service { get; init; }

    /// <summary>client_config.instance_name; default Node.id.</summary>
    public required byte[] Instance { get; init; }

    /// <summary>client_config.max_cache_size: segments that a worker keeps while there is no stream; default 1,024, at least 1.</summary>
    public required uint MaxKept { get; init; }

    public required SkyWalkingStats Stats { get; init; }

    /// <summary>Null after a fault, which is reported.</summary>
    public static SkyWalkingTracerConfig? Create(SkyWalkingConfig source, FactoryContext context)
    {
        // The API's own rules report what is missing.
        if (source.GrpcService is not { } service || CollectorTarget.Create(service, Method, "envoy.tracers.skywalking", context, isStream: true) is not { } backend)
            return null;
        var client = source.ClientConfig ?? new ClientConfig();
        if (client.BackendToken.Length > 0)
            backend = backend with { Headers = [.. backend.Headers, (new HeaderName("authentication"), Encoding.UTF8.GetBytes(client.BackendToken))] };
        return new SkyWalkingTracerConfig(context.Concurrency)
        {
            Backend = backend,
            Service = FirstOf(client.ServiceName, context.Node.Cluster),
            Instance = FirstOf(client.InstanceName, context.Node.Id),
            MaxKept = Math.Max(client.MaxCacheSize ?? DefaultMaxKept, 1),
            Stats = new SkyWalkingStats(context.Stats),
        };
    }

    private protected override Tracer Create(Worker worker) => new SkyWalkingTracer(this, worker);

    private static byte[] FirstOf(string first, string second) =>
        Encoding.UTF8.GetBytes(first.Length > 0 ? first : second.Length > 0 ? second : DefaultName);
}

/// <summary>The statistics <c>tracing.skywalking.*</c>, under Envoy's names.</summary>
internal sealed class SkyWalkingStats
{
    public SkyWalkingStats(StatsStore store)
    {
        var scope = store.Scope("tracing.skywalking.");
        CacheFlushed = scope.Counter("cache_flushed");
        SegmentsFlushed = scope.Counter("segments_flushed");
        SegmentsSent = scope.Counter("segments_sent");
        SegmentsDropped = scope.Counter("segments_dropped");
    }

    /// <summary>How often segments that were kept while there was no stream were sent.</summary>
    public Counter CacheFlushed { get; }

    /// <summary>Segments that were kept, and then sent.</summary>
    public Counter SegmentsFlushed { get; }

    public Counter SegmentsSent { get; }

    /// <summary>Segments that the backend did not take, or for which too many others were kept.</summary>
    public Counter SegmentsDropped { get; }
}
