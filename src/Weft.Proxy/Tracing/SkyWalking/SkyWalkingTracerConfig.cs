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

    public required CollectorTarget Backend { get; init; }

    /// <summary>client_config.service_name; default Node.cluster.</summary>
    public required byte[] Service { get; init; }

    /// <summary>client_config.instance_name; default Node.id.</summary>
    public required byte[] Instance { get; init; }

    public required SkyWalkingStats Stats { get; init; }

    /// <summary>Null after a fault, which is reported.</summary>
    public static SkyWalkingTracerConfig? Create(SkyWalkingConfig source, FactoryContext context)
    {
        // The API's own rules report what is missing.
        if (source.GrpcService is not { } service || CollectorTarget.Create(service, Method, "envoy.tracers.skywalking", context) is not { } backend)
            return null;
        var client = source.ClientConfig ?? new ClientConfig();
        if (client.BackendToken.Length > 0)
            backend = backend with { Headers = [.. backend.Headers, (new HeaderName("authentication"), Encoding.UTF8.GetBytes(client.BackendToken))] };
        return new SkyWalkingTracerConfig(context.Concurrency)
        {
            Backend = backend,
            Service = FirstOf(client.ServiceName, context.Node.Cluster),
            Instance = FirstOf(client.InstanceName, context.Node.Id),
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
        SegmentsSent = scope.Counter("segments_sent");
        SegmentsDropped = scope.Counter("segments_dropped");
    }

    public Counter SegmentsSent { get; }

    /// <summary>Segments that the backend did not take.</summary>
    public Counter SegmentsDropped { get; }
}
