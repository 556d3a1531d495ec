using Weft.Http;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Aggregate;
using Weft.Proxy.HttpFilters.Upstream;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters;

/// <summary>A cluster as one worker uses it: a balancer over the newest endpoints and a pool per endpoint and priority. Worker thread.</summary>
public sealed class WorkerCluster(Worker worker, Cluster cluster)
{
    private readonly Dictionary<Endpoint, EndpointPools> _pools = [];
    private HashSet<IEndpointConnection>? _connections;
    private ClusterConfig _config = cluster.Config;
    private EndpointsSnapshot? _endpoints;
    private readonly IMemberBalancer? _members = MembersOf(worker, cluster.Config);
    private LoadBalancer? _balancer;
    private PredictivePreconnect? _ahead = PredictivePreconnect.Of(cluster.Config);

    public ClusterConfig Config => cluster.Config;

    /// <summary>The newest snapshot.</summary>
    internal EndpointsSnapshot Endpoints => cluster.Endpoints;

    /// <summary>There are pools to an endpoint here.</summary>
    internal bool Has(Endpoint endpoint) => _pools.ContainsKey(endpoint);

    /// <summary>The cluster that a picked endpoint belongs to: this one, or one that it stands for.</summary>
    internal WorkerCluster OwnerOf(Endpoint endpoint) => _members?.OwnerOf(endpoint) ?? this;

    /// <summary>The endpoint for a request; null when none may be used.</summary>
    public Endpoint? Pick(in LoadBalancerContext context)
    {
        if (!ReferenceEquals(_endpoints, cluster.Endpoints))
            Refresh();
        if (_members is not null)
            return _members.Pick(context);
        // What a filter wants holds for the first attempt only.
        if (context is { Retry: null, Info.OverrideHost: { IsSet: true } wanted })
        {
            if (_endpoints!.Find(wanted.Address) is { } endpoint && Config.LoadBalancing.OverrideStatus.Allows(endpoint))
                return endpoint;
            if (wanted.IsStrict)
                return null;
        }
        if (Config.LoadBalancing.NamedHosts?.Next(context, _endpoints!) is { } named)
            return named;
        return _ahead?.Take(context) ?? _balancer!.Pick(context);
    }

    /// <summary>Asks an endpoint for an HTTP stream: the request's handler hears OnPoolReady or OnPoolFailure, at once or later.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="priority">0: default, 1: high (RouteAction.priority).</param>
    /// <param name="request">Who asks.</param>
    /// <param name="downstream">What the client speaks, for clusters that speak the same; null: HTTP/1.</param>
    /// <param name="downstreamConnection">For clusters whose clients share no connections; 0: none.</param>
    /// <param name="headers">The request's, for clusters whose connections depend on them (<see cref="ClusterConfig.TransportKeys"/>).</param>
    /// <param name="info">The client's request; null when there is none.</param>
    internal void NewStream(Endpoint endpoint, int priority, PendingRequest request, HttpProtocol? downstream = null, long downstreamConnection = 0, HeaderMap? headers = null, StreamInfo? info = null)
    {
        if (OwnerOf(endpoint) is var member && member != this)
        {
            member.NewStream(endpoint, priority, request, downstream, downstreamConnection, headers, info);
            return;
        }
        var pools = PoolsOf(endpoint);
        var protocol = Config.Protocol != UpstreamProtocol.Downstream ? Config.Protocol
            : downstream >= HttpProtocol.Http2 ? UpstreamProtocol.Http2
            : UpstreamProtocol.Http1;
        var transport = headers is null ? null : Config.TransportKeys?.KeyOf(headers, info);
        if (info?.UpstreamSource is { } source)
            transport = (transport ?? new TransportKey()) with { Source = source };
        var owner = new PoolOwner(priority, protocol, Config.PoolsPerDownstreamConnection ? downstreamConnection : 0, transport);
        if ((pools.Get(owner) ?? (FreeOne(priority) ? pools.Get(owner) : null)) is { } pool)
        {
            if (_ahead is { } ahead && owner is { DownstreamConnection: 0, Transport: null })
                ConnectAhead(ahead, owner);
            pool.NewStream(request);
            return;
        }

        Config.Stats.UpstreamCxPoolOverflow.Inc();
        request.Handler.OnPoolFailure(ResetReason.NoPool, null);
    }

    /// <summary>As <see cref="NewStream"/>, for requests besides those of routers: through the cluster's http_filters, if it has any.</summary>
    /// <param name="otherwise">The filters where it has none.</param>
    internal void NewFilteredStream(Endpoint endpoint, PendingRequest request, HeaderMap headers, UpstreamFilterChain? otherwise = null)
    {
        request.Pass(Config.UpstreamFilters ?? otherwise, Config.PerConnectionBufferLimitBytes, worker);
        NewStream(endpoint, priority: 0, request, headers: headers);
    }

    /// <summary>Rebuilds the balancer when the endpoints or the settings changed and drains the pools of endpoints that are gone.</summary>
    internal void Refresh()
    {
        var endpoints = cluster.Endpoints;
        if (ReferenceEquals(_endpoints, endpoints))
            return;
        var isOtherMembership = _endpoints is not null && _endpoints.Membership != endpoints.Membership;
        _endpoints = endpoints;
        UseSettings();
        _ahead?.Forget();
        _balancer = LoadBalancer.Create(Config, endpoints, worker.Random, _balancer);
        if (isOtherMembership && Config.ClosesConnectionsOnMembershipChange)
            Drain();
        else if (_pools.Count > 0)
            DrainRemoved();
    }

    /// <summary>An endpoint fails: its connections are not used for further requests, should it be picked all the same; those of TCP may be closed.</summary>
    internal void OnEndpointFailed(Endpoint endpoint)
    {
        if (_pools.Remove(endpoint, out var pools))
            pools.Drain();
        if (_connections is null)
            return;
        foreach (var connection in _connections.Where(connection => connection.Endpoint == endpoint).ToArray())
            connection.OnEndpointFailed();
    }

    /// <summary>Keeps a connection in mind that is to end with its endpoint's health, if the cluster wants that.</summary>
    internal void Track(IEndpointConnection connection)
    {
        if (Config.ClosesConnectionsOnFailure)
            (_connections ??= []).Add(connection);
    }

    internal void Forget(IEndpointConnection connection) => _connections?.Remove(connection);

    /// <summary>Closes idle connections now and busy ones after their request.</summary>
    internal void Drain()
    {
        foreach (var pools in _pools.Values)
            pools.Drain();
        _pools.Clear();
    }

    /// <summary>Null for a cluster with endpoints of its own.</summary>
    private static IMemberBalancer? MembersOf(Worker worker, ClusterConfig config) => config switch
    {
        { Aggregate.Count: > 0 } => new AggregateBalancer(worker, config),
        { DynamicForwardProxy: { SubClusters: not null } proxy } => new SubClusterBalancer(worker, proxy),
        _ => null,
    };

    private void UseSettings()
    {
        if (ReferenceEquals(_config, Config))
            return;
        _config = Config;
        _ahead = PredictivePreconnect.Of(_config);
        foreach (var pools in _pools.Values)
            pools.Use(_config);
    }

    private EndpointPools PoolsOf(Endpoint endpoint)
    {
        if (!_pools.TryGetValue(endpoint, out var pools))
            _pools.Add(endpoint, pools = new EndpointPools(worker, Config, endpoint));
        return pools;
    }

    /// <summary>A request is about to take a place: connections for those behind it.</summary>
    private void ConnectAhead(PredictivePreconnect ahead, PoolOwner owner)
    {
        for (var i = 0; i < PredictivePreconnect.MostAtOnce && Load().WantsMore(ahead.Ratio) && ahead.Count < HealthyCount(); i++)
        {
            if (_balancer?.Pick(default) is not { } next)
                return;
            ahead.Add(next);
            if (PoolsOf(next).Get(owner) is not { } pool || !pool.ConnectAhead(ahead.Ratio))
                return;
        }
    }

    private PoolLoad Load()
    {
        var load = default(PoolLoad);
        foreach (var pools in _pools.Values)
            pools.AddTo(ref load);
        return load;
    }

    private int HealthyCount()
    {
        var count = 0;
        foreach (var priority in Endpoints.Priorities)
            count += priority.Healthy.Length;
        return count;
    }

    private void DrainRemoved()
    {
        foreach (var (endpoint, pools) in _pools)
        {
            if (!endpoint.IsRemoved)
                continue;
            pools.Drain();
            _pools.Remove(endpoint);
        }
    }

    private bool FreeOne(int priority)
    {
        foreach (var pools in _pools.Values)
        {
            if (pools.TryFree(priority))
                return true;
        }

        return false;
    }
}
