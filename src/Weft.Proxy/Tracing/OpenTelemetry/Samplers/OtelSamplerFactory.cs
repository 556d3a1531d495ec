using Envoy.Config.Core.V3;
using Envoy.Extensions.Tracers.Opentelemetry.Samplers.V3;
using Envoy.Type.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Expressions;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Tracing.OpenTelemetry.Samplers;

/// <summary>Makes samplers of their messages. Main thread.</summary>
internal static class OtelSamplerFactory
{
    /// <summary>Null after a fault, which is reported at the field that holds the sampler.</summary>
    public static OtelSampler? Create(TypedExtensionConfig sampler, IMessage at, string field, ConfigContext context)
    {
        switch (sampler.TypedConfig is null ? null : context.Unpack(sampler.TypedConfig))
        {
            case AlwaysOnSamplerConfig:
                return new AlwaysOnSampler();
            case ParentBasedSamplerConfig { WrappedSampler: { } wrapped } parent:
                return Create(wrapped, parent, "wrapped_sampler", context) is { } root ? new ParentBasedSampler(root) : null;
            case ParentBasedSamplerConfig parent:
                context.Error(parent, "wrapped_sampler", "Didn't find a registered implementation for '' with type URL: ''");
                return null;
            case TraceIdRatioBasedSamplerConfig ratio:
                return CreateRatio(RuntimeFraction.From(ratio.SamplingPercentage ?? new FractionalPercent()));
            case CELSamplerConfig { Expression: { } expression }:
                return CelExpression.Create(expression, context) is { } compiled ? new CelSampler(compiled) : null;
            case CELSamplerConfig cel:
                context.Error(cel, "expression", "CEL expression not set.");
                return null;
            default:
                context.Error(at, field, $"Sampler factory not found: '{sampler.Name}'");
                return null;
        }
    }

    private static TraceIdRatioSampler CreateRatio(RuntimeFraction share) => new(share.Numerator, share.Denominator);
}
