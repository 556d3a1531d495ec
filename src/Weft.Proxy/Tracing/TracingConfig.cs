using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;
using Weft.Proxy.Runtime;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.Tracing;

/// <summary>HttpConnectionManager.tracing: what is traced, as what, and who is told. Immutable, shared by all workers.</summary>
internal sealed class TracingConfig
{
    public required TraceSampling Sampling { get; init; }

    public required CustomTag[] Tags { get; init; }

    /// <summary>The listener's traffic_direction is OUTBOUND: spans are a client's.</summary>
    public bool IsEgress { get; init; }

    /// <summary>verbose: spans tell the moments of a request.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>max_path_tag_length, bytes; default 256.</summary>
    public int MaxPathBytes { get; init; } = 256;

    /// <summary>spawn_upstream_span: every attempt at an upstream has a span of its own.</summary>
    public bool SpawnsUpstreamSpans { get; init; }

    /// <summary>operation: names spans, over decorators; null: the tracer's way, and decorators.</summary>
    public SubstitutionFormat? Operation { get; init; }

    /// <summary>upstream_operation: names the spans of attempts; null: <c>router CLUSTER egress</c>.</summary>
    public SubstitutionFormat? UpstreamOperation { get; init; }

    /// <summary>Null without a provider: requests are marked, and nobody is told.</summary>
    public TracerConfig? Tracer { get; init; }

    public required TracingStats Stats { get; init; }

    public required RequestIds Ids { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public required Bootstrap.Node Node { get; init; }

    /// <summary>Null when the connection manager does not trace.</summary>
    public static TracingConfig? Create(HcmMessage source, FactoryContext context)
    {
        // The counters are there whether or not they count.
        var stats = new TracingStats(context.Stats, source.StatPrefix);
        if (source.Tracing is not { } tracing)
            return null;
        return new TracingConfig
        {
            Sampling = TraceSampling.Of(tracing),
            Tags = CustomTag.Create(tracing.CustomTags, context.Config),
            IsEgress = context.TrafficDirection == TrafficDirection.Outbound,
            IsVerbose = tracing.Verbose,
            MaxPathBytes = (int)Math.Min(tracing.MaxPathTagLength ?? 256, int.MaxValue),
            SpawnsUpstreamSpans = tracing.SpawnUpstreamSpan ?? false,
            Operation = OperationOf(tracing.Operation, tracing, "operation", context.Config),
            UpstreamOperation = OperationOf(tracing.UpstreamOperation, tracing, "upstream_operation", context.Config),
            Tracer = context.Tracers.Find(tracing.Provider, context),
            Stats = stats,
            Ids = new RequestIds(source, context.Config),
            Runtime = context.Runtime,
            Node = context.Node,
        };
    }

    /// <summary>Null for an empty one; faults are reported in the context.</summary>
    internal static SubstitutionFormat? OperationOf(string format, IMessage at, string field, ConfigContext context) =>
        format.Length == 0 ? null : SubstitutionFormat.Parse(format, context, at, field, omitEmptyValues: true);
}
