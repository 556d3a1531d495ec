using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>Responses by status and their times, under the names of <see cref="ResponseStatNames"/>: of a virtual cluster, a route, a zone. Any worker.</summary>
internal sealed class ResponseCounts(StatsScope scope)
{
    private readonly CounterFamily _responses = scope.Counters(ResponseStatNames.Counters);
    private readonly Histogram _time = scope.Histogram("upstream_rq_time", HistogramUnit.Milliseconds);

    /// <summary>A request was answered.</summary>
    public void Charge(int status, long durationMs)
    {
        _responses[ResponseStatNames.Completed(ResponseStatNames.Plain)].Inc();
        if (ResponseStatNames.Class(ResponseStatNames.Plain, status) is >= 0 and var statusClass)
            _responses[statusClass].Inc();
        _responses[ResponseStatNames.Code(ResponseStatNames.Plain, status)].Inc();
        _time.Record(durationMs);
    }
}
