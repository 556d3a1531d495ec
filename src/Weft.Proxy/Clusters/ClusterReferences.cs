using System.Collections.Concurrent;
using System.Text;

namespace Weft.Proxy.Clusters;

/// <summary>Gives one <see cref="ClusterReference"/> per name. Main thread, except <see cref="Find"/>.</summary>
public sealed class ClusterReferences
{
    private const int MaxNameBytesOnStack = 256;

    private readonly ConcurrentDictionary<string, ClusterReference> _byName = new(StringComparer.Ordinal);
    private readonly Stack<int> _free = new();
    private int _next;

    public ClusterReference Get(string name)
    {
        var reference = Take(name);
        reference.IsTemporary = false;
        return reference;
    }

    /// <summary>The reference of a cluster that requests bring about: its index is used again after <see cref="Release"/>, unless configuration names it too.</summary>
    internal ClusterReference Take(string name)
    {
        if (!_byName.TryGetValue(name, out var reference))
            _byName[name] = reference = new ClusterReference { Name = name, Index = _free.TryPop(out var index) ? index : _next++, IsTemporary = true };
        return reference;
    }

    /// <summary>Gives back what <see cref="Take"/> gave, once workers were told that the cluster is gone.</summary>
    internal void Release(ClusterReference reference)
    {
        if (reference.IsTemporary && _byName.TryRemove(reference.Name, out _))
            _free.Push(reference.Index);
    }

    /// <summary>The reference of a received name (cluster_header); null when nothing of that name was ever configured. Any thread, without a lock; allocates only for names beyond 256 bytes.</summary>
    public ClusterReference? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = name.Length <= MaxNameBytesOnStack ? stackalloc char[MaxNameBytesOnStack] : new char[name.Length];
        var length = Encoding.UTF8.GetChars(name, text);
        return _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var reference) && !reference.IsTemporary ? reference : null;
    }
}
