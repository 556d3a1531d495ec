using Weft.Proxy.Expressions;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Tracing.OpenTelemetry.Samplers;

/// <summary>envoy.tracers.opentelemetry.samplers.cel: requests for which an expression is true; an error is not.</summary>
internal sealed class CelSampler(CelExpression expression) : OtelSampler
{
    public override bool Samples(in SamplerInput input) => expression.IsTrue(new FormatContext(input.Info, input.Headers));
}
