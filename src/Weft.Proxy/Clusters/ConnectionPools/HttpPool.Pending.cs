namespace Weft.Proxy.Clusters.ConnectionPools;

/// <content>The queue of requests that wait for a connection: first come, first served.</content>
internal sealed partial class HttpPool
{
    private PendingRequest? _firstPending;
    private PendingRequest? _lastPending;
    private int _pendingCount;

    internal void CancelPending(PendingRequest request)
    {
        Dequeue(request);
        cluster.Stats.UpstreamRqCancelled.Inc();
    }

    /// <summary>Tells all that wait that there is no connection to be had, so that they can go elsewhere.</summary>
    private void EjectPending(ResetReason reason, string? transportFailure)
    {
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
        _breaker.PendingRequests.Release();
        cluster.Stats.UpstreamRqPendingActive.Dec();
    }
}
