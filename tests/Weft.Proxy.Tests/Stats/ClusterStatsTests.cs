using Weft.Base.Stats;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Stats;

public sealed class ClusterStatsTests
{
    private readonly StatsStore _store = new();

    [Fact]
    public void A_response_is_counted_plain_external_and_canary_by_status_class_and_time()
    {
        var stats = new ClusterStats(_store.Scope("cluster.web."));
        stats.ChargeResponse(503, 12, isInternal: false, isCanary: true);
        _store.Flush();
        Assert.Equal(
            [
                "canary.upstream_rq_503", "canary.upstream_rq_5xx", "canary.upstream_rq_completed", "canary.upstream_rq_time",
                "external.upstream_rq_503", "external.upstream_rq_5xx", "external.upstream_rq_completed", "external.upstream_rq_time",
                "upstream_rq_503", "upstream_rq_5xx", "upstream_rq_completed", "upstream_rq_time",
            ],
            UsedNames());
    }

    [Fact]
    public void What_is_no_status_counts_as_unknown_and_without_a_duration_no_time_is_kept()
    {
        new ClusterStats(_store.Scope("cluster.web.")).ChargeResponse(777, -1, isInternal: true, isCanary: false);
        _store.Flush();
        Assert.Equal(["internal.upstream_rq_completed", "internal.upstream_rq_unknown", "upstream_rq_completed", "upstream_rq_unknown"], UsedNames());
    }

    [Fact]
    public void What_the_codec_of_HTTP_1_counts_is_listed_once_there_was_a_connection()
    {
        var stats = new ClusterStats(_store.Scope("cluster.web."));
        Assert.Empty(UsedNames());
        stats.ChargeHttp1Connection();
        Assert.Equal(
            [
                "http1.dropped_headers_with_underscores", "http1.metadata_not_supported_error", "http1.requests_rejected_with_underscores_in_headers", "http1.response_flood",
                "upstream_cx_http1_total",
            ],
            UsedNames());
    }

    [Fact]
    public void Charging_a_response_allocates_nothing_after_the_first()
    {
        var stats = new ClusterStats(_store.Scope("cluster.web."));
        stats.ChargeResponse(200, 5, isInternal: false, isCanary: false);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            stats.ChargeResponse(200, 5, isInternal: false, isCanary: false);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private IEnumerable<string> UsedNames()
    {
        var list = new List<Statistic>();
        _store.List(list);
        return list.Where(statistic => statistic.IsUsed).Select(statistic => statistic.Suffix).Order(StringComparer.Ordinal);
    }
}
