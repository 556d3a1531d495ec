using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.LoadBalancing;

namespace Weft.Proxy.Clusters.DiscoveryTypes.OriginalDst;

/// <summary>
/// ORIGINAL_DST: an endpoint for each address that clients were on their way to. Workers make one when they need it and tell
/// the main thread, which makes it known to all and forgets it when it is no longer used.
/// </summary>
internal sealed class OriginalDstCluster : Cluster, ITurnEndWork
{
    private readonly StatsStore _stats;
    private readonly EventLoop _loop;
    private readonly LoopTimer _cleanup;
    private readonly Dictionary<NetAddress, Endpoint> _endpoints = [];
    private bool _isPublishing;

    public OriginalDstCluster(ClusterConfig config, FactoryContext context) : base(config)
    {
        _stats = context.Stats;
        _loop = context.MainLoop;
        _cleanup = new LoopTimer(context.MainLoop, Cleanup);
    }

    public override void Dispose()
    {
        _cleanup.Cancel();
        base.Dispose();
    }

    /// <summary>A worker has sent a request to an address that was not known. Any thread.</summary>
    public void Report(NetAddress address) => _loop.Post(() => Add(address));

    protected override void Discover()
    {
        Publish([]);
        MarkInitialized();
        _cleanup.Arm(Config.OriginalDst!.CleanupMs);
    }

    private protected override BalancerPlan CreatePlan(EndpointsSnapshot endpoints, BalancerPlan? previous) => new OriginalDstPlan(this, endpoints);

    void ITurnEndWork.OnTurnEnd()
    {
        _isPublishing = false;
        Publish([.. _endpoints.Values]);
    }

    private void Add(NetAddress address)
    {
        // Several workers may have met it at the same time.
        if (_endpoints.ContainsKey(address))
            return;
        var text = address.ToString();
        _endpoints.Add(address, new Endpoint { Address = address, AddressText = text, Hostname = Config.Name + text, Stats = EndpointStats.Create(_stats), WasPicked = true });
        if (_isPublishing)
            return;
        _isPublishing = true;
        _loop.AtTurnEnd(this);
    }

    /// <summary>What was picked since the last time stays, and what has connections.</summary>
    private void Cleanup()
    {
        var stale = new List<NetAddress>();
        foreach (var (address, endpoint) in _endpoints)
        {
            if (!endpoint.WasPicked && endpoint.Stats.CxActive.Value == 0)
                stale.Add(address);
            endpoint.WasPicked = false;
        }
        foreach (var address in stale)
            _endpoints.Remove(address);
        if (stale.Count > 0)
            Publish([.. _endpoints.Values]);
        _cleanup.Arm(Config.OriginalDst!.CleanupMs);
    }
}
