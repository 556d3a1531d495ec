using System.Text;
using Envoy.Config.Trace.V3;
using Envoy.Extensions.Tracers.Opentelemetry.Samplers.V3;
using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.OpenTelemetry;

/// <summary>OpenTelemetryConfig: OTLP over HTTP or gRPC to a cluster. Immutable, shared by all workers.</summary>
internal sealed class OtelTracerConfig(int concurrency) : TracerConfig(concurrency)
{
    private const string Name = "envoy.tracers.opentelemetry";
    private const string DefaultServiceName = "unknown_service:envoy";

    public required CollectorTarget Collector { get; init; }

    /// <summary>The resource that spans are of, as the wire has it.</summary>
    public required byte[] Resource { get; init; }

    /// <summary>The sampler always_on, before which neither the client's decision counts nor the connection manager's.</summary>
    public bool AlwaysSamples { get; init; }

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

        if (CollectorOf(source, context) is not { } collector)
            return null;
        return new OtelTracerConfig(context.Concurrency)
        {
            Collector = collector,
            Resource = OtelResource.Create(source.ServiceName.Length > 0 ? source.ServiceName : DefaultServiceName, source.ResourceDetectors, context.Config),
            AlwaysSamples = HasAlwaysOnSampler(source, context),
            Scope = ScopeOf(),
            Stats = new OtelStats(context.Stats),
            Runtime = context.Runtime,
        };
    }

    private protected override Tracer Create(Worker worker) => new OtelTracer(this, worker);

    private static CollectorTarget? CollectorOf(OpenTelemetryConfig source, FactoryContext context)
    {
        if (source.GrpcService is { } grpc)
            return CollectorTarget.Create(grpc, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", Name, context);
        if (source.HttpService is { } http)
            return CollectorTarget.Create(http, "application/x-protobuf", Name, context);
        context.Config.Error(source, null, "the OpenTelemetry tracer needs a grpc_service or an http_service");
        return null;
    }

    private static bool HasAlwaysOnSampler(OpenTelemetryConfig source, FactoryContext context)
    {
        if (source.Sampler is not { } sampler)
            return false;
        if (sampler.TypedConfig?.Is(AlwaysOnSamplerConfig.Descriptor) == true)
            return true;
        context.Config.Error(source, "sampler", $"Sampler factory not found: '{sampler.Name}'");
        return false;
    }

    private static byte[] ScopeOf()
    {
        var scope = new ByteWriter();
        scope.WriteText(1, "weft"u8);
        scope.WriteText(2, Encoding.UTF8.GetBytes(VersionInfo.Number));
        return scope.Written.ToArray();
    }
}
