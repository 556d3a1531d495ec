namespace Weft.Proxy.Clusters.OutlierDetection;

/// <summary>What the success rates of a cluster's endpoints say together.</summary>
/// <param name="Average">Their mean in percent; -1: too few endpoints with enough requests.</param>
/// <param name="Ejection">Below this an endpoint is an outlier; -1 likewise.</param>
internal readonly record struct SuccessRateThreshold(double Average, double Ejection)
{
    public static readonly SuccessRateThreshold None = new(-1, -1);

    /// <summary>The mean less a number of standard deviations (of the whole population).</summary>
    public static SuccessRateThreshold Of(IReadOnlyCollection<double> rates, double stdevFactor)
    {
        var mean = rates.Average();
        var variance = rates.Average(rate => (rate - mean) * (rate - mean));
        return new SuccessRateThreshold(mean, mean - (stdevFactor * Math.Sqrt(variance)));
    }
}
