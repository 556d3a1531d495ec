using Weft.Proxy.Clusters.LoadBalancing.FullScan;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Endpoints that one picker chooses from: those of a priority, or of one of its localities, of one health. Immutable, shared by all workers.</summary>
internal sealed class PlannedSet
{
    private readonly Lazy<ScanTable?> _scanTable;

    public PlannedSet(Endpoint[] endpoints, bool isSlowStarting)
    {
        Endpoints = endpoints;
        _scanTable = new Lazy<ScanTable?>(() => ScanTable.Of(endpoints), LazyThreadSafetyMode.PublicationOnly);
        IsWeighted = endpoints.Length > 1 && (isSlowStarting || !EdfScheduler.HaveEqualWeights(endpoints));
    }

    public Endpoint[] Endpoints { get; }

    /// <summary>Weights differ, or will while an endpoint starts slowly: turns must be scheduled.</summary>
    public bool IsWeighted { get; }

    /// <summary>For who compares all; null when they are better compared one by one. The first call makes it. Any thread.</summary>
    public ScanTable? ScanTable => _scanTable.Value;

    /// <summary>A picker made for the other set does for this one.</summary>
    public bool IsSame(PlannedSet other) => ReferenceEquals(Endpoints, other.Endpoints) && IsWeighted == other.IsWeighted;
}
