using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.HealthCheck;

/// <summary>
/// Tells health checks from other requests and answers them: while the proxy is to be left alone with 503, else by the health of clusters, by
/// what the service behind answered last, or not at all (pass_through_mode). Pooled; worker thread.
/// </summary>
internal sealed class HealthCheckFilter(HealthCheckFilterFactory factory, Worker worker) : HttpFilter
{
    private bool _isHealthCheck;
    private bool _answers;
    private bool _isCachedDegraded;

    /// <summary>What the service answered last, if that still held when the request came; else 0.</summary>
    private int _cachedStatus;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (!factory.IsHealthCheck(headers))
            return FilterStatus.Continue;
        _isHealthCheck = true;
        Stream.Info.IsHealthCheck = true;
        if (factory.Cache is { } cache && cache.TryGet(out var status, out _isCachedDegraded))
            _cachedStatus = status;
        _answers = !factory.PassesThrough || factory.HasFailed || _cachedStatus > 0;
        if (!_answers)
            return FilterStatus.Continue;
        return endStream ? Answer() : FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (!_answers)
            return FilterStatus.Continue;
        // Nobody will read it.
        chunk.Bytes = default;
        return chunk.EndStream ? Answer() : FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _answers ? Answer() : FilterStatus.Continue;

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (_isHealthCheck)
        {
            // What the filter says itself is no news.
            if (!_answers)
                factory.Cache?.Store(headers.Status, headers.Has(KnownHeader.XEnvoyDegraded));
            headers.Set(KnownHeader.XEnvoyUpstreamHealthCheckedCluster, factory.ServiceCluster);
        }

        // On every response: whoever balances over this proxy stops at once, before its next check.
        if (factory.HasFailed)
            headers.Set(KnownHeader.XEnvoyImmediateHealthCheckFail, "true"u8);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _isHealthCheck = _answers = _isCachedDegraded = false;
        _cachedStatus = 0;
    }

    private FilterStatus Answer()
    {
        var stats = factory.Stats;
        stats.RequestTotal.Inc();
        var (status, details) = Judge(out var isDegraded);
        if (isDegraded)
        {
            stats.Degraded.Inc();
            Stream.LocalReplyHeaders.Set(KnownHeader.XEnvoyDegraded, ""u8);
        }

        var isOk = status is >= 200 and < 300;
        (isOk ? stats.Ok : stats.Failed).Inc();
        Stream.SendLocalReply(status, [], details, isOk ? ResponseFlags.None : ResponseFlags.FailedLocalHealthCheck);
        return FilterStatus.Ended;
    }

    private (int Status, string Details) Judge(out bool isDegraded)
    {
        isDegraded = false;
        if (factory.HasFailed)
            return (503, "health_check_failed");
        if (_cachedStatus > 0)
        {
            isDegraded = _isCachedDegraded;
            factory.Stats.CachedResponse.Inc();
            return (_cachedStatus, "health_check_cached");
        }

        var details = "health_check_ok";
        foreach (var (reference, minPercent) in factory.Clusters)
        {
            if (Failure(worker.Clusters.Find(reference), minPercent) is { } failure)
                return (503, failure);
            details = "health_check_ok_cluster_healthy";
        }

        return (200, details);
    }

    /// <summary>Null when enough of a cluster's endpoints may be used.</summary>
    private string? Failure(WorkerCluster? cluster, long minPercent)
    {
        if (cluster is null)
        {
            factory.Stats.FailedClusterNotFound.Inc();
            return "health_check_failed_no_cluster_found";
        }

        var stats = cluster.Config.Stats;
        var total = stats.MembershipTotal.Value;
        if (total == 0 && minPercent > 0)
        {
            factory.Stats.FailedClusterEmpty.Inc();
            return "health_check_failed_cluster_empty";
        }

        if (100 * (stats.MembershipHealthy.Value + stats.MembershipDegraded.Value) >= total * minPercent)
            return null;
        factory.Stats.FailedClusterUnhealthy.Inc();
        return "health_check_failed_cluster_unhealthy";
    }
}
