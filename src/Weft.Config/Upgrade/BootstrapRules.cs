using Weft.Config.Syntax;

namespace Weft.Config.Upgrade;

/// <summary>Bootstrap fields of the v2 API.</summary>
internal static class BootstrapRules
{
    /// <summary>runtime was a directory and an override of it; both are layers now, with the admin layer that v2 always had on top.</summary>
    internal static IEnumerable<MappingEntry>? Runtime(MappingEntry old, MappingNode mapping)
    {
        if (old.Value is not MappingNode runtime) return null;
        var at = old.Position;
        var layers = Nodes.Sequence(at);
        if (runtime.Find("base") is { } values) layers.Items.Add(Layer(at, "base", "static_layer", values));
        if (runtime.Find("symlink_root") is { } root)
        {
            layers.Items.Add(Disk(at, "root", root, runtime.Find("subdirectory"), perCluster: false));
            if (runtime.Find("override_subdirectory") is { } overrides) layers.Items.Add(Disk(at, "override", root, overrides, perCluster: true));
        }

        layers.Items.Add(Layer(at, "admin", "admin_layer", Nodes.Mapping(at)));
        return [Nodes.At(old, ["layered_runtime", "layers"], layers)];
    }

    private static MappingNode Disk(SourcePosition at, string name, Node root, Node? subdirectory, bool perCluster)
    {
        var disk = Nodes.Mapping(at, ("symlink_root", root));
        if (subdirectory is not null) disk.Entries.Add(new MappingEntry("subdirectory", at, subdirectory));
        if (perCluster) disk.Entries.Add(new MappingEntry("append_service_cluster", at, new ScalarNode(at, ScalarKind.Bool, "true")));
        return Layer(at, name, "disk_layer", disk);
    }

    private static MappingNode Layer(SourcePosition at, string name, string kind, Node layer)
        => Nodes.Mapping(at, ("name", Nodes.Text(at, name)), (kind, layer));
}
