using System.Text;
using Envoy.Config.Trace.V3;
using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Runtime;
using Weft.Proxy.Tracing.OpenTelemetry.Samplers;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.OpenTelemetry;

/// <summary>OpenTelemetryConfig: OTLP over HTTP or gRPC to a cluster. Immutable, shared by all workers.</summary>
internal sealed class OtelTracerConfig(int concurrency) : TracerConfig(concurrency)
{
    private const string Name = "envoy.tracers.opentelemetry";
    private const string DefaultServiceName = "unknown_service:envoy";
    private const uint DefaultMaxCachedSpans = 1024;

    /// <summary>Null: spans are not reported.</summary>
    public CollectorTarget? Collector { get; init; }

    /// <summary>max_cache_size: spans that wait for their report; default 1,024.</summary>
    public int MaxCachedSpans { get; init; }

    /// <summary>The resource that spans are of, as the wire has it.</summary>
    public required byte[] Resource { get; init; }

    /// <summary>Decides in place of the client and the connection manager; null: they do.</summary>
    public OtelSampler? Sampler { get; init; }

    /// <summary>Who made the spans, as the wire has it.</summary>
    public required byte[] Scope { get; init; }

    public required OtelStats Stats { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>Null after a fault, which is reported.</summary>
    public static OtelTracerConfig? Create(OpenTelemetryConfig source, FactoryContext context)
    {
        if (source.GrpcService is not null && source.HttpService is not null)
        {
            context.Config.Error(source, "http_service", "OpenTelemetry Tracer cannot have both gRPC and HTTP exporters configured. OpenTelemetry tracer will be disabled.");
            return null;
        }

        return new OtelTracerConfig(context.Concurrency)
        {
            Collector = CollectorOf(source, context),
            MaxCachedSpans = (int)Math.Clamp(source.MaxCacheSize ?? DefaultMaxCachedSpans, 1, int.MaxValue),
            Resource = OtelResource.Create(source.ServiceName.Length > 0 ? source.ServiceName : DefaultServiceName, source.ResourceDetectors, context.Config),
            Sampler = source.Sampler is { } sampler ? OtelSamplerFactory.Create(sampler, source, "sampler", context.Config) : null,
            Scope = ScopeOf(),
            Stats = new OtelStats(context.Stats),
            Runtime = context.Runtime,
        };
    }

    private protected override Tracer Create(Worker worker) => new OtelTracer(this, worker);

    /// <summary>Without a service spans are made, and told to upstreams, but not reported.</summary>
    private static CollectorTarget? CollectorOf(OpenTelemetryConfig source, FactoryContext context)
    {
        if (source.GrpcService is { } grpc)
            return CollectorTarget.Create(grpc, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", Name, context);
        if (source.HttpService is { } http)
            return CollectorTarget.Create(http, "application/x-protobuf", Name, context);
        return null;
    }

    private static byte[] ScopeOf()
    {
        var scope = new ByteWriter();
        scope.WriteText(1, "weft"u8);
        scope.WriteText(2, Encoding.UTF8.GetBytes(VersionInfo.Number));
        return scope.Written.ToArray();
    }
}
