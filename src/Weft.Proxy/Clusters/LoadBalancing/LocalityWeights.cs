using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// Locality-weighted load balancing: the weights by which localities share the requests of a priority. A locality keeps its
/// weight while its share of usable endpoints times the overprovisioning factor is at least 1. Immutable.
/// </summary>
internal sealed class LocalityWeights
{
    private LocalityWeights(int[] localities, double[] weights)
    {
        Localities = localities;
        Weights = weights;
    }

    /// <summary>The indexes of the localities that have any weight.</summary>
    public int[] Localities { get; }

    /// <summary>Above 0, by index into <see cref="Localities"/>.</summary>
    public double[] Weights { get; }

    /// <summary>Null when no locality has any weight.</summary>
    /// <param name="usable">How many endpoints of a locality can be used.</param>
    public static LocalityWeights? Of(EndpointsOfLocality[] localities, Func<EndpointsOfLocality, int> usable, uint overprovisioningFactor)
    {
        var indexes = new List<int>();
        var weights = new List<double>();
        for (var i = 0; i < localities.Length; i++)
        {
            var weight = Effective(localities[i], usable(localities[i]), overprovisioningFactor);
            if (weight <= 0)
                continue;
            indexes.Add(i);
            weights.Add(weight);
        }
        return indexes.Count == 0 ? null : new LocalityWeights([.. indexes], [.. weights]);
    }

    /// <summary>The localities, by their indexes here, take turns by their weights.</summary>
    public EdfScheduler<int> CreateScheduler(RandomSource random)
    {
        var scheduler = new EdfScheduler<int>(random);
        for (var i = 0; i < Weights.Length; i++)
            scheduler.Add(i, Weights[i]);
        return scheduler;
    }

    private static double Effective(EndpointsOfLocality locality, int usable, uint overprovisioningFactor)
    {
        var count = locality.All.Length - locality.Excluded.Length;
        return count == 0 ? 0 : locality.Weight * Math.Min(1.0, overprovisioningFactor / 100.0 * usable / count);
    }
}
