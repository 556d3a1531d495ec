namespace Weft.Proxy.Clusters;

/// <summary>
/// A cluster by name, made when configuration is compiled, whether or not the cluster exists (yet). Workers find their
/// live cluster by <see cref="Index"/>, without hashing a name on a request. Immutable.
/// </summary>
public sealed class ClusterReference
{
    public required string Name { get; init; }

    public required int Index { get; init; }
}
