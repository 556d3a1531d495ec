namespace Weft.Proxy.Clusters.ConnectionPools;

/// <content>When a pool opens connections, and how many it may.</content>
internal sealed partial class HttpPool
{
    private void ConnectIfNeeded()
    {
        while (IsConnectionNeeded() && TryTakeConnection())
        {
            _connections++;
            _connecting++;
            cluster.Stats.UpstreamCxTotal.Inc();
            cluster.Stats.UpstreamCxActive.Inc();
            endpoint.Stats.CxTotal.Inc();
            endpoint.Stats.CxActive.Inc();
            _ = new UpstreamConnection(this);
        }
    }

    /// <summary>One connection on the way for every request that waits; with preconnect_policy as many more as its ratio asks for.</summary>
    private bool IsConnectionNeeded()
    {
        if (cluster.PreconnectRatio <= 1 || _draining)
            return _pendingCount > _connecting;
        return (_pendingCount + _activeStreams) * cluster.PreconnectRatio > _activeStreams + _connecting + FreeStreams();
    }

    private int FreeStreams()
    {
        var free = 0;
        for (var connection = _ready; connection is not null; connection = connection.FollowingReady)
            free += connection.FreeStreams;
        return free;
    }

    private bool TryTakeConnection()
    {
        var mayHaveMore = breaker.MaxConnectionsPerEndpoint is not { } most || endpoint.Stats.CxActive.Value < most;
        if (mayHaveMore && breaker.Connections.TryAcquire())
            return true;

        // A pool without any connection may always have one, or its requests would wait for ever.
        cluster.Stats.UpstreamCxOverflow.Inc();
        if (_connections > 0)
            return false;
        breaker.Connections.Acquire();
        return true;
    }
}
