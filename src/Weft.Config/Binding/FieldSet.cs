using Google.Protobuf.Reflection;
using Weft.Config.Syntax;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>The fields one mapping sets: settles duplicate keys (the last one wins) and reports two fields of one oneof.</summary>
internal sealed class FieldSet(ConfigContext context, FieldPath path)
{
    private readonly Dictionary<FieldSchema, MappingEntry> _chosen = [];

    internal void Add(FieldSchema field, MappingEntry entry)
    {
        if (_chosen.TryGetValue(field, out var earlier) && !earlier.Merged) LastEntries.Warn(context, earlier, path.Field(field.Name));
        _chosen[field] = entry;
    }

    /// <summary>What is to be bound; of a oneof, the first.</summary>
    internal IEnumerable<(FieldSchema Field, MappingEntry Entry)> Chosen()
    {
        Dictionary<OneofDescriptor, FieldSchema>? cases = null;
        foreach (var (field, entry) in _chosen)
        {
            if (field.Oneof is not null && !entry.Value.IsNull && !(cases ??= []).TryAdd(field.Oneof, field))
            {
                ReportOneof(field, entry, cases[field.Oneof]);
                continue;
            }

            yield return (field, entry);
        }
    }

    private void ReportOneof(FieldSchema field, MappingEntry entry, FieldSchema first)
    {
        var line = _chosen[first].Position.Line;
        context.Findings.Add(new Finding(Severity.Error, entry.Position, path.Field(field.Name).ToString(),
            $"only one field of {field.Oneof!.Name} can be set, and {first.Name} is set in line {line}"));
    }
}
