using Envoy.Config.Cluster.V3;
using Weft.Api;

namespace Weft.Xds.Server;

/// <summary>
/// A client that takes over a changed cluster waits for its endpoints once more, though it has asked for them and was sent them: unless they
/// come again it goes on with the old cluster until its patience ends.
/// </summary>
internal static class ChangedClusters
{
    /// <summary>The name of the endpoints of a cluster; null when they are not discovered.</summary>
    public static string? EndpointsOf(ServedResource cluster)
    {
        var message = ApiMessages.Parse<Cluster>(cluster.Body.Value.Span);
        if (message.Type != Cluster.Types.DiscoveryType.Eds)
            return null;
        return XdsTpName.Canonical(message.EdsClusterConfig is { ServiceName.Length: > 0 } eds ? eds.ServiceName : message.Name);
    }
}
