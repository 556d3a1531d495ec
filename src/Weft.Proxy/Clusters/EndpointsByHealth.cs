namespace Weft.Proxy.Clusters;

/// <summary>
/// Some endpoints; healthy ones apart, for load balancers. Immutable. An array that is the same object as in the snapshot before holds the same
/// endpoints with the same weights and metadata, so that what was derived from it still holds.
/// </summary>
public class EndpointsByHealth
{
    private readonly EndpointState[] _states;

    /// <param name="all">In the order in which they take turns.</param>
    /// <param name="states">What each of them is like.</param>
    /// <param name="previous">Lists that did not change are taken over from it.</param>
    private protected EndpointsByHealth(Endpoint[] all, EndpointState[] states, EndpointsByHealth? previous)
    {
        _states = states;
        if (previous is not null && !ReferenceEquals(all, previous.All))
            previous = null;
        if (previous is not null && EndpointState.AreReconfigured(previous._states, states))
            (all, previous) = ([.. all], null);
        All = all;
        Healthy = With(EndpointHealth.Healthy, previous?.Healthy);
        Degraded = With(EndpointHealth.Degraded, previous?.Degraded);
        Excluded = Select(static state => state.IsExcluded, previous?.Excluded);
    }

    /// <summary>The same ones.</summary>
    private protected EndpointsByHealth(EndpointsByHealth other)
    {
        _states = other._states;
        (All, Healthy, Degraded, Excluded) = (other.All, other.Healthy, other.Degraded, other.Excluded);
    }

    public Endpoint[] All { get; }

    public Endpoint[] Healthy { get; }

    public Endpoint[] Degraded { get; }

    /// <summary>Endpoints that count neither as healthy nor as failed: <see cref="EndpointHealthFlags.PendingActiveHc"/>, <see cref="EndpointHealthFlags.ExcludedViaImmediateHcFail"/>.</summary>
    public Endpoint[] Excluded { get; }

    /// <summary>Nothing is to be told from one another that was not before.</summary>
    private protected bool Shows(Endpoint[] all, EndpointState[] states) => ReferenceEquals(all, All) && states.AsSpan().SequenceEqual(_states);

    private protected static EndpointState[] StatesOf(Endpoint[] all) => Array.ConvertAll(all, EndpointState.Of);

    /// <summary>The array of <paramref name="before"/> when it holds the same endpoints.</summary>
    internal static Endpoint[] Keep(Endpoint[] now, Endpoint[]? before) => before is not null && (ReferenceEquals(now, before) || now.AsSpan().SequenceEqual(before)) ? before : now;

    private Endpoint[] With(EndpointHealth health, Endpoint[]? before) => Select(state => state.Health == health, before);

    private Endpoint[] Select(Func<EndpointState, bool> isMeant, Endpoint[]? before)
    {
        var count = _states.Count(isMeant);
        if (count == 0)
            return [];
        if (count == All.Length)
            return All;
        var selected = new Endpoint[count];
        var next = 0;
        for (var i = 0; i < All.Length; i++)
        {
            if (isMeant(_states[i]))
                selected[next++] = All[i];
        }

        return Keep(selected, before);
    }
}

/// <summary>What a snapshot shows of an endpoint: its health, and by a number its weight and its metadata.</summary>
internal readonly record struct EndpointState(EndpointHealth Health, bool IsExcluded, int Revision)
{
    private const EndpointHealthFlags NeitherHealthyNorFailed = EndpointHealthFlags.PendingActiveHc | EndpointHealthFlags.ExcludedViaImmediateHcFail;

    public static EndpointState Of(Endpoint endpoint)
    {
        var flags = endpoint.HealthFlags;
        return new EndpointState(flags.ToHealth(), (flags & NeitherHealthyNorFailed) != 0, endpoint.Revision);
    }

    /// <summary>One has another weight or other metadata than before.</summary>
    public static bool AreReconfigured(EndpointState[] before, EndpointState[] now)
    {
        for (var i = 0; i < now.Length; i++)
        {
            if (now[i].Revision != before[i].Revision)
                return true;
        }

        return false;
    }
}

/// <summary>The endpoints of one priority.</summary>
public sealed class EndpointsOfPriority : EndpointsByHealth
{
    private EndpointsOfPriority(Endpoint[] all, EndpointState[] states, IReadOnlyDictionary<EndpointLocality, uint> weights, EndpointsOfPriority? previous)
        : base(all, states, previous) => Localities = EndpointsOfLocality.Of(this, all, weights, previous);

    /// <summary>The same endpoints by locality, in the order of region, zone and sub-zone.</summary>
    public EndpointsOfLocality[] Localities { get; }

    /// <param name="endpoints">In the order in which they take turns.</param>
    /// <param name="weights">Of localities; those without are left out.</param>
    /// <param name="previous">The priority before: itself when nothing has changed, else what did not change of it.</param>
    internal static EndpointsOfPriority Of(Endpoint[] endpoints, IReadOnlyDictionary<EndpointLocality, uint> weights, EndpointsOfPriority? previous)
    {
        var all = Keep(endpoints, previous?.All);
        var states = StatesOf(all);
        return previous is not null && previous.Shows(all, states) && Array.TrueForAll(previous.Localities, locality => locality.Weight == weights.GetValueOrDefault(locality.Locality))
            ? previous
            : new EndpointsOfPriority(all, states, weights, previous);
    }
}

/// <summary>The endpoints of one priority in one locality.</summary>
public sealed class EndpointsOfLocality : EndpointsByHealth
{
    private EndpointsOfLocality(EndpointLocality locality, uint weight, EndpointsByHealth all) : base(all) => (Locality, Weight) = (locality, weight);

    private EndpointsOfLocality(EndpointLocality locality, uint weight, Endpoint[] all, EndpointState[] states, EndpointsOfLocality? previous)
        : base(all, states, previous) => (Locality, Weight) = (locality, weight);

    public EndpointLocality Locality { get; }

    /// <summary>load_balancing_weight of the locality; 0: none given.</summary>
    public uint Weight { get; }

    /// <param name="priority">Whose localities they are.</param>
    /// <param name="endpoints">Of the priority; the array of <paramref name="previous"/> when they are the same.</param>
    internal static EndpointsOfLocality[] Of(EndpointsOfPriority priority, Endpoint[] endpoints, IReadOnlyDictionary<EndpointLocality, uint> weights, EndpointsOfPriority? previous)
    {
        var isKnown = previous is not null && ReferenceEquals(endpoints, previous.All);
        if (isKnown && previous!.Localities is [{ Locality: var only }])
            return [new EndpointsOfLocality(only, weights.GetValueOrDefault(only), priority)];
        // Only health has changed: who is where need not be worked out again.
        if (isKnown)
            return Array.ConvertAll(previous!.Localities, before => Of(before.Locality, before.All, weights.GetValueOrDefault(before.Locality), before));
        var byLocality = new Dictionary<EndpointLocality, List<Endpoint>>();
        foreach (var endpoint in endpoints)
        {
            var locality = endpoint.Locality;
            if (!byLocality.TryGetValue(locality, out var list))
                byLocality.Add(locality, list = []);
            list.Add(endpoint);
        }

        if (byLocality.Count == 1)
            return [new EndpointsOfLocality(endpoints[0].Locality, weights.GetValueOrDefault(endpoints[0].Locality), priority)];
        var localities = new EndpointsOfLocality[byLocality.Count];
        var i = 0;
        foreach (var (locality, list) in byLocality.OrderBy(static pair => pair.Key, EndpointLocality.Order))
        {
            var before = previous is null ? null : Array.Find(previous.Localities, before => before.Locality == locality);
            localities[i++] = Of(locality, Keep([.. list], before?.All), weights.GetValueOrDefault(locality), before);
        }

        return localities;
    }

    private static EndpointsOfLocality Of(EndpointLocality locality, Endpoint[] all, uint weight, EndpointsOfLocality? previous)
    {
        var states = StatesOf(all);
        return previous is not null && previous.Weight == weight && previous.Shows(all, states) ? previous : new EndpointsOfLocality(locality, weight, all, states, previous);
    }
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
