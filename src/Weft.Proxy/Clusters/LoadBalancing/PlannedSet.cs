using Weft.Proxy.Clusters.LoadBalancing.FullScan;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Endpoints that one picker chooses from: those of a priority, or of one of its localities, of one health. Immutable, shared by all workers.</summary>
internal sealed class PlannedSet
{
    private static readonly PlannedSet s_empty = new([], isSlowStarting: false, hasEqualWeights: true);

    private ScanTable? _scanTable;
    private bool _isScanned;

    private readonly bool _isSlowStarting;

    private PlannedSet(Endpoint[] endpoints, bool isSlowStarting, bool hasEqualWeights)
    {
        Endpoints = endpoints;
        HasEqualWeights = hasEqualWeights;
        _isSlowStarting = isSlowStarting;
    }

    /// <summary>The set of some endpoints.</summary>
    /// <param name="endpoints">The same array as before: neither endpoints nor weights have changed.</param>
    /// <param name="whole">A set that they are part of; null when they are all.</param>
    /// <param name="previous">The set in that place before: itself when nothing has changed.</param>
    public static PlannedSet Of(Endpoint[] endpoints, bool isSlowStarting, PlannedSet? whole, PlannedSet? previous) =>
        previous is not null && ReferenceEquals(endpoints, previous.Endpoints) && isSlowStarting == previous._isSlowStarting
            ? previous
            : endpoints.Length == 0 && !isSlowStarting ? s_empty
            : whole is not null && ReferenceEquals(endpoints, whole.Endpoints) && isSlowStarting == whole._isSlowStarting ? whole
            : new PlannedSet(endpoints, isSlowStarting, whole is { HasEqualWeights: true } || HaveEqualWeights(endpoints));

    public Endpoint[] Endpoints { get; }

    public bool HasEqualWeights { get; }

    /// <summary>Weights differ, or will while an endpoint starts slowly: turns must be scheduled.</summary>
    public bool IsWeighted => Endpoints.Length > 1 && (_isSlowStarting || !HasEqualWeights);

    /// <summary>For who compares all; null when they are better compared one by one. The first call makes it. Any thread.</summary>
    public ScanTable? ScanTable
    {
        get
        {
            if (!Volatile.Read(ref _isScanned))
            {
                // Two threads may both make one; the first counts.
                Interlocked.CompareExchange(ref _scanTable, FullScan.ScanTable.Of(Endpoints), null);
                Volatile.Write(ref _isScanned, true);
            }

            return _scanTable;
        }
    }

    private static bool HaveEqualWeights(Endpoint[] endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Weight != endpoints[0].Weight)
                return false;
        }

        return true;
    }
}
