namespace Weft.Observe.Traffic;

/// <summary>A row of the live table: what happened in each of the latest intervals. Loop thread.</summary>
internal sealed class TrafficRow(TrafficKey key)
{
    /// <summary>Points of the small chart.</summary>
    public const int Points = 60;

    /// <summary>Intervals over which latencies are told: proxies flush histograms less often than they are asked.</summary>
    private const int LatencyIntervals = 15;

    private readonly Queue<double> _rates = new();
    private readonly Queue<LogHistogram> _latencies = new();
    private LogHistogram _current = new();
    private ScrapedTotals? _last;
    private double _logged;
    private double _loggedErrors;

    public TrafficKey Key => key;

    /// <summary>Since the proxy started, or since the first log entry.</summary>
    public double Total { get; private set; }

    /// <summary>In the last interval.</summary>
    public double PerSecond { get; private set; }

    public double ErrorsPerSecond { get; private set; }

    /// <summary>Being served now; NaN where only logs tell of it.</summary>
    public double Active { get; private set; } = double.NaN;

    /// <summary>Requests per second of the latest intervals, the oldest first.</summary>
    public IEnumerable<double> Rates => _rates;

    /// <summary>How long ago something last came in, in intervals.</summary>
    public int Silence { get; private set; }

    /// <summary>Of the latest intervals, milliseconds.</summary>
    public LogHistogram LatenciesMs
    {
        get
        {
            var all = new LogHistogram();
            foreach (var interval in _latencies)
                all.Add(interval);
            all.Add(_current);
            return all;
        }
    }

    /// <summary>A request that was logged.</summary>
    public void AddRequest(bool isError, double durationMs)
    {
        _logged++;
        if (isError)
            _loggedErrors++;
        _current.Add(durationMs);
    }

    /// <summary>The totals of a scrape; those before it are taken off, unless the proxy has started anew.</summary>
    public void AddScrape(ScrapedTotals totals, double seconds)
    {
        var before = _last is null || totals.Requests < _last.Requests ? null : _last;
        Active = totals.Active;
        if (_last is not null)
        {
            var (requests, errors) = (totals.Requests - (before?.Requests ?? 0), totals.Errors - (before?.Errors ?? 0));
            AddBuckets(totals, before);
            EndInterval(totals.Requests, requests / seconds, errors / seconds, requests > 0 || totals.Active > 0);
        }
        else
        {
            EndInterval(totals.Requests, 0, 0, isActive: false);
        }

        _last = totals;
    }

    /// <summary>The interval of rows that are fed by logs is over.</summary>
    public void EndLoggedInterval(double seconds)
    {
        EndInterval(Total + _logged, _logged / seconds, _loggedErrors / seconds, _logged > 0);
        (_logged, _loggedErrors) = (0, 0);
    }

    private void EndInterval(double total, double perSecond, double errorsPerSecond, bool isActive)
    {
        (Total, PerSecond, ErrorsPerSecond) = (total, perSecond, errorsPerSecond);
        Silence = isActive ? 0 : Silence + 1;
        _rates.Enqueue(perSecond);
        if (_rates.Count > Points)
            _rates.Dequeue();
        _latencies.Enqueue(_current);
        _current = new LogHistogram();
        if (_latencies.Count > LatencyIntervals)
            _latencies.Dequeue();
    }

    /// <summary>What is new in each bucket is spread over it, so that a quantile within it is interpolated.</summary>
    private void AddBuckets(ScrapedTotals totals, ScrapedTotals? before)
    {
        const int parts = 8;
        var (lower, below) = (0.0, 0.0);
        foreach (var (upper, count) in totals.Buckets)
        {
            var all = count - (before?.Buckets.GetValueOrDefault(upper) ?? 0);
            var inBucket = (long)Math.Round(all - below);
            below = all;
            // Beyond the last bound nothing is known but that.
            var width = double.IsFinite(upper) ? upper - lower : 0;
            for (var part = 0; part < parts; part++)
                _current.Add(lower + (width * (part + 0.5) / parts), (inBucket * (part + 1) / parts) - (inBucket * part / parts));
            if (double.IsFinite(upper))
                lower = upper;
        }
    }
}
