using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.SetMetadata;

/// <summary>Attaches its values to every request. Pooled; worker thread. Allocates only where it merges into lists or structs that are there already.</summary>
internal sealed class SetMetadataFilter(SetMetadataFilterFactory factory) : HttpFilter
{
    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var metadata = Stream.Info.DynamicMetadata;
        foreach (var entry in factory.Entries)
        {
            if (!metadata.HasNamespace(entry.Namespace))
                metadata.Replace(entry.Namespace, entry.Value);
            else if (entry.AllowOverwrite)
                Merge(metadata, entry);
            else
                factory.OverwriteDenied.Inc();
        }

        return FilterStatus.Continue;
    }

    private static void Merge(DynamicMetadata metadata, SetMetadataFilterFactory.Entry entry)
    {
        foreach (var (key, value) in entry.Value.Fields)
        {
            var tree = metadata.Find(entry.Namespace, [key]).Tree;
            metadata.Set(entry.Namespace, key, tree is null ? value : Merge(tree, value));
        }
    }

    /// <summary>Structs are merged key by key, lists joined, anything else replaced.</summary>
    private static Value Merge(Value old, Value added)
    {
        if (old.KindCase != added.KindCase) return added;
        if (old.KindCase == Value.KindOneofCase.ListValue)
        {
            var list = old.Clone();
            list.ListValue.Values.AddRange(added.ListValue.Values);
            return list;
        }

        if (old.KindCase != Value.KindOneofCase.StructValue) return added;
        var merged = old.Clone();
        foreach (var (key, value) in added.StructValue.Fields)
            merged.StructValue.Fields[key] = merged.StructValue.Fields.TryGetValue(key, out var there) ? Merge(there, value) : value;
        return merged;
    }
}
