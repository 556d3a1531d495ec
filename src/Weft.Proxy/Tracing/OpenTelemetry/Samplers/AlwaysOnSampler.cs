namespace Weft.Proxy.Tracing.OpenTelemetry.Samplers;

/// <summary>envoy.tracers.opentelemetry.samplers.always_on: all requests.</summary>
internal sealed class AlwaysOnSampler : OtelSampler
{
    public override bool Samples(in SamplerInput input) => true;
}
