using Weft.Config.Syntax;

namespace Weft.Config.Upgrade;

/// <summary>Cluster fields of the v2 API.</summary>
internal static class ClusterRules
{
    /// <summary>hosts was a list of addresses; an assignment says the same.</summary>
    internal static IEnumerable<MappingEntry> Hosts(MappingEntry old, MappingNode cluster)
    {
        var at = old.Position;
        var endpoints = Nodes.Sequence(at, Nodes.Items(old.Value).Select(static address =>
            Nodes.Mapping(address.Position, ("endpoint", Nodes.Mapping(address.Position, ("address", address))))));
        var locality = Nodes.Mapping(at, ("lb_endpoints", endpoints));
        var name = cluster.Find("name") ?? Nodes.Text(at, "");
        return [Nodes.Entry(old, "load_assignment", Nodes.Mapping(at, ("cluster_name", name), ("endpoints", Nodes.Sequence(at, locality))))];
    }
}
