using System.Text;

namespace Weft.Proxy.Clusters;

/// <summary>All endpoints of a cluster at one moment, by priority (0 first). Immutable; swapped by reference; built once by the main thread and shared by all workers.</summary>
public sealed class EndpointsSnapshot
{
    public static readonly EndpointsSnapshot Empty = new([]);

    private const int MaxAddressText = 128;

    private Dictionary<string, Endpoint>? _byAddress;
    private IEnumerable<Endpoint>? _listed;

    public EndpointsSnapshot(IReadOnlyList<EndpointsOfPriority> priorities) => Priorities = priorities;

    public IReadOnlyList<EndpointsOfPriority> Priorities { get; }

    /// <summary>Percent of its share that a priority is trusted to carry (ClusterLoadAssignment.policy.overprovisioning_factor). Default 140.</summary>
    public uint OverprovisioningFactor { get; init; } = 140;

    /// <summary>A priority's health counts weights rather than endpoints (policy.weighted_priority_health). Default false.</summary>
    public bool WeightedPriorityHealth { get; init; }

    /// <summary>The share of requests that are refused before an endpoint is picked (policy.drop_overloads). Default 0.</summary>
    public double DropOverload { get; internal set; }

    /// <summary>What those requests are called (category). Default "".</summary>
    public string DropCategory { get; internal set; } = "";

    /// <summary>Another number with each endpoint that comes or goes.</summary>
    public int Membership { get; internal set; }

    /// <summary>The endpoint of an address as text; null when there is none. The first call makes the index. Any thread.</summary>
    public Endpoint? Find(ReadOnlySpan<byte> address)
    {
        Span<char> text = stackalloc char[MaxAddressText];
        if (address.Length > text.Length)
            return null;
        var length = Encoding.UTF8.GetChars(address, text);
        var index = Volatile.Read(ref _byAddress);
        if (index is null)
            Volatile.Write(ref _byAddress, index = Index());
        return index.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var endpoint) ? endpoint : null;
    }

    /// <summary>What the balancers of all workers share; null in a snapshot that no cluster has published.</summary>
    public LoadBalancing.BalancerPlan? Plan { get; internal set; }

    private Dictionary<string, Endpoint> Index()
    {
        var index = new Dictionary<string, Endpoint>(StringComparer.Ordinal);
        foreach (var priority in Priorities)
        {
            foreach (var endpoint in priority.All)
                index.TryAdd(endpoint.AddressText, endpoint);
        }
        return index;
    }

    /// <summary>Sorts endpoints by their priority and their health as it is now; localities have no weights.</summary>
    public static EndpointsSnapshot Build(IEnumerable<Endpoint> endpoints, uint overprovisioningFactor = 140, bool weightedPriorityHealth = false) =>
        Build(endpoints, new LoadAssignment { OverprovisioningFactor = overprovisioningFactor, WeightedPriorityHealth = weightedPriorityHealth }, Empty);

    /// <summary>Sorts endpoints by priority, locality and their health as it is now.</summary>
    /// <param name="endpoints">In the order in which they take turns. The same object as before says that none came or went.</param>
    /// <param name="assignment">The weights of localities and the policy; its endpoints do not count.</param>
    /// <param name="previous">Lists that did not change are taken over from it, so that who derived something from them can tell.</param>
    public static EndpointsSnapshot Build(IEnumerable<Endpoint> endpoints, LoadAssignment assignment, EndpointsSnapshot previous)
    {
        var byPriority = ReferenceEquals(endpoints, previous._listed) ? [.. previous.Priorities.Select(static priority => priority.All)] : ByPriority(endpoints);
        var priorities = new EndpointsOfPriority[byPriority.Length];
        for (var i = 0; i < priorities.Length; i++)
            priorities[i] = EndpointsOfPriority.Of(byPriority[i], assignment.LocalityWeightsOf(i), i < previous.Priorities.Count ? previous.Priorities[i] : null);
        return new EndpointsSnapshot(priorities)
        {
            OverprovisioningFactor = assignment.OverprovisioningFactor,
            WeightedPriorityHealth = assignment.WeightedPriorityHealth,
            _listed = endpoints,
        };
    }

    private static Endpoint[][] ByPriority(IEnumerable<Endpoint> endpoints)
    {
        var byPriority = new List<List<Endpoint>>();
        foreach (var endpoint in endpoints)
        {
            while (byPriority.Count <= endpoint.Priority)
                byPriority.Add([]);
            byPriority[endpoint.Priority].Add(endpoint);
        }

        return [.. byPriority.Select(static list => list.ToArray())];
    }
}
