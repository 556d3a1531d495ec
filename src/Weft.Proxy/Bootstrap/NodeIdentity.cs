using ApiNode = Envoy.Config.Core.V3.Node;

namespace Weft.Proxy.Bootstrap;

/// <summary>Who this proxy is: Bootstrap.node, with the --service-* flags over it.</summary>
internal static class NodeIdentity
{
    private const string UserAgent = "weft";

    /// <summary>The node as control planes and <c>/server_info</c> see it.</summary>
    public static ApiNode Create(ApiNode? configured, ServerOptions options)
    {
        var node = configured?.Clone() ?? new ApiNode();
        if (options.ServiceNode.Length > 0)
            node.Id = options.ServiceNode;
        if (options.ServiceCluster.Length > 0)
            node.Cluster = options.ServiceCluster;
        if (options.ServiceZone.Length > 0)
            (node.Locality ??= new()).Zone = options.ServiceZone;
        if (node.UserAgentName.Length == 0)
            node.UserAgentName = UserAgent;
        if (node.UserAgentVersionTypeCase == ApiNode.UserAgentVersionTypeOneofCase.None)
            node.UserAgentBuildVersion = VersionInfo.Build();
        return node;
    }

    /// <summary>The parts that factories ask for.</summary>
    public static Node Short(ApiNode node, ServerOptions options) =>
        new(node.Id, node.Cluster, node.Locality?.Zone ?? "") { Address = OwnAddress.Find(options.LocalAddressIsIPv6) };
}
