using Weft.Proxy.Workers;

namespace Weft.Proxy.Expressions.Attributes;

/// <summary>xds.*: names and metadata of the configuration that handles a request.</summary>
internal static class XdsAttributes
{
    public static readonly AttributeGroup Group = new(new(StringComparer.Ordinal)
    {
        ["node"] = static (in CelContext _) => ProtoValues.OfMessage(Worker.Current?.Node),
        ["cluster_name"] = static (in CelContext context) => AttributeValues.Text(context, context.Request.Info.UpstreamCluster?.Name),
        ["cluster_metadata"] = static (in CelContext context) => ProtoValues.OfMessage(context.Request.Info.UpstreamCluster?.Metadata),
        ["route_name"] = static (in CelContext context) => context.Request.Info.Route is { } route ? context.Scratch.String(route.Name) : CelErrors.NoSuchKey,
        ["virtual_host_name"] = static (in CelContext context) => context.Request.Info.VirtualHost is { } host ? context.Scratch.String(host.Name) : CelErrors.NoSuchKey,
        ["route_metadata"] = static (in CelContext context) => ProtoValues.OfMessage(context.Request.Info.Route?.Metadata),
        ["virtual_host_metadata"] = static (in CelContext context) => ProtoValues.OfMessage(context.Request.Info.VirtualHost?.Metadata),
        ["listener_metadata"] = static (in CelContext context) => ProtoValues.OfMessage(context.Request.Info.Listener?.Metadata),
        ["listener_direction"] = static (in CelContext context) => context.Request.Info.Listener is { } listener ? CelValue.Of((long)listener.TrafficDirection) : CelErrors.NoSuchKey,
        ["upstream_host_metadata"] = static (in CelContext context) => ProtoValues.OfMessage(context.Request.Info.UpstreamEndpoint?.Metadata),
        ["upstream_host_locality_metadata"] = static (in CelContext context) => ProtoValues.OfMessage(context.Request.Info.UpstreamEndpoint?.LocalityMetadata),
        ["filter_chain_name"] = static (in CelContext context) => context.Scratch.String(context.Request.Info.FilterChainName ?? ""),
    });
}
