using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tracing.OpenTelemetry.Samplers;

/// <summary>Decides in place of the caller and the connection manager whether a request is sampled. Immutable, shared by all workers.</summary>
internal abstract class OtelSampler
{
    public abstract bool Samples(in SamplerInput input);
}

/// <summary>What a sampler may go by.</summary>
internal readonly ref struct SamplerInput
{
    /// <summary>Of the trace, the caller's or a new one.</summary>
    public required ulong TraceIdHigh { get; init; }

    /// <summary>What the caller decided; null: nobody began the trace before.</summary>
    public required bool? ParentIsSampled { get; init; }

    public required HeaderMap Headers { get; init; }

    public required StreamInfo Info { get; init; }
}
