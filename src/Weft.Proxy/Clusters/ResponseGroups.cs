using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>Responses by status, and their times, under all names of <see cref="ResponseStatNames"/>. No name is built here: they are members of families, listed once they were counted. Any worker.</summary>
/// <param name="scope">Whose names they are.</param>
internal readonly struct ResponseGroups(StatsScope scope)
{
    private readonly CounterFamily _responses = scope.Counters(ResponseStatNames.Counters);
    private readonly HistogramFamily _times = scope.Histograms(ResponseStatNames.Times, HistogramUnit.Milliseconds);

    /// <summary>Counts a response everywhere but as completed (<see cref="Complete"/>), which a cluster counts elsewhere.</summary>
    /// <param name="durationMs">Negative: no time is recorded.</param>
    /// <param name="countsCodes">False: upstream_rq_xx and upstream_rq_NNN are left out.</param>
    public void Charge(int status, long durationMs, bool isInternal, bool isCanary, bool countsCodes)
    {
        if (countsCodes)
            ChargeCodes(ResponseStatNames.Plain, status, durationMs);
        else if (durationMs >= 0)
            _times[ResponseStatNames.Plain].Record(durationMs);
        ChargeGroup(isInternal ? ResponseStatNames.Internal : ResponseStatNames.External, status, durationMs);
        if (isCanary)
            ChargeGroup(ResponseStatNames.Canary, status, durationMs);
    }

    /// <summary>Counts a response as completed and by its status in one group.</summary>
    public void ChargeGroup(int group, int status, long durationMs)
    {
        Complete(group);
        ChargeCodes(group, status, durationMs);
    }

    public void Complete(int group) => _responses[ResponseStatNames.Completed(group)].Inc();

    private void ChargeCodes(int group, int status, long durationMs)
    {
        if (ResponseStatNames.Class(group, status) is >= 0 and var statusClass)
            _responses[statusClass].Inc();
        _responses[ResponseStatNames.Code(group, status)].Inc();
        if (durationMs >= 0)
            _times[group].Record(durationMs);
    }
}
