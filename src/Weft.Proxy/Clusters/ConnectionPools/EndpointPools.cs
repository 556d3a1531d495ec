using Weft.Proxy.TransportSockets;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>
/// The pools of one worker to one endpoint: one per priority (and HTTP version, where the client decides on it), or, with connection_pool_per_downstream_connection, one per priority and client
/// connection; and one for each <see cref="TransportKey"/>. Every pool takes a place in the cluster's max_connection_pools. Worker thread.
/// </summary>
internal sealed class EndpointPools(Worker worker, ClusterConfig cluster, Endpoint endpoint)
{
    // By priority; those for HTTP/2 behind the others.
    private readonly HttpPool?[] _shared = new HttpPool?[4];
    private Dictionary<PoolOwner, HttpPool>? _owned;

    /// <summary>The pool, made when it is needed; null when there may be no more pools.</summary>
    public HttpPool? Get(PoolOwner owner) => cluster.PoolsPerDownstreamConnection || owner.Transport is not null
        ? GetOwned(owner)
        : _shared[owner.Priority + (owner.Protocol == UpstreamProtocol.Http2 ? 2 : 0)] ??= Create(owner);

    /// <summary>Adds what the pools that clients share carry.</summary>
    public void AddTo(ref PoolLoad load)
    {
        foreach (var pool in _shared)
            pool?.AddTo(ref load);
    }

    /// <summary>Gives a pool up that has no connection, to make room for another one; false when there is none.</summary>
    public bool TryFree(int priority)
    {
        for (var i = priority; i < _shared.Length; i += 2)
        {
            if (_shared[i] is not { IsEmpty: true })
                continue;
            _shared[i] = null;
            Release(priority);
            return true;
        }

        return false;
    }

    /// <summary>Goes on with changed settings of the same cluster.</summary>
    public void Use(ClusterConfig changed)
    {
        cluster = changed;
        foreach (var pool in _shared)
            pool?.Use(changed);
        foreach (var pool in _owned?.Values.ToArray() ?? [])
            pool.Use(changed);
    }

    /// <summary>Closes connections without a request now, the others behind their last one.</summary>
    public void Drain()
    {
        for (var i = 0; i < _shared.Length; i++)
        {
            if (_shared[i] is not { } pool)
                continue;
            _shared[i] = null;
            pool.Drain();
            Release(i % 2);
        }

        foreach (var (owner, pool) in _owned ?? [])
        {
            pool.BecameEmpty = null;
            pool.Drain();
            Release(owner.Priority);
        }

        _owned = null;
    }

    // Apart from Get because its closure would be made for shared pools as well.
    private HttpPool? GetOwned(PoolOwner owner)
    {
        _owned ??= [];
        if (_owned.TryGetValue(owner, out var pool))
            return pool;
        pool = Create(owner);
        if (pool is null)
            return null;
        pool.BecameEmpty = () => Remove(owner);
        _owned.Add(owner, pool);
        return pool;
    }

    private HttpPool? Create(PoolOwner owner) => cluster.CircuitBreakers[owner.Priority].ConnectionPools.TryAcquire()
        ? new HttpPool(worker, cluster, endpoint, owner.Priority, owner.Protocol) { Transport = owner.Transport }
        : null;

    private void Remove(PoolOwner owner)
    {
        if (_owned?.Remove(owner) ?? false)
            Release(owner.Priority);
    }

    private void Release(int priority) => cluster.CircuitBreakers[priority].ConnectionPools.Release();
}

/// <summary>For whom a pool is.</summary>
/// <param name="Priority">0: default, 1: high (RouteAction.priority).</param>
/// <param name="Protocol">What its connections speak.</param>
/// <param name="DownstreamConnection">The client's connection; 0: any.</param>
/// <param name="Transport">What its connections' transport sockets are asked for; null: nothing beyond what is configured.</param>
internal readonly record struct PoolOwner(int Priority, UpstreamProtocol Protocol, long DownstreamConnection = 0, TransportKey? Transport = null);
