using Weft.Config.Support;
using Weft.Config.Syntax;
using Weft.Config.Types;

namespace Weft.Config.Upgrade;

/// <summary>Extensions as the v2 API configured them: a plain mapping whose meaning only the extension's name tells.</summary>
internal static class ExtensionRules
{
    /// <summary>config: the type of the extension is put in.</summary>
    internal static MappingEntry[]? Config(MappingEntry old, MappingNode holder, MessageSchema schema)
    {
        if (Nodes.TextOf(holder.Find("name")) is not { } name || old.Value is not MappingNode config) return null;
        return ExtensionTable.Default.ByName(name, ExtensionTable.CategoryOf(schema.Descriptor.FullName)) is { Types: [var type, ..] }
            ? [Nodes.Entry(old, "typed_config", Typed(config, type))]
            : null;
    }

    /// <summary>per_filter_config: each filter's type for routes is put in. All or nothing: one unknown filter leaves the field as it is.</summary>
    internal static MappingEntry[]? PerFilterConfig(MappingEntry old)
    {
        if (old.Value is not MappingNode filters) return null;
        var typed = new MappingNode(filters.Position);
        foreach (var filter in filters.Entries)
        {
            if (filter.Value is not MappingNode config || ExtensionTable.Default.ByName(filter.Key, "envoy.filters.http") is not { Types.Length: > 0 } extension) return null;
            var type = Array.Find(extension.Types, static t => t.EndsWith("PerRoute", StringComparison.Ordinal)) ?? extension.Types[0];
            typed.Entries.Add(Nodes.Entry(filter, extension.Name, Typed(config, type)));
        }

        return [Nodes.Entry(old, "typed_per_filter_config", typed)];
    }

    private static MappingNode Typed(MappingNode config, string type)
    {
        config = ExtensionSuccessors.Replace(config, ref type);
        var typed = Nodes.Mapping(config.Position, ("@type", Nodes.Text(config.Position, ApiTypes.UrlOf(type))));
        typed.Entries.AddRange(config.Entries);
        return typed;
    }
}
