using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>
/// The HTTP/1.1 connections of one worker to one endpoint: idle ones last in, first out (hot sockets, hot caches), requests
/// that wait first come, first served. The circuit breaker's counts are shared with the other workers.
/// </summary>
internal sealed class Http1Pool(Worker worker, ClusterConfig cluster, Endpoint endpoint, CircuitBreaker breaker)
{
    private Http1Client? _idle;
    private PendingRequest? _firstPending;
    private PendingRequest? _lastPending;
    private int _pendingCount;
    private int _connecting;
    private int _connections;
    private bool _draining;

    public Worker Worker => worker;

    public ClusterConfig Cluster => cluster;

    public Endpoint Endpoint => endpoint;

    public CircuitBreaker Breaker => breaker;

    /// <summary>Asks for a stream: the request's handler hears OnPoolReady or OnPoolFailure, at once or later.</summary>
    public void NewStream(PendingRequest request)
    {
        if (_idle is { } client)
        {
            RemoveIdle(client);
            Attach(client, request.Handler);
            return;
        }

        if (!breaker.PendingRequests.TryAcquire())
        {
            cluster.Stats.UpstreamRqPendingOverflow.Inc();
            request.Handler.OnPoolFailure(ResetReason.Overflow, null);
            return;
        }

        Enqueue(request);
        ConnectIfNeeded();
    }

    /// <summary>Closes idle connections now, busy ones after their request.</summary>
    public void Drain()
    {
        _draining = true;
        while (_idle is { } client)
            client.CloseIdle();
    }

    internal void CancelPending(PendingRequest request)
    {
        Dequeue(request);
        cluster.Stats.UpstreamRqCancelled.Inc();
    }

    /// <summary>A connection has no request (any more): the next waiting one gets it, or it becomes idle.</summary>
    internal void OnClientReady(Http1Client client)
    {
        if (_firstPending is { } request)
        {
            Dequeue(request);
            Attach(client, request.Handler);
        }
        else if (_draining)
        {
            client.CloseIdle();
        }
        else
        {
            AddIdle(client);
        }
    }

    internal void OnConnected() => _connecting--;

    /// <summary>A connection could not be made: what waits is told, so that it can go elsewhere.</summary>
    internal void OnConnectFailed(ResetReason reason, string? transportFailure)
    {
        _connecting--;
        var waiting = _firstPending;
        while (_firstPending is not null)
            Dequeue(_firstPending, keepLinks: true);
        while (waiting is not null)
        {
            var following = waiting.Following;
            waiting.Following = waiting.Previous = null;
            cluster.Stats.UpstreamRqPendingFailureEject.Inc();
            waiting.Handler.OnPoolFailure(reason, transportFailure);
            waiting = following;
        }
    }

    /// <summary>A connection is gone; requests that wait may need another.</summary>
    internal void OnClientGone()
    {
        _connections--;
        breaker.Connections.Release();
        cluster.Stats.UpstreamCxActive.Dec();
        endpoint.Stats.CxActive.Dec();
        ConnectIfNeeded();
    }

    internal void RemoveIdle(Http1Client client)
    {
        if (client.PreviousIdle is not null)
            client.PreviousIdle.FollowingIdle = client.FollowingIdle;
        else
            _idle = client.FollowingIdle;
        if (client.FollowingIdle is not null)
            client.FollowingIdle.PreviousIdle = client.PreviousIdle;
        client.PreviousIdle = client.FollowingIdle = null;
        client.IsIdle = false;
    }

    private void AddIdle(Http1Client client)
    {
        client.IsIdle = true;
        client.FollowingIdle = _idle;
        if (_idle is not null)
            _idle.PreviousIdle = client;
        _idle = client;
        client.OnIdle();
    }

    private void Attach(Http1Client client, IUpstreamHandler handler)
    {
        if (!breaker.Requests.TryAcquire())
        {
            cluster.Stats.UpstreamRqPendingOverflow.Inc();
            OnClientReady(client);
            handler.OnPoolFailure(ResetReason.Overflow, null);
            return;
        }

        cluster.Stats.UpstreamRqTotal.Inc();
        cluster.Stats.UpstreamRqActive.Inc();
        endpoint.Stats.RqTotal.Inc();
        Interlocked.Increment(ref endpoint.ActiveRequests);
        client.Begin(handler);
    }

    /// <summary>The counterpart of a successful attach.</summary>
    internal void OnStreamEnded()
    {
        breaker.Requests.Release();
        cluster.Stats.UpstreamRqActive.Dec();
        Interlocked.Decrement(ref endpoint.ActiveRequests);
    }

    private void ConnectIfNeeded()
    {
        while (_pendingCount > _connecting)
        {
            if (!breaker.Connections.TryAcquire())
            {
                // A pool without any connection may always have one, or its requests would wait for ever.
                cluster.Stats.UpstreamCxOverflow.Inc();
                if (_connections > 0)
                    return;
                breaker.Connections.Acquire();
            }

            _connections++;
            _connecting++;
            cluster.Stats.UpstreamCxTotal.Inc();
            cluster.Stats.UpstreamCxActive.Inc();
            cluster.Stats.UpstreamCxHttp1Total.Inc();
            endpoint.Stats.CxTotal.Inc();
            endpoint.Stats.CxActive.Inc();
            _ = new Http1Client(this);
        }
    }

    private void Enqueue(PendingRequest request)
    {
        request.Pool = this;
        request.Previous = _lastPending;
        request.Following = null;
        if (_lastPending is not null)
            _lastPending.Following = request;
        else
            _firstPending = request;
        _lastPending = request;
        _pendingCount++;
        cluster.Stats.UpstreamRqPendingTotal.Inc();
        cluster.Stats.UpstreamRqPendingActive.Inc();
    }

    private void Dequeue(PendingRequest request, bool keepLinks = false)
    {
        if (request.Previous is not null && !keepLinks)
            request.Previous.Following = request.Following;
        else
            _firstPending = request.Following;
        if (request.Following is not null)
            request.Following.Previous = keepLinks ? null : request.Previous;
        else
            _lastPending = keepLinks ? null : request.Previous;
        if (!keepLinks)
            request.Previous = request.Following = null;
        request.Pool = null;
        _pendingCount--;
        breaker.PendingRequests.Release();
        cluster.Stats.UpstreamRqPendingActive.Dec();
    }
}
