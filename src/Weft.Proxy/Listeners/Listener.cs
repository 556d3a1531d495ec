using Weft.Base.Logging;
using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>One live listener: its bound sockets and its half on every worker. Main thread, except where noted.</summary>
public sealed class Listener
{
    private readonly WorkerListener[] _perWorker;
    private readonly UdpWorkerListener[]? _udp;
    private readonly Worker[] _workers;

    internal Listener(ListenerConfig config, Worker[] workers, BoundSockets sockets, ConnectionLimits limits)
    {
        Config = config;
        Sockets = sockets;
        Limits = limits;
        _workers = workers;
        _perWorker = [.. workers.Select(worker => new WorkerListener(this, worker))];
        if (config.Udp is { } udp)
        {
            var dropped = config.Stats.Scope.Counter("udp.downstream_rx_datagram_dropped");
            _udp = [.. workers.Select(worker => new UdpWorkerListener(worker, udp, dropped))];
        }

        if (config.Source.ConnectionBalanceConfig?.ExactBalance is not null && workers.Length > 1)
            Balancer = new ExactBalancer(_perWorker);
    }

    public ListenerConfig Config { get; }

    /// <summary>The bound addresses, with the kernel's choice where port 0 was configured.</summary>
    public IReadOnlyList<NetAddress> BoundAddresses => Sockets.Addresses;

    /// <summary>Where the configuration came from.</summary>
    public ResourceOrigin Origin { get; internal set; } = ResourceOrigin.Static(default);

    internal BoundSockets Sockets { get; }

    /// <summary>The other listeners; null for one that stands alone.</summary>
    internal ListenerDirectory? Directory { get; init; }

    /// <summary>Its half on a worker. Any thread.</summary>
    internal WorkerListener On(Worker worker) => _perWorker[worker.Index];

    /// <summary>Any thread.</summary>
    public ConnectionLimits Limits { get; }

    /// <summary>Null: connections stay with the worker that the kernel gave them to.</summary>
    internal ExactBalancer? Balancer { get; }

    public bool IsAccepting { get; private set; }

    /// <summary>What it accepts from; empty once it has stopped.</summary>
    internal IEnumerable<ListenSocket> OpenSockets => IsAccepting ? Sockets.All : [];

    /// <summary>What it receives datagrams from; empty once it has stopped.</summary>
    internal IEnumerable<UdpListenSocket> OpenDatagramSockets => IsAccepting ? Sockets.AllUdp : [];

    internal void Start()
    {
        IsAccepting = true;
        for (var i = 0; i < _workers.Length; i++)
        {
            var (perWorker, sockets) = (_perWorker[i], Sockets.Of(i));
            _workers[i].Loop.Post(() => perWorker.Start(sockets));
        }

        ForEachUdp((udp, worker) => udp.Start(Sockets.UdpOf(worker)));
    }

    /// <summary>Begins to accept from the sockets of the listener that this one replaces, which accepts no more.</summary>
    internal void TakeOver(Listener predecessor)
    {
        IsAccepting = predecessor.IsAccepting;
        predecessor.IsAccepting = false;
        for (var i = 0; i < _workers.Length; i++)
        {
            var (mine, theirs) = (_perWorker[i], predecessor._perWorker[i]);
            _workers[i].Loop.Post(() => mine.TakeOver(theirs));
        }

        if (predecessor._udp is { } former)
            ForEachUdp((udp, worker) => udp.TakeOver(former[worker]));
    }

    /// <summary>Connections of filter chains that stay go on with this listener instead of the one that it updates.</summary>
    internal void Adopt(Listener predecessor, HashSet<FilterChainConfig> kept)
    {
        for (var i = 0; i < _workers.Length; i++)
        {
            var (mine, theirs) = (_perWorker[i], predecessor._perWorker[i]);
            _workers[i].Loop.Post(() => mine.Adopt(theirs, kept));
        }
    }

    internal void StopAccepting()
    {
        if (!IsAccepting)
            return;
        IsAccepting = false;
        ForEachWorker(perWorker => perWorker.StopAccepting());
        ForEachUdp((udp, _) => udp.Close());
    }

    internal void PauseAccepting(bool pause) => ForEachWorker(perWorker => perWorker.PauseAccepting(pause));

    internal void Drain(long overMs) => ForEachWorker(perWorker => perWorker.Drain(overMs));

    /// <summary>Listeners of drain_type MODIFY_ONLY take no part in health-check failures (Envoy: Listener.drain_type).</summary>
    internal void FailHealthCheck(bool failed)
    {
        if (Config.Source.DrainType == Envoy.Config.Listener.V3.Listener.Types.DrainType.Default)
            ForEachWorker(perWorker => perWorker.HealthCheckFailed = failed);
    }

    internal void CloseAll()
    {
        ForEachWorker(perWorker => perWorker.CloseAll());
        ForEachUdp((udp, _) => udp.Close());
    }

    /// <summary>Any thread.</summary>
    internal void LogAcceptError(int errno) =>
        Logger.Get("conn_handler").Warning($"listener {Config.Name}: accept failed: {NetException.Text(errno)}; accepting pauses for a moment");

    private void ForEachUdp(Action<UdpWorkerListener, int> work)
    {
        for (var i = 0; i < _udp?.Length; i++)
        {
            var (udp, worker) = (_udp[i], i);
            _workers[i].Loop.Post(() => work(udp, worker));
        }
    }

    private void ForEachWorker(Action<WorkerListener> work)
    {
        for (var i = 0; i < _workers.Length; i++)
        {
            var perWorker = _perWorker[i];
            _workers[i].Loop.Post(() => work(perWorker));
        }
    }
}
