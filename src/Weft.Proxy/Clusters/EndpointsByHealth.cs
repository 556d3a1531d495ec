namespace Weft.Proxy.Clusters;

/// <summary>Some endpoints; healthy ones apart, for load balancers. Immutable.</summary>
public class EndpointsByHealth
{
    private const EndpointHealthFlags NeitherHealthyNorFailed = EndpointHealthFlags.PendingActiveHc | EndpointHealthFlags.ExcludedViaImmediateHcFail;

    public required Endpoint[] All { get; init; }

    public required Endpoint[] Healthy { get; init; }

    public required Endpoint[] Degraded { get; init; }

    /// <summary>Endpoints that count neither as healthy nor as failed: <see cref="EndpointHealthFlags.PendingActiveHc"/>, <see cref="EndpointHealthFlags.ExcludedViaImmediateHcFail"/>.</summary>
    public Endpoint[] Excluded { get; init; } = [];

    /// <summary>The endpoints of one health, or those that count as excluded; the array of <paramref name="before"/> when it holds the same ones.</summary>
    private protected static Endpoint[] Keep(Endpoint[] now, Endpoint[]? before) =>
        before is not null && now.AsSpan().SequenceEqual(before) ? before : now;

    private protected static Endpoint[] With(Endpoint[] all, EndpointHealth health, Endpoint[]? before) =>
        Keep(Array.FindAll(all, endpoint => endpoint.Health == health), before);

    private protected static Endpoint[] WithExclusion(Endpoint[] all, Endpoint[]? before) =>
        Keep(Array.FindAll(all, static endpoint => (endpoint.HealthFlags & NeitherHealthyNorFailed) != 0), before);
}

/// <summary>The endpoints of one priority.</summary>
public sealed class EndpointsOfPriority : EndpointsByHealth
{
    /// <summary>The same endpoints by locality, in the order of region, zone and sub-zone.</summary>
    public EndpointsOfLocality[] Localities { get; init; } = [];

    internal static EndpointsOfPriority Of(List<Endpoint> endpoints, IReadOnlyDictionary<EndpointLocality, uint> weights, EndpointsOfPriority? previous)
    {
        var all = Keep([.. endpoints], previous?.All);
        return new EndpointsOfPriority
        {
            All = all,
            Healthy = With(all, EndpointHealth.Healthy, previous?.Healthy),
            Degraded = With(all, EndpointHealth.Degraded, previous?.Degraded),
            Excluded = WithExclusion(all, previous?.Excluded),
            Localities = EndpointsOfLocality.Of(all, weights, previous),
        };
    }
}

/// <summary>The endpoints of one priority in one locality.</summary>
public sealed class EndpointsOfLocality : EndpointsByHealth
{
    public required EndpointLocality Locality { get; init; }

    /// <summary>load_balancing_weight of the locality; 0: none given.</summary>
    public uint Weight { get; init; }

    internal static EndpointsOfLocality[] Of(Endpoint[] endpoints, IReadOnlyDictionary<EndpointLocality, uint> weights, EndpointsOfPriority? previous)
    {
        // Only health has changed: who is where need not be worked out again.
        if (previous is not null && ReferenceEquals(endpoints, previous.All))
            return Array.ConvertAll(previous.Localities, before => Of(before.Locality, before.All, weights.GetValueOrDefault(before.Locality), before));
        var byLocality = new Dictionary<EndpointLocality, List<Endpoint>>();
        foreach (var endpoint in endpoints)
        {
            var locality = endpoint.Locality;
            if (!byLocality.TryGetValue(locality, out var list))
                byLocality.Add(locality, list = []);
            list.Add(endpoint);
        }
        var localities = new EndpointsOfLocality[byLocality.Count];
        var i = 0;
        foreach (var (locality, list) in byLocality.OrderBy(static pair => pair.Key, EndpointLocality.Order))
        {
            var before = previous is null ? null : Array.Find(previous.Localities, before => before.Locality == locality);
            localities[i++] = Of(locality, Keep([.. list], before?.All), weights.GetValueOrDefault(locality), before);
        }
        return localities;
    }

    private static EndpointsOfLocality Of(EndpointLocality locality, Endpoint[] all, uint weight, EndpointsOfLocality? previous) => new()
    {
        Locality = locality,
        Weight = weight,
        All = all,
        Healthy = With(all, EndpointHealth.Healthy, previous?.Healthy),
        Degraded = With(all, EndpointHealth.Degraded, previous?.Degraded),
        Excluded = WithExclusion(all, previous?.Excluded),
    };
}

/// <summary>Where endpoints are; all parts "" when nothing is said.</summary>
public readonly record struct EndpointLocality(string Region, string Zone, string SubZone)
{
    /// <summary>By region, zone, sub-zone.</summary>
    internal static readonly Comparer<EndpointLocality> Order = Comparer<EndpointLocality>.Create(Compare);

    public bool IsEmpty => Region.Length == 0 && Zone.Length == 0 && SubZone.Length == 0;

    private static int Compare(EndpointLocality one, EndpointLocality other)
    {
        var order = string.CompareOrdinal(one.Region, other.Region);
        if (order == 0)
            order = string.CompareOrdinal(one.Zone, other.Zone);
        return order != 0 ? order : string.CompareOrdinal(one.SubZone, other.SubZone);
    }
}
