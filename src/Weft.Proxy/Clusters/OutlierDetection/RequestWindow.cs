namespace Weft.Proxy.Clusters.OutlierDetection;

/// <summary>Successes and attempts of the interval that runs, in one number so that a report is one atomic add; and those of the last one.</summary>
internal sealed class RequestWindow
{
    private const int SuccessShift = 32;
    private const long OneAttempt = 1;

    private long _running;
    private long _last;

    /// <summary>The success rate of the last interval in percent; -1: there were too few requests. Main thread.</summary>
    public double SuccessRate { get; set; } = -1;

    /// <summary>Attempts of the last interval. Main thread.</summary>
    public long LastAttempts => (uint)_last;

    /// <summary>Successes in percent of the attempts of the last interval, of which there was at least one. Main thread.</summary>
    public double LastRate => (_last >>> SuccessShift) * 100.0 / LastAttempts;

    /// <summary>Any worker.</summary>
    public void Count(bool isSuccess) => Interlocked.Add(ref _running, isSuccess ? (1L << SuccessShift) + OneAttempt : OneAttempt);

    /// <summary>Ends the interval. Main thread.</summary>
    public void Turn()
    {
        _last = Interlocked.Exchange(ref _running, 0);
        SuccessRate = -1;
    }
}
