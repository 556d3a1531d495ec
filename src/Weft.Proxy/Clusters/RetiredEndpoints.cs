namespace Weft.Proxy.Clusters;

/// <summary>
/// Endpoints that are gone while connections to them may live on: their statistics are given back once nothing counts in
/// them any more, so that a name whose addresses change all day does not pile them up. Main thread.
/// </summary>
internal sealed class RetiredEndpoints
{
    private List<Endpoint>? _draining;
    private List<Endpoint>? _quiet;

    public bool IsEmpty => _draining is null && _quiet is null;

    /// <summary>Adds endpoints, and gives back those without connections and requests both at the last call and now.</summary>
    public void Add(IReadOnlyList<Endpoint> removed)
    {
        if (removed.Count == 0 && IsEmpty)
            return;
        var quiet = new List<Endpoint>();
        var draining = new List<Endpoint>(removed);
        foreach (var endpoint in _quiet ?? [])
        {
            if (IsQuiet(endpoint))
                endpoint.Release();
            else
                draining.Add(endpoint);
        }
        foreach (var endpoint in _draining ?? [])
            (IsQuiet(endpoint) ? quiet : draining).Add(endpoint);
        _quiet = quiet.Count == 0 ? null : quiet;
        _draining = draining.Count == 0 ? null : draining;
    }

    private static bool IsQuiet(Endpoint endpoint) => endpoint.Stats.CxActive.Value == 0 && Volatile.Read(ref endpoint.ActiveRequests) == 0;
}
