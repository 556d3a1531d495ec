using Weft.Config.Syntax;
using Weft.Config.Types;

namespace Weft.Config.Upgrade;

/// <summary>
/// Turns what a text says in the v2 API into v3: types by the names they had, fields and values that were renamed or removed, and
/// extensions configured by a plain <c>config</c>. Works on nodes, before anything is bound, so positions stay those of the text; what is
/// v3 already passes untouched. Main thread only.
/// </summary>
internal sealed class VersionUpgrade
{
    private readonly List<(SourcePosition Position, string What)> _changes = [];

    /// <summary>What was changed, in the order met: where, and <c>old -> new</c>.</summary>
    internal IReadOnlyList<(SourcePosition Position, string What)> Changes => _changes;

    /// <summary>The node in v3; the same object when there is nothing to change.</summary>
    internal Node Upgrade(Node node, MessageSchema schema)
    {
        if (schema.Form == MessageForm.Any) return UpgradeAny(node);
        return schema.Form == MessageForm.Fields && node is MappingNode mapping ? UpgradeFields(mapping, schema) : node;
    }

    private Node UpgradeFields(MappingNode mapping, MessageSchema schema)
    {
        var replaced = ReplaceOld(mapping, schema);
        return UpgradeValues(replaced, entry =>
            schema.FindField(entry.Key) is { ValueMessage: { } type } field ? UpgradeValue(entry.Value, field, type) : entry.Value);
    }

    private Node UpgradeValue(Node value, FieldSchema field, MessageSchema type)
    {
        if (field.IsMap) return value is MappingNode map ? UpgradeValues(map, entry => Upgrade(entry.Value, type)) : value;
        if (value is not SequenceNode sequence || !field.IsRepeated) return Upgrade(value, type);
        var items = sequence.Items.ConvertAll(item => Upgrade(item, type));
        return items.SequenceEqual(sequence.Items, ReferenceEqualityComparer.Instance) ? value : Nodes.Sequence(value.Position, items);
    }

    private static MappingNode UpgradeValues(MappingNode mapping, Func<MappingEntry, Node> upgrade)
    {
        MappingNode? changed = null;
        for (var i = 0; i < mapping.Entries.Count; i++)
        {
            var entry = mapping.Entries[i];
            var value = upgrade(entry);
            if (ReferenceEquals(value, entry.Value)) continue;
            changed ??= Copy(mapping);
            changed.Entries[i] = Nodes.Entry(entry, entry.Key, value);
        }

        return changed ?? mapping;
    }

    private Node UpgradeAny(Node node)
    {
        if (node is not MappingNode mapping || mapping.Find("@type") is not ScalarNode url) return node;
        var name = ApiTypes.NameOf(url.Text);
        var known = ApiTypes.Knows(name);
        if ((known ? name : ApiTypes.SuccessorOf(name)) is not { } current || ApiTypes.Find(current) is not { } type) return node;
        var upgraded = UpgradeFields(mapping, MessageSchema.Of(type));
        if (known) return upgraded;
        var replaced = ExtensionSuccessors.Replace((MappingNode)upgraded, ref current);
        _changes.Add((url.Position, $"{name} -> {current}"));
        return UpgradeValues(replaced, entry => entry.Key == "@type" ? Nodes.Text(url.Position, ApiTypes.UrlOf(current)) : entry.Value);
    }

    private MappingNode ReplaceOld(MappingNode mapping, MessageSchema schema)
    {
        MappingNode? changed = null;
        foreach (var old in mapping.Entries)
        {
            if (Replacement(old, mapping, schema) is not { } replacement) continue;
            _changes.Add((old.Position, Describe(old, replacement)));
            changed ??= Copy(mapping);
            Put(changed, old, replacement);
        }

        return changed ?? mapping;
    }

    private static MappingEntry[]? Replacement(MappingEntry old, MappingNode mapping, MessageSchema schema)
    {
        if (FieldRules.Find(schema.Descriptor.FullName, old.Key) is { } rule) return rule(old, mapping)?.ToArray();
        if (schema.FindField(old.Key) is not null) return null;
        return old.Key switch
        {
            "config" when schema.TypedConfig is not null => ExtensionRules.Config(old, mapping, schema),
            "per_filter_config" when schema.FindField("typed_per_filter_config") is not null => ExtensionRules.PerFilterConfig(old),
            _ => null,
        };
    }

    private static string Describe(MappingEntry old, MappingEntry[] replacement)
    {
        if (replacement.Length == 0) return $"{old.Key} -> nothing: it has no meaning any more";
        return replacement[0].Key == old.Key
            ? $"{old.Key}: {Nodes.TextOf(old.Value)} -> {Nodes.TextOf(replacement[0].Value)}"
            : $"{old.Key} -> {replacement[0].Key}";
    }

    // New entries take the old one's place; what is there already under the same key is kept beside them.
    private static void Put(MappingNode mapping, MappingEntry old, MappingEntry[] replacement)
    {
        var at = mapping.Entries.IndexOf(old);
        mapping.Entries.RemoveAt(at);
        foreach (var entry in replacement)
        {
            var existing = mapping.Entries.FindLastIndex(e => e.Key == entry.Key);
            if (existing >= 0) mapping.Entries[existing] = Nodes.Entry(entry, entry.Key, Joined(mapping.Entries[existing].Value, entry.Value));
            else mapping.Entries.Insert(at++, entry);
        }
    }

    private static Node Joined(Node existing, Node added)
    {
        if (existing is not MappingNode mapping || added is not MappingNode more)
            return existing is SequenceNode || added is SequenceNode ? Nodes.Sequence(existing.Position, Nodes.Items(existing).Concat(Nodes.Items(added))) : existing;
        var joined = Copy(mapping);
        joined.Entries.InsertRange(0, more.Entries.Where(e => mapping.Find(e.Key) is null));
        return joined;
    }

    private static MappingNode Copy(MappingNode mapping)
    {
        var copy = new MappingNode(mapping.Position);
        copy.Entries.AddRange(mapping.Entries);
        return copy;
    }
}
