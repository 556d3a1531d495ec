using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.Bootstrap.HotRestart;

namespace Weft.Proxy.Bootstrap;

/// <content>What the admin interface and the next process may do to it. Main thread.</content>
public sealed partial class Server
{
    void IServerControl.Shutdown() => Stop();

    void IServerControl.FailHealthCheck(bool fail)
    {
        Status.HealthCheckFailed = fail;
        Listeners.FailHealthCheck(fail);
        PublishState();
    }

    void IServerControl.DrainListeners(bool inboundOnly, bool graceful, bool skipExit)
    {
        if (!graceful)
        {
            Listeners.StopAccepting(inboundOnly);
            return;
        }
        // A drain that covers this one is under way already.
        if (_isDraining && (inboundOnly || !_drainsInboundOnly))
            return;
        (_isDraining, _drainsInboundOnly) = (true, inboundOnly);
        Listeners.Drain(inboundOnly, _options.DrainTimes.SpreadMs);
        if (!skipExit)
            _drained.Arm(_options.DrainTimes.LimitMs);
    }

    IReadOnlyList<UdpListenSocket> IHotRestartOwner.DatagramSockets => [.. Listeners.OpenDatagramSockets];

    IReadOnlyList<ListenSocket> IHotRestartOwner.ListeningSockets => [.. Listeners.OpenSockets, .. _admin?.OpenSockets ?? []];

    DateTimeOffset IHotRestartOwner.FirstStartedAt => Status.FirstStartedAt;

    void IHotRestartOwner.Post(Action work) => _services.Workers.Main.Loop.Post(work);

    void IHotRestartOwner.HandOver()
    {
        Log.Info("a new process has taken over the listening sockets: draining");
        // What is counted from here on goes to the successor, and from there to the sinks.
        _flush.Flush();
        _flush.Stop();
        _admin?.StopAccepting();
        _stop.BeginBeside(_options.ParentShutdownTimeSeconds * 1000L, _options.DrainTimes.SpreadMs);
        PublishState();
    }

    void IHotRestartOwner.BeginReport(HotRestartChannel successor)
    {
        _report = new StatsReport(Stats, successor, () => Listeners.ActiveConnections, _services.Workers.Main.Loop);
        _report.Start();
    }

    void IHotRestartOwner.EndReport()
    {
        _report?.Dispose();
        _report = null;
    }

    void IHotRestartOwner.EndNow() => StopNow();
}
