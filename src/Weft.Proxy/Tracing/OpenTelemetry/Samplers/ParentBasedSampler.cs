namespace Weft.Proxy.Tracing.OpenTelemetry.Samplers;

/// <summary>envoy.tracers.opentelemetry.samplers.parent_based: as the caller decided; another sampler decides about traces that begin here.</summary>
internal sealed class ParentBasedSampler(OtelSampler root) : OtelSampler
{
    public override bool Samples(in SamplerInput input) => input.ParentIsSampled ?? root.Samples(input);
}
