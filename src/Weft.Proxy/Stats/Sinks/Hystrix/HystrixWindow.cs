using Weft.Base.Stats;

namespace Weft.Proxy.Stats.Sinks.Hystrix;

/// <summary>The requests of one cluster over the last flushes. Main thread.</summary>
/// <param name="length">Totals that are kept: num_buckets and one more.</param>
internal sealed class HystrixWindow(int length)
{
    private readonly Totals[] _history = new Totals[length];
    private Totals _next;
    private int _position = -1;

    /// <summary>The times of the last interval; null when there were none.</summary>
    public HistogramData? Times { get; set; }

    /// <summary>What came about within the window.</summary>
    public Totals Rolling
    {
        get
        {
            var newest = _history[_position];
            var oldest = _history[(_position + 1) % length];
            return new Totals(
                Math.Max(0, newest.Successes - oldest.Successes),
                Math.Max(0, newest.Errors - oldest.Errors),
                Math.Max(0, newest.Timeouts - oldest.Timeouts),
                Math.Max(0, newest.Rejected - oldest.Rejected));
        }
    }

    /// <summary>Takes a counter of the cluster, by the part of its name behind the cluster's. Retries count as requests; a time-out is a 504 too, but no error.</summary>
    public void Add(string name, long value) => _next = name switch
    {
        "upstream_rq_2xx" => _next with { Successes = _next.Successes + value },
        "upstream_rq_4xx" or "upstream_rq_5xx" or "retry.upstream_rq_4xx" or "retry.upstream_rq_5xx" => _next with { Errors = _next.Errors + value },
        "upstream_rq_timeout" => _next with { Timeouts = _next.Timeouts + value, Errors = _next.Errors - value },
        "upstream_rq_per_try_timeout" => _next with { Timeouts = _next.Timeouts + value },
        "upstream_rq_pending_overflow" => _next with { Rejected = _next.Rejected + value },
        _ => _next,
    };

    /// <summary>Ends a flush: what was taken is the newest total. The first fills the window, so that it starts with nothing.</summary>
    public void Push()
    {
        if (_position < 0)
            Array.Fill(_history, _next);
        _position = (_position + 1) % length;
        _history[_position] = _next;
        _next = default;
    }

    /// <summary>Totals since the start, or within a window.</summary>
    public readonly record struct Totals(long Successes, long Errors, long Timeouts, long Rejected)
    {
        public long Requests => Successes + Errors + Timeouts + Rejected;

        /// <summary>0 to 100.</summary>
        public long ErrorPercentage => Requests == 0 ? 0 : 100 * (Errors + Timeouts + Rejected) / Requests;
    }
}
