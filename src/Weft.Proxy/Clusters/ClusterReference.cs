namespace Weft.Proxy.Clusters;

/// <summary>
/// A cluster by name, made when configuration is compiled, whether or not the cluster exists (yet). Workers find their
/// live cluster by <see cref="Index"/>, without hashing a name on a request.
/// </summary>
public sealed class ClusterReference
{
    public required string Name { get; init; }

    public required int Index { get; init; }

    /// <summary>Nothing but a request has asked for it: the index may later belong to another name. Set on the main thread.</summary>
    internal bool IsTemporary { get; set; }
}
