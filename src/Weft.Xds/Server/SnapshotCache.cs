using Envoy.Config.Core.V3;

namespace Weft.Xds.Server;

/// <summary>What every client is to have: a snapshot for each key, and which key a node has. One thread.</summary>
/// <param name="keyOf">The key of a node; by default its id.</param>
public sealed class SnapshotCache(Func<Node, string>? keyOf = null)
{
    private readonly Dictionary<string, Snapshot> _snapshots = new(StringComparer.Ordinal);
    private readonly Func<Node, string> _keyOf = keyOf ?? (static node => node.Id);

    /// <summary>What nodes have whose key has no snapshot of its own; <see cref="Snapshot.Empty"/>: they wait until there is one.</summary>
    public Snapshot Default { get; private set; } = Snapshot.Empty;

    /// <summary>A snapshot was set: sessions look again.</summary>
    public event Action? Changed;

    /// <summary>The view of one node.</summary>
    public Snapshot ViewOf(Node node) => _snapshots.GetValueOrDefault(_keyOf(node), Default);

    /// <summary>Replaces the view of one key; null: of all nodes that have none of their own.</summary>
    public void Set(string? key, Snapshot snapshot)
    {
        if (key is null)
            Default = snapshot;
        else
            _snapshots[key] = snapshot;
        Changed?.Invoke();
    }
}
