using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;

namespace Weft.Proxy.Streams;

/// <summary>
/// Values that filters attach to a request, by namespace and key, for other filters, routes and logs to read (Envoy's dynamic metadata).
/// Names come from configuration; texts are copied into one buffer of the pooled stream, so that setting and reading allocate nothing.
/// One worker.
/// </summary>
public sealed class DynamicMetadata
{
    private readonly ByteWriter _texts = new(0);
    private readonly ByteWriter _scratch = new(0);
    private Entry[] _entries = [];
    private int _count;

    private record struct Entry(string Namespace, string Key, MetadataKind Kind, double Number, int Start, int Length, Value? Tree);

    public bool IsEmpty => _count == 0;

    public void Set(string @namespace, string key, ReadOnlySpan<byte> text)
    {
        var start = _texts.Length;
        _texts.Write(text);
        Put(new Entry(@namespace, key, MetadataKind.Text, 0, start, text.Length, null));
    }

    public void Set(string @namespace, string key, double number) => Put(new Entry(@namespace, key, MetadataKind.Number, number, 0, 0, null));

    public void Set(string @namespace, string key, bool value) => Put(new Entry(@namespace, key, MetadataKind.Bool, value ? 1 : 0, 0, 0, null));

    /// <param name="value">Kept, and never changed.</param>
    public void Set(string @namespace, string key, Value value) => Put(new Entry(@namespace, key, KindOf(value), 0, 0, 0, value));

    /// <summary>Makes <paramref name="fields"/> all that a namespace holds.</summary>
    public void Replace(string @namespace, Struct fields)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            if (_entries[i].Namespace == @namespace) _entries[i] = _entries[--_count];
        }

        foreach (var (key, value) in fields.Fields) Set(@namespace, key, value);
    }

    /// <summary>Sets everything that stands here in another, too.</summary>
    public void CopyTo(DynamicMetadata other)
    {
        foreach (ref readonly var entry in _entries.AsSpan(0, _count))
        {
            if (entry is { Kind: MetadataKind.Text, Tree: null })
                other.Set(entry.Namespace, entry.Key, _texts.Written.Slice(entry.Start, entry.Length));
            else
                other.Put(entry);
        }
    }

    /// <summary>There is something in a namespace.</summary>
    public bool HasNamespace(string @namespace)
    {
        foreach (ref readonly var entry in _entries.AsSpan(0, _count))
        {
            if (entry.Namespace == @namespace) return true;
        }

        return false;
    }

    /// <summary>The value at a path of keys below a namespace; of kind None when there is none.</summary>
    public MetadataValue Find(string @namespace, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty || IndexOf(@namespace, path[0]) is not (>= 0 and var index)) return default;
        ref readonly var entry = ref _entries[index];
        if (entry.Tree is { } tree) return Walk(tree, path[1..]);
        return path.Length > 1 ? default : new MetadataValue
        {
            Kind = entry.Kind,
            Number = entry.Number,
            Bool = entry.Number != 0,
            Text = _texts.Written.Slice(entry.Start, entry.Length),
        };
    }

    /// <summary>The same as messages, for what prints or sends them; null when the namespace is empty. Allocates.</summary>
    public Struct? ToStruct(string @namespace)
    {
        Struct? result = null;
        foreach (ref readonly var entry in _entries.AsSpan(0, _count))
        {
            if (entry.Namespace == @namespace) (result ??= new Struct()).Fields[entry.Key] = ToValue(entry);
        }

        return result;
    }

    /// <summary>The namespaces that hold something, each once. Allocates.</summary>
    public IReadOnlyList<string> Namespaces()
    {
        var result = new List<string>();
        foreach (ref readonly var entry in _entries.AsSpan(0, _count))
        {
            if (!result.Contains(entry.Namespace)) result.Add(entry.Namespace);
        }

        return result;
    }

    public void Clear()
    {
        // Trees are of configurations that may be gone.
        _entries.AsSpan(0, _count).Clear();
        _count = 0;
        _texts.Clear();
    }

    private static MetadataKind KindOf(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.BoolValue => MetadataKind.Bool,
        Value.KindOneofCase.NumberValue => MetadataKind.Number,
        Value.KindOneofCase.StringValue => MetadataKind.Text,
        Value.KindOneofCase.ListValue => MetadataKind.List,
        Value.KindOneofCase.StructValue => MetadataKind.Struct,
        _ => MetadataKind.Null,
    };

    private Value ToValue(in Entry entry) => entry.Kind switch
    {
        _ when entry.Tree is { } tree => tree,
        MetadataKind.Text => Value.ForString(System.Text.Encoding.UTF8.GetString(_texts.Written.Slice(entry.Start, entry.Length))),
        MetadataKind.Bool => Value.ForBool(entry.Number != 0),
        _ => Value.ForNumber(entry.Number),
    };

    private void Put(in Entry entry)
    {
        var index = IndexOf(entry.Namespace, entry.Key);
        if (index < 0)
        {
            if (_count == _entries.Length) Array.Resize(ref _entries, Math.Max(4, _count * 2));
            index = _count++;
        }

        _entries[index] = entry;
    }

    private int IndexOf(string @namespace, string key)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].Key == key && _entries[i].Namespace == @namespace) return i;
        }

        return -1;
    }

    private MetadataValue Walk(Value value, ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            if (value.KindCase != Value.KindOneofCase.StructValue || !value.StructValue.Fields.TryGetValue(key, out var inner)) return default;
            value = inner;
        }

        _scratch.Clear();
        if (value.KindCase == Value.KindOneofCase.StringValue) _scratch.Write(value.StringValue);
        return new MetadataValue
        {
            Kind = KindOf(value),
            Number = value.KindCase == Value.KindOneofCase.NumberValue ? value.NumberValue : 0,
            Bool = value.KindCase == Value.KindOneofCase.BoolValue && value.BoolValue,
            Text = _scratch.Written,
            Tree = value,
        };
    }
}
