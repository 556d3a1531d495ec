using Weft.Http.Http2;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.TransportSockets;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>
/// The HTTP connections of one worker to one endpoint: those that can take a stream last in, first out (hot sockets, hot caches),
/// requests that wait first come, first served. What the connections speak is their codecs' affair; a pool only knows how many
/// streams each could take. The circuit breaker's counts are shared with the other workers.
/// </summary>
internal sealed partial class HttpPool(Worker worker, ClusterConfig cluster, Endpoint endpoint, int priority, UpstreamProtocol protocol)
{
    private CircuitBreaker _breaker = cluster.CircuitBreakers[priority];
    private UpstreamConnection? _ready;
    private int _connecting;
    private int _connections;
    private int _activeStreams;
    private bool _draining;

    public Worker Worker => worker;

    public ClusterConfig Cluster => cluster;

    public Endpoint Endpoint => endpoint;

    public CircuitBreaker Breaker => _breaker;

    /// <summary>It has neither a connection nor a request that waits for one.</summary>
    public bool IsEmpty => _connections == 0 && _pendingCount == 0;

    /// <summary>Called when it has become empty; null: nobody cares.</summary>
    public Action? BecameEmpty { get; set; }

    /// <summary>What new connections speak; never <see cref="UpstreamProtocol.Downstream"/>.</summary>
    public UpstreamProtocol Protocol => protocol;

    /// <summary>What its connections' transport sockets are asked for; null: nothing beyond what is configured.</summary>
    public TransportKey? Transport { get; init; }

    /// <summary>HTTP/2: how many streams the endpoint takes on a connection, as it said last; assumed until it has said so.</summary>
    public int PeerMaxStreams { get; set; } = Http2Connection.UnknownMaxStreams;

    /// <summary>Asks for a stream: the request's handler hears OnPoolReady or OnPoolFailure, at once or later.</summary>
    public void NewStream(PendingRequest request)
    {
        if (_ready is { } connection)
        {
            Attach(connection, request.Handler);
            if (cluster.PreconnectRatio > 1)
                ConnectIfNeeded();
            return;
        }

        if (!_breaker.PendingRequests.TryAcquire())
        {
            cluster.Stats.UpstreamRqPendingOverflow.Inc();
            request.Handler.OnPoolFailure(ResetReason.Overflow, null);
            return;
        }

        Enqueue(request);
        ConnectIfNeeded();
    }

    /// <summary>Goes on with changed settings of the same cluster; its connections, and the requests that wait, stay.</summary>
    public void Use(ClusterConfig changed)
    {
        cluster = changed;
        _breaker = changed.CircuitBreakers[priority];
        if (_pendingCount > 0)
            ConnectIfNeeded();
    }

    /// <summary>Closes connections without a stream now, the others behind their last one.</summary>
    public void Drain()
    {
        _draining = true;
        while (_ready is { } connection)
            connection.Drain();
    }

    /// <summary>A connection can take streams, or another number of them: requests that wait get them first.</summary>
    internal void OnCapacity(UpstreamConnection connection)
    {
        while (_firstPending is { } request && connection.FreeStreams > 0)
        {
            Dequeue(request);
            Attach(connection, request.Handler);
        }

        if (connection.IsGone)
            return;
        if (_draining)
            connection.Drain();
        else if (connection.FreeStreams > 0)
            AddReady(connection);
        else
            RemoveReady(connection);
    }

    internal void OnConnected() => _connecting--;

    /// <summary>A connection could not be made.</summary>
    internal void OnConnectFailed(ResetReason reason, string? transportFailure)
    {
        _connecting--;
        EjectPending(reason, transportFailure);
    }

    /// <summary>A connection is gone; requests that wait may need another.</summary>
    internal void OnConnectionGone()
    {
        _connections--;
        _breaker.Connections.Release();
        cluster.Stats.UpstreamCxActive.Dec();
        endpoint.Stats.CxActive.Dec();
        if (_pendingCount > 0)
            ConnectIfNeeded();
        if (IsEmpty)
            BecameEmpty?.Invoke();
    }

    internal void RemoveReady(UpstreamConnection connection)
    {
        if (!connection.IsReady)
            return;
        if (connection.PreviousReady is not null)
            connection.PreviousReady.FollowingReady = connection.FollowingReady;
        else
            _ready = connection.FollowingReady;
        if (connection.FollowingReady is not null)
            connection.FollowingReady.PreviousReady = connection.PreviousReady;
        connection.PreviousReady = connection.FollowingReady = null;
        connection.IsReady = false;
    }

    private void AddReady(UpstreamConnection connection)
    {
        if (!connection.IsReady)
        {
            connection.IsReady = true;
            connection.FollowingReady = _ready;
            if (_ready is not null)
                _ready.PreviousReady = connection;
            _ready = connection;
        }

        if (connection.ActiveStreams == 0)
            connection.OnIdle();
    }

    private void Attach(UpstreamConnection connection, IUpstreamHandler handler)
    {
        if (!_breaker.Requests.TryAcquire())
        {
            cluster.Stats.UpstreamRqPendingOverflow.Inc();
            handler.OnPoolFailure(ResetReason.Overflow, null);
            return;
        }

        cluster.Stats.UpstreamRqTotal.Inc();
        cluster.Stats.UpstreamRqActive.Inc();
        endpoint.Stats.RqTotal.Inc();
        Interlocked.Increment(ref endpoint.ActiveRequests);
        _activeStreams++;
        if (connection.FreeStreams == 1)
            RemoveReady(connection);
        connection.Begin(handler);
    }

    /// <summary>The counterpart of a successful attach.</summary>
    internal void OnStreamEnded()
    {
        _breaker.Requests.Release();
        cluster.Stats.UpstreamRqActive.Dec();
        Interlocked.Decrement(ref endpoint.ActiveRequests);
        _activeStreams--;
    }
}
