using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.XdsClient.OnDemand;

/// <summary>One cluster that requests wait for, and that follows the management server once it is there. Main thread.</summary>
internal sealed class OnDemandCluster : IResourceWatcher, IDisposable
{
    private static readonly Logger Log = Logger.Get("upstream");

    private readonly string _name;
    private readonly ClusterManager _clusters;
    private readonly Action _forget;
    private readonly LoopTimer _timeout;
    private readonly List<OnDemandWait> _waiting = [];
    private Subscription? _subscription;
    private bool _isActive;

    /// <param name="scope">Of its subscription; it ends with this.</param>
    /// <param name="forget">Called when there is no such cluster (any more).</param>
    public OnDemandCluster(string name, ClusterManager clusters, EventLoop loop, StatsScope scope, Action forget)
    {
        (_name, _clusters, Stats, _forget) = (name, clusters, scope, forget);
        _timeout = new LoopTimer(loop, () => GiveUp($"on-demand discovery for cluster {_name} timed out"));
    }

    /// <summary>Of its subscription.</summary>
    public StatsScope Stats { get; }

    /// <summary>It is asked for by its name.</summary>
    public bool IsAsked => _subscription is not null;

    /// <summary>How long it may take until the cluster is there.</summary>
    public void LimitTime(long timeoutMs) => _timeout.Arm(timeoutMs);

    public void Start(Subscription subscription)
    {
        _subscription = subscription;
        subscription.Start();
    }

    /// <summary>There is no such cluster, for that reason: whoever waits hears it, and the next request may ask again.</summary>
    public void GiveUp(string reason)
    {
        Log.Info($"cm odcds: {reason}");
        _forget();
    }

    public void Add(OnDemandWait wait)
    {
        if (_isActive)
            wait.Complete(isFound: true);
        else
            _waiting.Add(wait);
    }

    /// <summary>The cluster takes requests now.</summary>
    public void OnActivated()
    {
        _isActive = true;
        _timeout.Cancel();
        Tell(isFound: true);
    }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        if (update.Find(_name) is { } resource)
            return Apply(resource);
        if (!update.Removed.Contains(_name))
            return null;
        _clusters.Remove(_name);
        GiveUp($"cluster {_name} not found during on-demand discovery");
        return null;
    }

    /// <summary>The time limit of the request says when nothing comes.</summary>
    public void OnNothing()
    {
    }

    public void Dispose()
    {
        _timeout.Cancel();
        _subscription?.Dispose();
        Stats.Dispose();
        Tell(isFound: false);
    }

    private string? Apply(DiscoveredResource resource)
    {
        var config = resource.NewContext();
        if (resource.As<ClusterMessage>(config) is { } cluster)
            _clusters.Update(cluster, resource.Version, config);
        if (!config.Findings.HasErrors)
            return null;
        var fault = $"Error adding/updating cluster(s) {_name}: {string.Join("; ", config.Findings.Errors)}";
        if (!_isActive)
            Tell(isFound: false);
        return fault;
    }

    private void Tell(bool isFound)
    {
        foreach (var wait in _waiting)
            wait.Complete(isFound);
        _waiting.Clear();
    }
}
