using Weft.Http;
using Weft.Proxy.Bootstrap;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters.DiscoveryTypes.OriginalDst;

/// <summary>original_dst_lb_config and cleanup_interval. Immutable; any thread.</summary>
public sealed class OriginalDstConfig
{
    /// <summary>The request header that names the destination (x-envoy-original-dst-host unless another is given); null: none does.</summary>
    public HeaderName? Header { get; private init; }

    /// <summary>Namespace of the dynamic metadata that names the destination; "": none does.</summary>
    public string MetadataNamespace { get; private init; } = "";

    /// <summary>The keys below <see cref="MetadataNamespace"/>.</summary>
    public string[] MetadataPath { get; private init; } = [];

    /// <summary>upstream_port_override; null: the destination's port.</summary>
    public int? Port { get; private init; }

    /// <summary>cleanup_interval: endpoints that were not picked for so long, and have no connections, are forgotten; default 5,000.</summary>
    public long CleanupMs { get; private init; } = 5_000;

    internal static OriginalDstConfig Create(ClusterMessage config, FactoryContext context)
    {
        if (config.LoadAssignment is not null)
            context.Config.Error(config, "load_assignment", "ORIGINAL_DST clusters must have no load assignment configured");
        var lb = config.OriginalDstLbConfig;
        return new OriginalDstConfig
        {
            Header = lb is not { UseHttpHeader: true } ? null : lb.HttpHeaderName.Length > 0 ? new HeaderName(lb.HttpHeaderName) : new HeaderName(KnownHeader.XEnvoyOriginalDstHost),
            MetadataNamespace = lb?.MetadataKey?.Key ?? "",
            MetadataPath = [.. (lb?.MetadataKey?.Path ?? []).Select(static segment => segment.Key)],
            Port = (int?)lb?.UpstreamPortOverride,
            CleanupMs = config.CleanupInterval.ToMs(5_000),
        };
    }
}
