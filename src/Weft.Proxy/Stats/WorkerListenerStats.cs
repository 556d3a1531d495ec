using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>listener.ADDRESS.worker_N.*</c>, and through them the listener's own.</summary>
public sealed class WorkerListenerStats
{
    private readonly ListenerStats _listener;
    private readonly Counter _total;
    private readonly Gauge _active;

    internal WorkerListenerStats(ListenerStats listener, StatsScope scope, string prefix)
    {
        _listener = listener;
        var own = scope.Scope(prefix);
        _total = own.Counter("downstream_cx_total");
        _active = own.Gauge("downstream_cx_active");
    }

    public void OnAccepted()
    {
        _total.Inc();
        _active.Inc();
        _listener.DownstreamCxTotal.Inc();
        _listener.DownstreamCxActive.Inc();
    }

    public void OnClosed(long lengthMs)
    {
        _active.Dec();
        _listener.DownstreamCxActive.Dec();
        _listener.DownstreamCxDestroy.Inc();
        _listener.DownstreamCxLengthMs.Record(lengthMs);
    }
}
