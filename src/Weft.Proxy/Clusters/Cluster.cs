using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Clusters;

/// <summary>
/// A cluster's main-thread half: discovers its endpoints (static list, DNS), keeps endpoint objects that did not change, and
/// publishes a new <see cref="EndpointsSnapshot"/> after each change. Main thread; <see cref="Endpoints"/> any thread.
/// </summary>
public abstract class Cluster(ClusterConfig config) : IDisposable
{
    private EndpointsSnapshot _endpoints = EndpointsSnapshot.Empty;

    public ClusterConfig Config { get; } = config;

    /// <summary>The newest snapshot; workers compare the reference to notice a change.</summary>
    public EndpointsSnapshot Endpoints => Volatile.Read(ref _endpoints);

    /// <summary>The first discovery has finished, whatever its outcome.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>Begins discovery; <paramref name="onInitialized"/> is called once (possibly from within this call).</summary>
    public abstract void Start(Action onInitialized);

    /// <summary>Called on the main thread after each published change, with the endpoints that are gone (pools to them drain).</summary>
    public event Action<Cluster, IReadOnlyList<Endpoint>>? EndpointsChanged;

    public abstract void Dispose();

    /// <summary>Publishes a snapshot and tells who listens.</summary>
    protected void Publish(EndpointsSnapshot snapshot, IReadOnlyList<Endpoint> removed)
    {
        Volatile.Write(ref _endpoints, snapshot);
        EndpointsChanged?.Invoke(this, removed);
    }

    protected void MarkInitialized() => IsInitialized = true;

    /// <summary>The cluster of a configuration's discovery type.</summary>
    public static Cluster Create(ClusterConfig config, FactoryContext context) => throw new NotImplementedException();
}
