using Weft.Base.Logging;
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

    /// <param name="forget">Called when there is no such cluster (any more).</param>
    public OnDemandCluster(string name, ClusterManager clusters, EventLoop loop, Action forget)
    {
        (_name, _clusters, _forget) = (name, clusters, forget);
        _timeout = new LoopTimer(loop, () => GiveUp($"on-demand discovery for cluster {_name} timed out"));
    }

    public void Start(Subscription subscription, long timeoutMs)
    {
        _timeout.Arm(timeoutMs);
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
