using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.FullScan;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>
/// A cluster's main-thread half: discovers its endpoints (static list, DNS), keeps endpoint objects that did not change, has
/// them watched, and publishes a new <see cref="EndpointsSnapshot"/> after each change. Main thread; <see cref="Endpoints"/> any thread.
/// </summary>
public abstract class Cluster(ClusterConfig config) : IDisposable
{
    private RetiredEndpoints? _retired;
    private readonly ActiveCounts? _activeCounts = config.LoadBalancing.IsFullScan ? new ActiveCounts() : null;
    private ClusterConfig _config = config;
    private EndpointsSnapshot _endpoints = EndpointsSnapshot.Empty;
    private LoadAssignment _assignment = config.Assignment;
    private IReadOnlyList<Endpoint> _published = [];
    private Action? _onInitialized;
    private MergedUpdates? _updates;
    private long _lastUpdateMs;
    private int _membership;
    private EndpointMonitors? _monitors;
    private NamedEndpoints? _named;
    private bool _isDiscovered;
    private bool _isDisposed;

    /// <summary>The settings in force; another object after a change in place. Any thread.</summary>
    public ClusterConfig Config => Volatile.Read(ref _config);

    /// <summary>The configuration as it came, with the newest endpoints. Main thread.</summary>
    internal WrittenMessage<Envoy.Config.Cluster.V3.Cluster> Written => Config.Written;

    /// <summary>Where the configuration came from. Main thread.</summary>
    public ResourceOrigin Origin { get; internal set; } = ResourceOrigin.Static(default);

    /// <summary>Of the cluster manager that has it; null without one. Main thread.</summary>
    internal ClusterManagerStats? ManagerStats { get; set; }

    /// <summary>What must be heard of before discovery begins (secrets); null: nothing.</summary>
    internal InitManager? Init { get; set; }

    /// <summary>The newest snapshot; workers compare the reference to notice a change.</summary>
    public EndpointsSnapshot Endpoints => Volatile.Read(ref _endpoints);

    /// <summary>The first discovery has finished, whatever its outcome, and what it found was checked once.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>For the admin interface; null without outlier detection. Main thread.</summary>
    internal OutlierDetection.OutlierDetector? OutlierDetector => _monitors?.Detector;

    /// <summary>Begins discovery; <paramref name="onInitialized"/> is called once (possibly from within this call).</summary>
    public void Start(Action onInitialized)
    {
        _onInitialized = onInitialized;
        if (Init is { } init)
            init.Start(Begin);
        else
            Begin();
    }

    private void Begin()
    {
        if (_isDisposed)
            return;
        Discover();
        if (!Config.WaitForWarmOnInit)
            FinishInitialization();
    }

    /// <summary>
    /// Called on the main thread after each published change, with the endpoints that are gone. Pools to them drain: idle
    /// connections close, those in use end with their request.
    /// </summary>
    public event Action<Cluster, IReadOnlyList<Endpoint>>? EndpointsChanged;

    /// <summary>
    /// Called on the main thread when an endpoint begins to fail its checks or is ejected, before the snapshot that shows it: connections to it drain.
    /// </summary>
    public event Action<Cluster, Endpoint>? EndpointFailed;

    /// <summary>
    /// Health flags of endpoints have changed: a snapshot follows at the end of the loop's turn, one for all calls of the
    /// turn. Membership does not change by it. Before the first round of checks is over nothing follows: what ends it shows them all. Main thread.
    /// </summary>
    public void OnHealthChanged()
    {
        if (_monitors is null || IsInitialized)
            (_updates ??= new MergedUpdates(Config.MainLoop, Config.UpdateMergeWindowMs, ManagerStats, PublishHealth) { LastMs = _lastUpdateMs }).Request();
    }

    /// <summary>Ends discovery of a cluster that is gone; connections to its endpoints live on until they have finished.</summary>
    internal void Retire()
    {
        Dispose();
        RetireEndpoints(_published);
        _published = [];
    }

    /// <summary>Whether nothing counts in the statistics of a retired cluster any more; ask again later while it is not so.</summary>
    internal bool HasFinished()
    {
        _retired?.Add([]);
        return _retired is null or { IsEmpty: true };
    }

    /// <summary>Ends discovery and checks. Its statistics live on: the cluster that replaces it may have the same name.</summary>
    public virtual void Dispose()
    {
        _isDisposed = true;
        _updates?.Cancel();
        _monitors?.Dispose();
        _named?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Takes a changed configuration over without another cluster: connections to endpoints that stay live on, and what is known of their health stays
    /// known. False when that cannot be, or it has faults, which are reported in the context. Main thread.
    /// </summary>
    internal bool TryUpdate(Envoy.Config.Cluster.V3.Cluster source, FactoryContext context)
    {
        if (!IsInitialized || context.Config.Findings.HasErrors)
            return false;
        var before = Written.Message;
        if (!ClusterChange.IsInPlace(before, source))
            return false;
        var former = Config;
        var next = ClusterConfig.Create(source, context, former);
        if (context.Config.Findings.HasErrors)
        {
            next.SettingsScope?.Dispose();
            return false;
        }

        Volatile.Write(ref _config, next);
        _monitors ??= new EndpointMonitors(this);
        _monitors.Change(former, context, _published);
        UpdateEndpoints(isReconfigured: !ClusterChange.IsOfEndpoints(before, source));
        former.SettingsScope?.Dispose();
        Written.Pack();
        return true;
    }

    /// <summary>The configuration has changed in place: publishes the endpoints anew.</summary>
    /// <param name="isReconfigured">More than the configured endpoints has changed.</param>
    private protected virtual void UpdateEndpoints(bool isReconfigured) => Publish(_monitors!.WithoutUnwatched(_published), isReconfigured: isReconfigured);

    /// <summary>Begins discovery; calls <see cref="Publish"/> and <see cref="MarkInitialized"/>, now or later.</summary>
    protected abstract void Discover();

    /// <summary>Replaces the endpoints (in the order given), counts the change and tells who listens.</summary>
    /// <param name="endpoints">An endpoint that stays is the same object as before.</param>
    /// <param name="assignment">New weights of localities and policy, where they are discovered; null: as before, at first those of the configuration.</param>
    /// <param name="isReconfigured">The configuration of the cluster has changed in place: what was derived by it from the last snapshot is not kept.</param>
    /// <param name="outlivesDiscovery">An endpoint that is gone stays as long as its checks pass.</param>
    protected void Publish(IReadOnlyList<Endpoint> endpoints, LoadAssignment? assignment = null, bool isReconfigured = false, bool outlivesDiscovery = true)
    {
        if (outlivesDiscovery)
            endpoints = _monitors?.WithKept(_published, endpoints) ?? endpoints;
        var removed = Without(_published, endpoints);
        var added = Without(endpoints, _published);
        foreach (var endpoint in removed)
            endpoint.IsRemoved = true;
        foreach (var endpoint in endpoints)
            endpoint.IsRemoved = false;
        Array.ForEach(added, endpoint => endpoint.ZoneCounts = Config.ZoneStats?.Find(endpoint.Zone));
        _monitors?.Prepare(added, removed);
        if (_activeCounts is not null)
            Array.ForEach(added, endpoint => endpoint.CountIn(_activeCounts));
        _published = endpoints;
        if (Config.NamesEndpoints)
            (_named ??= new NamedEndpoints(Config.StatsScope)).Update(endpoints);
        _assignment = assignment?.WithoutEndpoints() ?? _assignment;
        RetireEndpoints(removed);
        if (removed.Length > 0 || added.Length > 0)
            _membership++;
        PublishSnapshot(removed, isReconfigured);
        Config.Stats.MaxHostWeight.Set(endpoints.Select(static endpoint => (long)endpoint.Weight).DefaultIfEmpty(0).Max());
        if (removed.Length > 0 || added.Length > 0)
            Config.Stats.MembershipChange.Inc();
        _monitors?.Update(added, removed);
    }

    /// <summary>Endpoints that are gone live on with their connections; those of earlier calls that have none any more are given back.</summary>
    private void RetireEndpoints(IReadOnlyList<Endpoint> gone)
    {
        if (gone.Count > 0)
            _retired ??= new RetiredEndpoints();
        _retired?.Add(gone);
    }

    /// <summary>An endpoint that discovery had given up, and that lives on because its checks pass, is found again. Null when there is none.</summary>
    protected Endpoint? TakeBack(NetAddress address, string hostname) => _monitors is null ? null : EndpointMonitors.FindKept(_published, address, hostname);

    /// <summary>The first discovery has finished; further calls do nothing.</summary>
    protected void MarkInitialized()
    {
        _isDiscovered = true;
        FinishWhenChecked();
    }

    /// <summary>An endpoint has its first result, or is gone.</summary>
    internal void FinishWhenChecked()
    {
        if (_isDiscovered && !IsInitialized && (_monitors?.IsFirstRoundDone ?? true))
            FinishInitialization();
    }

    internal void OnEndpointFailed(Endpoint endpoint) => EndpointFailed?.Invoke(this, endpoint);

    private void FinishInitialization()
    {
        if (IsInitialized)
            return;
        IsInitialized = true;
        if (_monitors is not null)
            PublishSnapshot([]);
        var callback = _onInitialized;
        _onInitialized = null;
        callback?.Invoke();
    }

    /// <summary>What the balancers of all workers share. Main thread.</summary>
    private protected virtual BalancerPlan CreatePlan(EndpointsSnapshot endpoints, BalancerPlan? previous) => BalancerPlan.Create(Config, endpoints, previous);

    private void PublishHealth()
    {
        if (_isDisposed)
            return;
        if (_monitors?.WithoutDead(_published) is { } left)
            Publish(left);
        else
            PublishSnapshot([]);
    }

    private void PublishSnapshot(IReadOnlyList<Endpoint> removed, bool isReconfigured = false)
    {
        var previous = _endpoints;
        var endpoints = EndpointsSnapshot.Build(_published, _assignment, previous);
        endpoints.Membership = _membership;
        endpoints.DropOverload = Math.Min(_assignment.DropOverload, Config.Runtime.Current.GetInteger("load_balancing_policy.drop_overload_limit", 100) / 100.0);
        endpoints.DropCategory = _assignment.DropCategory;
        endpoints.Plan = CreatePlan(endpoints, isReconfigured ? null : previous.Plan);
        Volatile.Write(ref _endpoints, endpoints);
        CountMembership();
        if (Config.MainLoop is { } loop)
            _lastUpdateMs = loop.NowMs;
        _updates?.OnPublished();
        EndpointsChanged?.Invoke(this, removed);
    }

    /// <summary>Those endpoints that the others do not have.</summary>
    private static Endpoint[] Without(IReadOnlyList<Endpoint> endpoints, IReadOnlyList<Endpoint> others)
    {
        if (others.Count == 0)
            return [.. endpoints];
        var known = new HashSet<Endpoint>(others);
        return [.. endpoints.Where(endpoint => !known.Contains(endpoint))];
    }

    private void CountMembership()
    {
        var priorities = Endpoints.Priorities;
        var stats = Config.Stats;
        stats.MembershipTotal.Set(priorities.Sum(priority => priority.All.Length));
        stats.MembershipHealthy.Set(priorities.Sum(priority => priority.Healthy.Length));
        stats.MembershipDegraded.Set(priorities.Sum(priority => priority.Degraded.Length));
        stats.MembershipExcluded.Set(priorities.Sum(priority => priority.Excluded.Length));
    }

    /// <summary>The cluster of a configuration's discovery type.</summary>
    public static Cluster Create(ClusterConfig config, FactoryContext context)
    {
        var cluster = DiscoveryTypes.DiscoveryTypeRegistry.Create(config, context);
        cluster._monitors = EndpointMonitors.Create(cluster, context);
        return cluster;
    }
}
