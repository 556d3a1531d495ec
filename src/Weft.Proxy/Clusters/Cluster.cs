using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Clusters;

/// <summary>
/// A cluster's main-thread half: discovers its endpoints (static list, DNS), keeps endpoint objects that did not change, and
/// publishes a new <see cref="EndpointsSnapshot"/> after each change. Main thread; <see cref="Endpoints"/> any thread.
/// </summary>
public abstract class Cluster(ClusterConfig config) : IDisposable
{
    private readonly RetiredEndpoints _retired = new();
    private EndpointsSnapshot _endpoints = EndpointsSnapshot.Empty;
    private HashSet<Endpoint> _current = [];
    private Action? _onInitialized;

    public ClusterConfig Config { get; } = config;

    /// <summary>The newest snapshot; workers compare the reference to notice a change.</summary>
    public EndpointsSnapshot Endpoints => Volatile.Read(ref _endpoints);

    /// <summary>The first discovery has finished, whatever its outcome.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>Begins discovery; <paramref name="onInitialized"/> is called once (possibly from within this call).</summary>
    public void Start(Action onInitialized)
    {
        _onInitialized = onInitialized;
        Discover();
        if (!Config.WaitForWarmOnInit)
            MarkInitialized();
    }

    /// <summary>
    /// Called on the main thread after each published change, with the endpoints that are gone. Pools to them drain: idle
    /// connections close, those in use end with their request.
    /// </summary>
    public event Action<Cluster, IReadOnlyList<Endpoint>>? EndpointsChanged;

    /// <summary>Ends discovery. Its statistics live on: the cluster that replaces it may have the same name.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Begins discovery; calls <see cref="Publish"/> and <see cref="MarkInitialized"/>, now or later.</summary>
    protected abstract void Discover();

    /// <summary>Replaces the endpoints (in the order given), counts the change and tells who listens.</summary>
    protected void Publish(IReadOnlyList<Endpoint> endpoints)
    {
        var current = new HashSet<Endpoint>(endpoints);
        var removed = _current.Where(endpoint => !current.Contains(endpoint)).ToArray();
        var isChange = removed.Length > 0 || current.Count > _current.Count;
        _current = current;
        _retired.Add(removed);
        Volatile.Write(ref _endpoints, EndpointsSnapshot.Build(endpoints, Config.Assignment.OverprovisioningFactor, Config.Assignment.WeightedPriorityHealth));
        CountMembership(isChange);
        EndpointsChanged?.Invoke(this, removed);
    }

    /// <summary>The first discovery has finished; further calls do nothing.</summary>
    protected void MarkInitialized()
    {
        if (IsInitialized)
            return;
        IsInitialized = true;
        var callback = _onInitialized;
        _onInitialized = null;
        callback?.Invoke();
    }

    private void CountMembership(bool isChange)
    {
        var priorities = Endpoints.Priorities;
        var stats = Config.Stats;
        stats.MembershipTotal.Set(priorities.Sum(priority => priority.All.Length));
        stats.MembershipHealthy.Set(priorities.Sum(priority => priority.Healthy.Length));
        stats.MembershipDegraded.Set(priorities.Sum(priority => priority.Degraded.Length));
        stats.MembershipExcluded.Set(priorities.Sum(priority => priority.Excluded.Length));
        stats.MaxHostWeight.Set(priorities.SelectMany(priority => priority.All).Select(endpoint => (long)endpoint.Weight).DefaultIfEmpty(0).Max());
        if (isChange)
            stats.MembershipChange.Inc();
    }

    /// <summary>The cluster of a configuration's discovery type.</summary>
    public static Cluster Create(ClusterConfig config, FactoryContext context) => DiscoveryTypes.DiscoveryTypeRegistry.Create(config, context);
}
