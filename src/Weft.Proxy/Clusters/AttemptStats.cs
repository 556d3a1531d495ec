using Weft.Base.Stats;
using Weft.Http;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters;

/// <summary>What track_cluster_stats adds to <c>cluster.NAME.</c>: parts of timeouts that were used, sizes of requests and responses. Any worker.</summary>
public sealed class AttemptStats
{
    private readonly Histogram _budget, _perTryBudget;
    private readonly Histogram _requestHeaders, _requestHeaderCount, _requestBody, _responseHeaders, _responseHeaderCount, _responseBody;

    private AttemptStats(StatsScope scope, bool budgets, bool sizes)
    {
        if (budgets)
        {
            _budget = scope.Histogram("upstream_rq_timeout_budget_percent_used");
            _perTryBudget = scope.Histogram("upstream_rq_timeout_budget_per_try_percent_used");
        }

        if (!sizes)
            return;
        _requestHeaders = scope.Histogram("upstream_rq_headers_size", HistogramUnit.Bytes);
        _requestHeaderCount = scope.Histogram("upstream_rq_headers_count");
        _requestBody = scope.Histogram("upstream_rq_body_size", HistogramUnit.Bytes);
        _responseHeaders = scope.Histogram("upstream_rs_headers_size", HistogramUnit.Bytes);
        _responseHeaderCount = scope.Histogram("upstream_rs_headers_count");
        _responseBody = scope.Histogram("upstream_rs_body_size", HistogramUnit.Bytes);
    }

    /// <summary>Null when nothing of it is configured.</summary>
    internal static AttemptStats? Create(ClusterMessage config, StatsScope scope)
    {
#pragma warning disable CS0612 // the deprecated form of track_cluster_stats
        var budgets = config.TrackTimeoutBudgets || (config.TrackClusterStats?.TimeoutBudgets ?? false);
#pragma warning restore CS0612
        var sizes = config.TrackClusterStats?.RequestResponseSizes ?? false;
        return budgets || sizes ? new AttemptStats(scope, budgets, sizes) : null;
    }

    /// <summary>A response, or a timeout: how much of the request's time was used, in percent; 0 when there is no limit.</summary>
    public void RecordBudget(long elapsedMs, long timeoutMs) => _budget.Record(PercentOf(elapsedMs, timeoutMs));

    public void RecordPerTryBudget(long elapsedMs, long timeoutMs) => _perTryBudget.Record(PercentOf(elapsedMs, timeoutMs));

    public void RecordRequest(HeaderMap headers, long bodyBytes)
    {
        _requestHeaders.Record(headers.ByteSize);
        _requestHeaderCount.Record(headers.Count);
        _requestBody.Record(bodyBytes);
    }

    public void RecordResponse(HeaderMap headers, long bodyBytes)
    {
        _responseHeaders.Record(headers.ByteSize);
        _responseHeaderCount.Record(headers.Count);
        _responseBody.Record(bodyBytes);
    }

    private static long PercentOf(long elapsedMs, long timeoutMs) => timeoutMs == 0 ? 0 : elapsedMs * 100 / timeoutMs;
}
