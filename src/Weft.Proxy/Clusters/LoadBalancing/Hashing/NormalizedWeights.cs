namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>The endpoints that a table is made of, with weights that add up to 1. Immutable.</summary>
internal sealed class NormalizedWeights
{
    private readonly List<Endpoint> _endpoints = [];
    private readonly List<double> _weights = [];

    private NormalizedWeights()
    {
    }

    /// <summary>The endpoints of a priority that count now: all of them in panic, else the healthy ones, else the degraded ones.</summary>
    public static NormalizedWeights Of(EndpointsOfPriority priority, bool isPanic, bool byLocality)
    {
        var normalized = new NormalizedWeights();
        if (byLocality && Array.Exists(priority.Localities, locality => locality.Weight > 0))
            normalized.AddLocalities(priority, isPanic);
        else
            normalized.Add(Usable(priority, isPanic, onlyDegraded: priority.Healthy.Length == 0), 1.0);
        return normalized;
    }

    public int Count => _endpoints.Count;

    public IReadOnlyList<Endpoint> Endpoints => _endpoints;

    public IReadOnlyList<double> Weights => _weights;

    /// <summary>At most 1.</summary>
    public double Min { get; private set; } = 1.0;

    public double Max { get; private set; }

    private static Endpoint[] Usable(EndpointsByHealth endpoints, bool isPanic, bool onlyDegraded) =>
        isPanic ? endpoints.All : onlyDegraded ? endpoints.Degraded : endpoints.Healthy;

    /// <summary>A locality without a weight gets no requests.</summary>
    private void AddLocalities(EndpointsOfPriority priority, bool isPanic)
    {
        var total = priority.Localities.Sum(locality => (double)locality.Weight);
        foreach (var locality in priority.Localities)
        {
            if (locality.Weight > 0)
                Add(Usable(locality, isPanic, onlyDegraded: priority.Healthy.Length == 0), locality.Weight / total);
        }
    }

    private void Add(Endpoint[] endpoints, double share)
    {
        var total = 0UL;
        foreach (var endpoint in endpoints)
            total += endpoint.Weight;
        foreach (var endpoint in endpoints)
        {
            var weight = endpoint.Weight * share / total;
            _endpoints.Add(endpoint);
            _weights.Add(weight);
            Min = Math.Min(Min, weight);
            Max = Math.Max(Max, weight);
        }
    }
}
