using Envoy.Config.Route.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using MatcherMessage = Envoy.Extensions.Router.ClusterSpecifiers.Matcher.V3.MatcherClusterSpecifier;
using SpecifierCase = Envoy.Config.Route.V3.RouteAction.ClusterSpecifierOneofCase;

namespace Weft.Proxy.Routing.ClusterSpecifiers;

/// <summary>The cluster specifier plugins of one table: those that its routes share by name, and those inside of routes. Main thread.</summary>
internal sealed class ClusterSpecifierCompiler
{
    private readonly FactoryContext _context;
    private readonly Dictionary<string, Plugin> _shared = new(StringComparer.Ordinal);

    public ClusterSpecifierCompiler(RouteConfiguration table, FactoryContext context)
    {
        _context = context;
        // Of one name the first counts.
        foreach (var plugin in table.ClusterSpecifierPlugins)
            _shared.TryAdd(plugin.Extension?.Name ?? "", Create(plugin));
    }

    /// <param name="Specifier">Null: it could not be made.</param>
    /// <param name="IsLeftOut">That is no fault: it is optional.</param>
    private readonly record struct Plugin(ClusterSpecifier? Specifier, bool IsLeftOut);

    /// <summary>The plugin that a route holds or names; null when it cannot be had: that is reported, and the route is left out.</summary>
    public ClusterSpecifier? Find(RouteAction action)
    {
        if (action.ClusterSpecifierCase == SpecifierCase.InlineClusterSpecifierPlugin)
            return Checked(Create(action.InlineClusterSpecifierPlugin), action, "inline_cluster_specifier_plugin");
        if (_shared.TryGetValue(action.ClusterSpecifierPlugin, out var plugin))
            return Checked(plugin, action, "cluster_specifier_plugin");
        _context.Config.Error(action, "cluster_specifier_plugin", $"Unknown cluster specifier plugin name: {action.ClusterSpecifierPlugin} is used in the route");
        return null;
    }

    private ClusterSpecifier? Checked(Plugin plugin, IMessage at, string field)
    {
        if (plugin.IsLeftOut) _context.Config.Warning(at, field, "the route is left out: its cluster specifier plugin is not implemented, and optional");
        return plugin.Specifier;
    }

    private Plugin Create(ClusterSpecifierPlugin plugin)
    {
        var config = _context.Config.Unpack(plugin.Extension?.TypedConfig);
        if (config is MatcherMessage matcher) return new Plugin(new MatcherClusterSpecifier(matcher, _context), IsLeftOut: false);
        // What cannot be unpacked was reported when it was read.
        if (!plugin.IsOptional && (config is not null || plugin.Extension is { TypedConfig: null or { TypeUrl.Length: 0 } }))
            _context.Config.Error(plugin, "extension", $"Didn't find a registered implementation for '{plugin.Extension!.Name}' with type URL: '{config?.Descriptor.FullName}'");
        return new Plugin(null, plugin.IsOptional);
    }
}
