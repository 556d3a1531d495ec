using Weft.Config.Syntax;

namespace Weft.Config.Binding;

/// <summary>Where a key stands twice in a mapping, the last one counts, as in Envoy; the earlier one is reported.</summary>
internal static class LastEntries
{
    /// <summary>The entries that count. <paramref name="overridden"/> hears of each one that does not, unless a merge key brought it in.</summary>
    internal static IEnumerable<MappingEntry> Of(MappingNode mapping, Action<MappingEntry> overridden)
    {
        var last = new Dictionary<string, MappingEntry>(mapping.Entries.Count);
        foreach (var entry in mapping.Entries)
        {
            if (last.TryGetValue(entry.Key, out var earlier) && !earlier.Merged) overridden(earlier);
            last[entry.Key] = entry;
        }

        return last.Values;
    }

    internal static void Warn(ConfigContext context, MappingEntry entry, FieldPath path)
        => context.Findings.Add(new Finding(Severity.Warning, entry.Position, path.ToString(), "the key stands more than once; the last one is used"));
}
