namespace Weft.Proxy.Clusters.ConnectionPools;

/// <content>When a pool opens connections, and how many it may.</content>
internal sealed partial class HttpPool
{
    /// <summary>How many streams a connection that is being made is expected to take; what ALPN will say is not known.</summary>
    private int ExpectedStreams
    {
        get
        {
            if (protocol != UpstreamProtocol.Http2)
                return 1;
            var streams = Math.Max(1, Math.Min(PeerMaxStreams, cluster.Http2.Options.MaxConcurrentStreams));
            return cluster.MaxRequestsPerConnection is > 0 and var limit ? (int)Math.Min(streams, limit) : streams;
        }
    }

    /// <summary>Makes connections for the requests that wait, unless enough are being made.</summary>
    internal void ConnectIfNeeded()
    {
        while (IsConnectionNeeded() && TryTakeConnection())
            Connect();
    }

    /// <summary>Makes a connection for a stream that is expected; false when there are enough, or may be no more.</summary>
    /// <param name="ratio">Of <see cref="PredictivePreconnect"/>.</param>
    internal bool ConnectAhead(double ratio)
    {
        var load = default(PoolLoad);
        AddTo(ref load);
        if (_draining || !load.WantsMore(ratio) || !TryTakeConnection())
            return false;
        Connect();
        return true;
    }

    internal void AddTo(ref PoolLoad load)
    {
        load.Pending += _pendingCount;
        load.Active += _activeStreams;
        load.Free += Capacity();
    }

    private void Connect()
    {
        _connections++;
        _connecting++;
        cluster.Stats.UpstreamCxTotal.Inc();
        cluster.Stats.UpstreamCxActive.Inc();
        endpoint.Stats.CxTotal.Inc();
        endpoint.Stats.CxActive.Inc();
        _ = new UpstreamConnection(this);
    }

    /// <summary>A place on a connection on the way for every request that waits; with preconnect_policy as many more as its ratio asks for.</summary>
    private bool IsConnectionNeeded()
    {
        // An endpoint that takes no streams takes none on further connections either: what waits goes on when it says another number.
        if (PeerMaxStreams == 0 && _connections > 0)
            return false;
        if (cluster.PreconnectRatio <= 1 || _draining)
            return _pendingCount > (long)_connecting * ExpectedStreams;
        return (_pendingCount + _activeStreams) * cluster.PreconnectRatio > _activeStreams + Capacity();
    }

    /// <summary>Streams that its connections could take besides, those on the way included.</summary>
    private long Capacity()
    {
        var free = (long)_connecting * ExpectedStreams;
        for (var connection = _ready; connection is not null; connection = connection.FollowingReady)
            free += connection.FreeStreams;
        return free;
    }

    private bool TryTakeConnection()
    {
        var mayHaveMore = _breaker.MaxConnectionsPerEndpoint is not { } most || endpoint.Stats.CxActive.Value < most;
        if (mayHaveMore && _breaker.Connections.TryAcquire())
            return true;

        // A pool without any connection may always have one, or its requests would wait for ever.
        cluster.Stats.UpstreamCxOverflow.Inc();
        if (_connections > 0)
            return false;
        _breaker.Connections.Acquire();
        return true;
    }
}
