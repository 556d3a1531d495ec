using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Weft.Config;
using HostMessage = Envoy.Config.Route.V3.VirtualHost;
using RouteMessage = Envoy.Config.Route.V3.Route;
using WeightMessage = Envoy.Config.Route.V3.WeightedCluster.Types.ClusterWeight;

namespace Weft.Proxy.Routing;

/// <summary>The header changes that one message (table, virtual host, route, weighted cluster) asks for, both ways.</summary>
internal sealed record MutationLevels(HeaderMutationLevel? Request, HeaderMutationLevel? Response)
{
    public static MutationLevels Of(RouteConfiguration table, ConfigContext context)
        => Of(table.RequestHeadersToAdd, table.RequestHeadersToRemove, table.ResponseHeadersToAdd, table.ResponseHeadersToRemove, context, table);

    public static MutationLevels Of(HostMessage host, ConfigContext context)
        => Of(host.RequestHeadersToAdd, host.RequestHeadersToRemove, host.ResponseHeadersToAdd, host.ResponseHeadersToRemove, context, host);

    public static MutationLevels Of(RouteMessage route, ConfigContext context)
        => Of(route.RequestHeadersToAdd, route.RequestHeadersToRemove, route.ResponseHeadersToAdd, route.ResponseHeadersToRemove, context, route);

    public static MutationLevels Of(WeightMessage cluster, ConfigContext context)
        => Of(cluster.RequestHeadersToAdd, cluster.RequestHeadersToRemove, cluster.ResponseHeadersToAdd, cluster.ResponseHeadersToRemove, context, cluster);

    private static MutationLevels Of(
        RepeatedField<HeaderValueOption> addToRequest, RepeatedField<string> removeFromRequest, RepeatedField<HeaderValueOption> addToResponse, RepeatedField<string> removeFromResponse, ConfigContext context, IMessage at)
        => new(
            HeaderMutationLevel.Create(addToRequest, removeFromRequest, context, at, "request_headers_to_add", "request_headers_to_remove"),
            HeaderMutationLevel.Create(addToResponse, removeFromResponse, context, at, "response_headers_to_add", "response_headers_to_remove"));
}
