using System.Buffers.Binary;

namespace Weft.Proxy.Tracing.OpenTelemetry.Samplers;

/// <summary>
/// envoy.tracers.opentelemetry.samplers.trace_id_ratio_based: a share of all traces, drawn by their ids, so that everybody who draws the same share takes the
/// same traces. What the caller decided does not count.
/// </summary>
/// <param name="numerator">Of the share; more than the denominator: all.</param>
/// <param name="denominator">100, 10,000 or 1,000,000.</param>
internal sealed class TraceIdRatioSampler(uint numerator, uint denominator) : OtelSampler
{
    // Envoy takes the id's first eight bytes as a little-endian number; other bytes would draw other traces than its proxies.
    public override bool Samples(in SamplerInput input) => BinaryPrimitives.ReverseEndianness(input.TraceIdHigh) % denominator < numerator;
}
