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
    private const string Name = "envoy.tracers.zipkin";

    public required CollectorTarget Collector { get; init; }

    /// <summary>collector_endpoint_version HTTP_PROTO, in place of HTTP_JSON.</summary>
    public bool IsProto { get; init; }

    /// <summary>trace_id_128bit; default false.</summary>
    public bool HasLongTraceIds { get; init; }

    /// <summary>shared_span_context; default true: both sides of a request report under one span id.</summary>
    public bool SharesSpans { get; init; }

    /// <summary>split_spans_for_request: a hop of its own, with a server's and a client's span.</summary>
    public bool SplitsSpans { get; init; }

    /// <summary>trace_context_option USE_B3_WITH_W3C_PROPAGATION: where there are no B3 headers, traceparent counts, and upstreams are told of both.</summary>
    public bool HasTraceParents { get; init; }

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

        if (CollectorOf(source, context) is not { } collector)
            return null;
        return new ZipkinTracerConfig(context.Concurrency)
        {
            Collector = collector,
            IsProto = source.CollectorEndpointVersion == Version.HttpProto,
            HasTraceParents = source.TraceContextOption == ZipkinConfig.Types.TraceContextOption.UseB3WithW3CPropagation,
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

    /// <summary>collector_service, or the fields that were there before it.</summary>
    private static CollectorTarget? CollectorOf(ZipkinConfig source, FactoryContext context)
    {
        var contentType = source.CollectorEndpointVersion == Version.HttpProto ? "application/x-protobuf" : "application/json";
        if (source.CollectorService is { } service)
            return CollectorTarget.Create(service, contentType, Name, context);
        if (source.CollectorCluster.Length == 0 || source.CollectorEndpoint.Length == 0)
        {
            context.Config.Error(source, source.CollectorCluster.Length == 0 ? "collector_cluster" : "collector_endpoint", "collector_cluster and collector_endpoint must be specified when not using collector_service");
            return null;
        }

        if (context.ClusterExists is { } exists && !exists(source.CollectorCluster))
        {
            context.Config.Error(source, "collector_cluster", $"{Name}: unknown cluster '{source.CollectorCluster}'");
            return null;
        }

        return new CollectorTarget(
            context.Clusters.Get(source.CollectorCluster),
            Encoding.UTF8.GetBytes(source.CollectorHostname.Length > 0 ? source.CollectorHostname : source.CollectorCluster),
            Encoding.UTF8.GetBytes(source.CollectorEndpoint),
            Encoding.ASCII.GetBytes(contentType));
    }
}
