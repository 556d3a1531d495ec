using Weft.Proxy.Runtime;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// Clients that open streams only to reset them: when half of so many streams have ended without a response soon after they began, the
/// connection is ended, as in Envoy. One connection; worker thread.
/// </summary>
internal struct PrematureResets
{
    private const ulong DefaultTotal = 500;
    private const ulong DefaultLifetimeSeconds = 1;

    private ulong _closed;
    private ulong _premature;

    /// <summary>A stream of the client's is over; true when there were too many of the kind.</summary>
    /// <param name="runtime">overload.premature_reset_total_stream_count and overload.premature_reset_min_stream_lifetime_seconds.</param>
    /// <param name="lifetimeUs">How long it was open.</param>
    /// <param name="isAnswered">It had a response.</param>
    public bool OnStreamClosed(RuntimeSnapshot runtime, long lifetimeUs, bool isAnswered)
    {
        _closed++;
        if (isAnswered)
            return false;
        var lifetimeSeconds = (ulong)lifetimeUs / 1_000_000;
        if (lifetimeSeconds > runtime.GetInteger("overload.premature_reset_min_stream_lifetime_seconds", DefaultLifetimeSeconds))
            return false;
        _premature++;
        var total = Math.Max(_closed, runtime.GetInteger("overload.premature_reset_total_stream_count", DefaultTotal));
        return _premature * 2 >= total;
    }
}
