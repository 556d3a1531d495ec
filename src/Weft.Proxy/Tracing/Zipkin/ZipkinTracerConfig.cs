using System.Text;
using Envoy.Config.Trace.V3;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using Version = Envoy.Config.Trace.V3.ZipkinConfig.Types.CollectorEndpointVersion;

namespace Weft.Proxy.Tracing.Zipkin;

/// <summary>ZipkinConfig: a collector behind a cluster, and how spans are made. Immutable, shared by all workers.</summary>
internal sealed class ZipkinTracerConfig(int concurrency) : TracerConfig(concurrency)
{
    public required CollectorTarget Collector { get; init; }

    /// <summary>collector_endpoint_version HTTP_PROTO, in place of HTTP_JSON.</summary>
    public bool IsProto { get; init; }

    /// <summary>trace_id_128bit; default false.</summary>
    public bool HasLongTraceIds { get; init; }

    /// <summary>shared_span_context; default true: both sides of a request report under one span id.</summary>
    public bool SharesSpans { get; init; }

    /// <summary>split_spans_for_request: a hop of its own, with a server's and a client's span.</summary>
    public bool SplitsSpans { get; init; }

    /// <summary>Node.cluster: the name of the service.</summary>
    public required byte[] ServiceName { get; init; }

    /// <summary>The address by which other hosts know this one.</summary>
    public required NetAddress Address { get; init; }

    public required ZipkinStats Stats { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>Null after a fault, which is reported.</summary>
    public static ZipkinTracerConfig? Create(ZipkinConfig source, FactoryContext context)
    {
        if (source.CollectorEndpointVersion is not (Version.HttpJson or Version.HttpProto))
        {
            context.Config.Error(source, "collector_endpoint_version", "hidden_envoy_deprecated_HTTP_JSON_V1 has been deprecated. Please use a non-default envoy::config::trace::v3::ZipkinConfig::CollectorEndpointVersion value.", "HTTP_JSON");
            return null;
        }

        if (context.ClusterExists is { } exists && !exists(source.CollectorCluster))
        {
            context.Config.Error(source, "collector_cluster", $"envoy.tracers.zipkin: unknown cluster '{source.CollectorCluster}'");
            return null;
        }

        return new ZipkinTracerConfig(context.Concurrency)
        {
            Collector = new CollectorTarget(
                context.Clusters.Get(source.CollectorCluster),
                Encoding.UTF8.GetBytes(source.CollectorHostname.Length > 0 ? source.CollectorHostname : source.CollectorCluster),
                Encoding.UTF8.GetBytes(source.CollectorEndpoint),
                source.CollectorEndpointVersion == Version.HttpProto ? "application/x-protobuf"u8.ToArray() : "application/json"u8.ToArray()),
            IsProto = source.CollectorEndpointVersion == Version.HttpProto,
            HasLongTraceIds = source.TraceId128Bit,
            SharesSpans = source.SharedSpanContext ?? true,
#pragma warning disable CS0612 // deprecated by spawn_upstream_span
            SplitsSpans = source.SplitSpansForRequest,
#pragma warning restore CS0612
            ServiceName = Encoding.UTF8.GetBytes(context.Node.Cluster),
            Address = context.Node.Address,
            Stats = new ZipkinStats(context.Stats),
            Runtime = context.Runtime,
        };
    }

    private protected override Tracer Create(Worker worker) => new ZipkinTracer(this, worker);
}
