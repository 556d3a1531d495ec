using Weft.Base.Stats;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Stats;

/// <summary>
/// The upstream requests of one group that configuration names: a virtual cluster (<c>vhost.HOST.vcluster.NAME.*</c>) or a route with a
/// stat_prefix (<c>vhost.HOST.route.PREFIX.*</c>), under Envoy's names. Any worker.
/// </summary>
internal sealed class RequestGroupStats
{
    private readonly ResponseCounts _responses;

    private RequestGroupStats(StatsScope scope)
    {
        Total = scope.Counter("upstream_rq_total");
        Timeout = scope.Counter("upstream_rq_timeout");
        Retry = scope.Counter("upstream_rq_retry");
        RetrySuccess = scope.Counter("upstream_rq_retry_success");
        RetryOverflow = scope.Counter("upstream_rq_retry_overflow");
        RetryLimitExceeded = scope.Counter("upstream_rq_retry_limit_exceeded");
        _responses = new ResponseCounts(scope);
    }

    public Counter Total { get; }

    public Counter Timeout { get; }

    public Counter Retry { get; }

    public Counter RetrySuccess { get; }

    public Counter RetryOverflow { get; }

    public Counter RetryLimitExceeded { get; }

    public static RequestGroupStats OfVirtualCluster(StatsStore store, string virtualHost, string name) => new(store.Scope($"vhost.{virtualHost}.vcluster.{name}."));

    public static RequestGroupStats OfRoute(StatsStore store, string virtualHost, string statPrefix) => new(store.Scope($"vhost.{virtualHost}.route.{statPrefix}."));

    /// <summary>A request was answered.</summary>
    public void Charge(int status, long durationMs) => _responses.Charge(status, durationMs);
}

/// <summary>The groups that one request belongs to; none by default. Any worker.</summary>
internal readonly struct RequestGroups(RequestGroupStats? virtualCluster, RequestGroupStats? route)
{
    public void Start()
    {
        virtualCluster?.Total.Inc();
        route?.Total.Inc();
    }

    public void Charge(int status, long durationMs)
    {
        virtualCluster?.Charge(status, durationMs);
        route?.Charge(status, durationMs);
    }

    public void Timeout()
    {
        virtualCluster?.Timeout.Inc();
        route?.Timeout.Inc();
    }

    public void Retry()
    {
        virtualCluster?.Retry.Inc();
        route?.Retry.Inc();
    }

    public void RetrySuccess()
    {
        virtualCluster?.RetrySuccess.Inc();
        route?.RetrySuccess.Inc();
    }

    public void RetryOverflow()
    {
        virtualCluster?.RetryOverflow.Inc();
        route?.RetryOverflow.Inc();
    }

    public void RetryLimitExceeded()
    {
        virtualCluster?.RetryLimitExceeded.Inc();
        route?.RetryLimitExceeded.Inc();
    }
}
