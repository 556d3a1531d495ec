using Envoy.Config.Trace.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tracing.Datadog;
using Weft.Proxy.Tracing.OpenTelemetry;
using Weft.Proxy.Tracing.SkyWalking;
using Weft.Proxy.Tracing.XRay;
using Weft.Proxy.Tracing.Zipkin;
using Provider = Envoy.Config.Trace.V3.Tracing.Types.Http;

namespace Weft.Proxy.Tracing;

/// <summary>Makes tracers of their messages, one for all that configure the same. Main thread.</summary>
internal sealed class TracerRegistry
{
    private readonly Dictionary<ByteString, TracerConfig?> _byConfig = [];

    /// <summary>Bootstrap.tracing.http: the provider of connection managers that name none.</summary>
    public Provider? Default { get; set; }

    /// <summary>Null when there is no provider, or after a fault, which is reported.</summary>
    public TracerConfig? Find(Provider? provider, FactoryContext context)
    {
        provider ??= Default;
        if (provider is null)
            return null;
        var key = provider.ToByteString();
        if (!_byConfig.TryGetValue(key, out var tracer))
            _byConfig[key] = tracer = Create(provider, context);
        return tracer;
    }

    private static TracerConfig? Create(Provider provider, FactoryContext context)
    {
        switch (context.Config.Unpack(provider.TypedConfig))
        {
            case ZipkinConfig zipkin:
                return ZipkinTracerConfig.Create(zipkin, context);
            case OpenTelemetryConfig openTelemetry:
                return OtelTracerConfig.Create(openTelemetry, context);
            case DatadogConfig datadog:
                return DatadogTracerConfig.Create(datadog, context);
            case SkyWalkingConfig skyWalking:
                return SkyWalkingTracerConfig.Create(skyWalking, context);
            case XRayConfig xray:
                return XRayTracerConfig.Create(xray, context);
            case null when provider.TypedConfig is not null:
                return null;
            case var other:
                context.Config.Error(provider, "typed_config", $"tracer '{other?.Descriptor.FullName ?? provider.Name}' is not implemented");
                return null;
        }
    }
}
