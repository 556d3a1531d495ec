using Weft.Base.Logging;
using Weft.Net;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>One live listener: its bound sockets and its half on every worker. Main thread, except where noted.</summary>
public sealed class Listener
{
    private readonly WorkerListener[] _perWorker;
    private readonly List<ListenSocket>[] _sockets;
    private readonly Worker[] _workers;

    internal Listener(ListenerConfig config, Worker[] workers, ConnectionLimits limits)
    {
        Config = config;
        Limits = limits;
        _workers = workers;
        _perWorker = [.. workers.Select(worker => new WorkerListener(this, worker))];
        _sockets = [.. workers.Select(_ => new List<ListenSocket>())];
        BoundAddresses = config.Addresses;
        if (config.Source.ConnectionBalanceConfig?.ExactBalance is not null && workers.Length > 1)
            Balancer = new ExactBalancer(_perWorker);
    }

    public ListenerConfig Config { get; }

    /// <summary>The bound addresses, with the kernel's choice where port 0 was configured.</summary>
    public IReadOnlyList<NetAddress> BoundAddresses { get; private set; }

    /// <summary>Any thread.</summary>
    public ConnectionLimits Limits { get; }

    /// <summary>Null: connections stay with the worker that the kernel gave them to.</summary>
    internal ExactBalancer? Balancer { get; }

    public bool IsAccepting { get; private set; }

    /// <summary>Binds every address once per worker (SO_REUSEPORT), or once in all and shared when reuse_port is off or for Unix sockets.</summary>
    /// <exception cref="NetException">bind or listen failed.</exception>
    internal void Bind()
    {
        var bound = new List<NetAddress>();
        foreach (var (address, options) in Config.Addresses.Zip(Config.ListenOptions))
        {
            var first = ListenSocket.Bind(address, options);
            _sockets[0].Add(first);
            bound.Add(first.LocalAddress);
            var reuse = options.ReusePort && address.Kind != NetAddressKind.Unix;
            for (var i = 1; i < _workers.Length; i++)
                _sockets[i].Add(reuse ? ListenSocket.Bind(first.LocalAddress, options) : first.Duplicate());
        }

        BoundAddresses = bound;
    }

    internal void Start()
    {
        IsAccepting = true;
        ForEachWorker((perWorker, sockets) => perWorker.Start(sockets));
    }

    internal void StopAccepting()
    {
        if (!IsAccepting)
            return;
        IsAccepting = false;
        ForEachWorker((perWorker, _) => perWorker.StopAccepting());
    }

    internal void Drain() => ForEachWorker((perWorker, _) => perWorker.Drain());

    /// <summary>Listeners of drain_type MODIFY_ONLY take no part in health-check failures (Envoy: Listener.drain_type).</summary>
    internal void FailHealthCheck(bool failed)
    {
        if (Config.Source.DrainType == Envoy.Config.Listener.V3.Listener.Types.DrainType.Default)
            ForEachWorker((perWorker, _) => perWorker.HealthCheckFailed = failed);
    }

    /// <summary>Closes sockets that were bound and never started.</summary>
    internal void Unbind()
    {
        foreach (var socket in _sockets.SelectMany(perWorker => perWorker))
            socket.Dispose();
    }

    internal void CloseAll() => ForEachWorker((perWorker, _) => perWorker.CloseAll());

    /// <summary>Any thread.</summary>
    internal void LogAcceptError(int errno) =>
        Logger.Get("conn_handler").Warning($"listener {Config.Name}: accept failed: {NetException.Text(errno)}; accepting pauses for a moment");

    private void ForEachWorker(Action<WorkerListener, List<ListenSocket>> work)
    {
        for (var i = 0; i < _workers.Length; i++)
        {
            var index = i;
            _workers[i].Loop.Post(() => work(_perWorker[index], _sockets[index]));
        }
    }
}
