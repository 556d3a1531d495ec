using Weft.Proxy.Clusters.LoadBalancing.FullScan;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Endpoints that one picker chooses from: those of a priority, or of one of its localities, of one health. Immutable, shared by all workers.</summary>
internal sealed class PlannedSet
{
    private ScanTable? _scanTable;
    private bool _isScanned;

    public PlannedSet(Endpoint[] endpoints, bool isSlowStarting)
    {
        Endpoints = endpoints;
        IsWeighted = endpoints.Length > 1 && (isSlowStarting || !EdfScheduler.HaveEqualWeights(endpoints));
    }

    public Endpoint[] Endpoints { get; }

    /// <summary>Weights differ, or will while an endpoint starts slowly: turns must be scheduled.</summary>
    public bool IsWeighted { get; }

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

    /// <summary>A picker made for the other set does for this one.</summary>
    public bool IsSame(PlannedSet other) => ReferenceEquals(Endpoints, other.Endpoints) && IsWeighted == other.IsWeighted;
}
