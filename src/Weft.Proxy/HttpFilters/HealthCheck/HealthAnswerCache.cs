namespace Weft.Proxy.HttpFilters.HealthCheck;

/// <summary>The last answer of the service behind to a health check: status and whether it called itself degraded. Shared by all workers without a lock.</summary>
/// <param name="cacheMs">cache_time: how long an answer holds.</param>
internal sealed class HealthAnswerCache(long cacheMs, TimeProvider time)
{
    private const int DegradedBit = 1 << 10;
    private const int StatusMask = DegradedBit - 1;
    private const int TimeShift = 11;

    /// <summary>Milliseconds at which it was stored, the degraded bit, the status: one number, so that they change together. 0: nothing.</summary>
    private long _answer;

    public void Store(int status, bool isDegraded) =>
        Volatile.Write(ref _answer, (NowMs << TimeShift) | (isDegraded ? (long)DegradedBit : 0) | (uint)(status & StatusMask));

    /// <summary>False when there is none that holds.</summary>
    public bool TryGet(out int status, out bool isDegraded)
    {
        var answer = Volatile.Read(ref _answer);
        status = (int)(answer & StatusMask);
        isDegraded = (answer & DegradedBit) != 0;
        return answer != 0 && NowMs - (answer >> TimeShift) < cacheMs;
    }

    private long NowMs => time.GetTimestamp() / (time.TimestampFrequency / 1000);
}
