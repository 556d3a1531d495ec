namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>Finds the endpoint of a hash. Immutable, shared by all workers.</summary>
internal abstract class HashTable
{
    /// <param name="hash">Of the request.</param>
    /// <param name="attempt">0, then 1, 2 ... for the endpoints that come next when one is not wanted; not always another one.</param>
    /// <returns>Null when there are no endpoints.</returns>
    public abstract Endpoint? Find(ulong hash, int attempt);
}
