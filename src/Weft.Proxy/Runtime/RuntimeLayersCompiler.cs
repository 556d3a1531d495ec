using Envoy.Config.Bootstrap.V3;
using Weft.Config;
using LayerCase = Envoy.Config.Bootstrap.V3.RuntimeLayer.LayerSpecifierOneofCase;
using LayerMessage = Envoy.Config.Bootstrap.V3.RuntimeLayer;

namespace Weft.Proxy.Runtime;

/// <summary>LayeredRuntime to layers; reports its faults.</summary>
internal sealed class RuntimeLayersCompiler(ConfigContext context, string serviceCluster, List<ConfiguredLayer> layers)
{
    public void Compile(LayeredRuntime config)
    {
        if (config.Layers.Count == 0)
        {
            layers.Add(new ConfiguredLayer("", LayerKind.Admin));
            return;
        }

        foreach (var layer in config.Layers) Compile(layer);
    }

    private void Compile(LayerMessage layer)
    {
        if (layers.Exists(other => other.Name == layer.Name))
        {
            context.Error(layer, "name", $"Duplicate layer name: {layer.Name}");
            return;
        }

        switch (layer.LayerSpecifierCase)
        {
            case LayerCase.StaticLayer:
                CompileStatic(layer);
                break;
            case LayerCase.DiskLayer:
                CompileDisk(layer);
                break;
            case LayerCase.AdminLayer when layers.Exists(static other => other.Kind == LayerKind.Admin):
                context.Error(layer, "admin_layer", "Too many admin layers specified in LayeredRuntime, at most one may be specified");
                break;
            case LayerCase.AdminLayer:
                layers.Add(new ConfiguredLayer(layer.Name, LayerKind.Admin));
                break;
            case LayerCase.RtdsLayer:
                layers.Add(new ConfiguredLayer(layer.Name, LayerKind.Discovered) { Discovery = layer.RtdsLayer });
                break;
            default:
                context.Error(layer, null, "layer specifier not set");
                break;
        }
    }

    private void CompileStatic(LayerMessage layer)
    {
        var invalidKeys = new List<string>();
        var values = StaticLayer.Read(layer.Name, layer.StaticLayer, invalidKeys);
        foreach (var key in invalidKeys) context.Error(layer, "static_layer", $"Invalid runtime entry value for {key}");
        layers.Add(new ConfiguredLayer(layer.Name, LayerKind.Static) { Static = values });
    }

    private void CompileDisk(LayerMessage layer)
    {
        var disk = layer.DiskLayer;
        var parent = Path.GetDirectoryName(Path.GetFullPath(disk.SymlinkRoot));
        if (parent is not null && !Directory.Exists(parent))
            context.Error(disk, "symlink_root", $"unable to add filesystem watch for file {disk.SymlinkRoot}: No such file or directory");

        var directory = $"{disk.SymlinkRoot}/{disk.Subdirectory}";
        if (disk.AppendServiceCluster) directory += $"/{serviceCluster}";
        layers.Add(new ConfiguredLayer(layer.Name, LayerKind.Disk) { Directory = directory, SymlinkRoot = disk.SymlinkRoot });
    }
}
