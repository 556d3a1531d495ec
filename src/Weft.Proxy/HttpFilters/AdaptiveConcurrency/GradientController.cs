using Weft.Base;

namespace Weft.Proxy.HttpFilters.AdaptiveConcurrency;

/// <summary>
/// How many requests may be active at once, by how long they take: the limit shrinks with the ratio of the shortest time that the upstream is known to need
/// to the time it needs now, and otherwise grows. Shared by all workers, without a lock: whoever finds that a calculation is due makes it, the others go on.
/// </summary>
/// <remarks>Times are of the workers' clocks, which may differ by the time between their starts.</remarks>
internal sealed class GradientController
{
    /// <summary>So often at the least limit in a row: the shortest time may be wrong.</summary>
    private const int MaxTimesAtMinimum = 5;

    private readonly GradientConfig _config;
    private readonly LatencySamples _samples = new();
    private int _active;
    private int _limit;
    private int _isCalculating;

    /// <summary>The limit to go back to when the shortest time is known; 0: it is not being measured.</summary>
    private int _limitBefore;

    /// <summary>Requests that began earlier say nothing about the shortest time.</summary>
    private long _measuredFromUs = long.MinValue;
    private long _measureAtUs;
    private long _updateAtUs;
    private long _minRttUs;
    private long _sampleRttUs;
    private long _gradientPerMille;
    private long _headroom;
    private int _timesAtMinimum;

    public GradientController(GradientConfig config)
    {
        _config = config;
        _limit = _limitBefore = config.MinConcurrency;
    }

    public int Limit => Volatile.Read(ref _limit);

    public bool IsMeasuring => Volatile.Read(ref _limitBefore) > 0;

    public long MinRttMs => Volatile.Read(ref _minRttUs) / 1000;

    public long SampleRttMs => Volatile.Read(ref _sampleRttUs) / 1000;

    public long GradientPerMille => Volatile.Read(ref _gradientPerMille);

    public long Headroom => Volatile.Read(ref _headroom);

    /// <summary>A request begins; false when it is one too many.</summary>
    public bool TryBegin(long nowUs, RandomSource random)
    {
        Calculate(nowUs, random);
        if (Interlocked.Increment(ref _active) <= Limit)
            return true;
        Interlocked.Decrement(ref _active);
        return false;
    }

    /// <summary>A request has its whole answer.</summary>
    public void Complete(long beganUs, long nowUs, RandomSource random)
    {
        Cancel();
        if (beganUs < Volatile.Read(ref _measuredFromUs))
            return;
        _samples.Record(nowUs - beganUs);
        Calculate(nowUs, random);
    }

    /// <summary>A request ends without its whole answer.</summary>
    public void Cancel() => Interlocked.Decrement(ref _active);

    private void Calculate(long nowUs, RandomSource random)
    {
        if (!IsDue(nowUs) || Interlocked.Exchange(ref _isCalculating, 1) == 1)
            return;
        if (IsDue(nowUs))
        {
            if (IsMeasuring)
                EndMeasuring(nowUs, random);
            else if (nowUs >= _measureAtUs)
                BeginMeasuring(nowUs);
            else
                Update(nowUs);
        }

        Volatile.Write(ref _isCalculating, 0);
    }

    private bool IsDue(long nowUs) => IsMeasuring
        ? _samples.Count >= _config.RequestCount
        : nowUs >= Math.Min(Volatile.Read(ref _updateAtUs), Volatile.Read(ref _measureAtUs));

    private void BeginMeasuring(long nowUs)
    {
        _samples.Take(0);
        Volatile.Write(ref _measuredFromUs, nowUs);
        var before = _limit;
        Volatile.Write(ref _limitBefore, before);
        SetLimit(_config.MinConcurrency);
    }

    private void EndMeasuring(long nowUs, RandomSource random)
    {
        Volatile.Write(ref _minRttUs, _samples.Take(_config.Quantile));
        SetLimit(_limitBefore);
        var intervalMs = _config.MinRttIntervalMs;
        var jitterMs = (long)Math.Ceiling(intervalMs * _config.Jitter);
        Volatile.Write(ref _measureAtUs, nowUs + (intervalMs + (jitterMs == 0 ? 0 : (long)(random.Next() % (ulong)jitterMs))) * 1000);
        Volatile.Write(ref _updateAtUs, nowUs + _config.UpdateIntervalMs * 1000);
        Volatile.Write(ref _limitBefore, 0);
    }

    private void Update(long nowUs)
    {
        Volatile.Write(ref _updateAtUs, nowUs + _config.UpdateIntervalMs * 1000);
        if (_samples.Count == 0)
            return;
        Volatile.Write(ref _sampleRttUs, Math.Max(1, _samples.Take(_config.Quantile)));
        // One interval moves the limit to no less than half and no more than twice.
        var gradient = Math.Clamp(_minRttUs * (1 + _config.Buffer) / _sampleRttUs, 0.5, 2.0);
        var limit = _limit * gradient;
        var headroom = Math.Sqrt(limit);
        Volatile.Write(ref _gradientPerMille, (long)(gradient * 1000));
        Volatile.Write(ref _headroom, (long)headroom);
        SetLimit(Math.Max(_config.MinConcurrency, (int)Math.Min(_config.MaxConcurrency, limit + headroom)));
        if (_timesAtMinimum >= MaxTimesAtMinimum)
            Volatile.Write(ref _measureAtUs, nowUs);
    }

    private void SetLimit(int limit)
    {
        var minimum = _config.MinConcurrency;
        _timesAtMinimum = !IsMeasuring && _limit == minimum && limit == minimum ? _timesAtMinimum + 1 : 0;
        Volatile.Write(ref _limit, limit);
    }
}
