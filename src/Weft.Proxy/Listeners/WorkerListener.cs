using System.Diagnostics.CodeAnalysis;
using Weft.Net;
using Weft.Proxy.Formatting;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Listeners.ListenerFilters;
using Weft.Proxy.Overload;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>A listener on one worker: accepts, enforces connection limits, keeps the list of open connections. Worker thread.</summary>
internal sealed class WorkerListener(Listener listener, Worker worker) : IAcceptHandler
{
    private readonly List<ListenSocket> _sockets = [];
    private readonly HashSet<AcceptedConnection> _pending = [];
    private readonly OpenConnections _open = new();
    private DrainProgress? _drain;
    private LoopTimer? _drainTimer;
    private WorkerListener? _successor;

    public ListenerConfig Config => listener.Config;

    public Listener Listener => listener;

    public Worker Worker => worker;

    /// <summary>Whether the response that is about to be sent says <c>connection: close</c>: the listener drains, or health checks are made to fail.</summary>
    public bool AsksForClose => HealthCheckFailed || (_drain is { } drain && drain.AsksForClose(worker.Loop.NowMs, worker.Random));

    /// <summary>/healthcheck/fail: clients are sent elsewhere as their requests end, but the listener goes on.</summary>
    public bool HealthCheckFailed { get; set; }

    public void Start(IEnumerable<ListenSocket> sockets)
    {
        if (Config.IsInternal)
            worker.Loop.InternalListeners.Listen(Config.Name, this);
        foreach (var socket in sockets)
        {
            Adopt(socket);
            socket.Start(worker.Loop, this);
            if (Config.Overload.StopAcceptingConnections.IsSaturated)
                socket.Pause();
        }
    }

    /// <summary>Goes on with the sockets of the listener that this one replaces; connections stay with that one.</summary>
    public void TakeOver(WorkerListener predecessor)
    {
        foreach (var socket in predecessor._sockets)
        {
            Adopt(socket);
            socket.HandTo(this);
        }

        predecessor._sockets.Clear();
    }

    /// <summary>
    /// Takes over the connections of filter chains that stay. Those that listener filters still look at follow once they have.
    /// </summary>
    public void Adopt(WorkerListener predecessor, HashSet<FilterChainConfig> kept)
    {
        HealthCheckFailed = predecessor.HealthCheckFailed;
        predecessor._successor = this;
        foreach (var connection in predecessor._open)
        {
            if (!kept.Contains(connection.Chain))
                continue;
            predecessor._open.Remove(connection);
            predecessor.MoveCount(this);
            connection.MoveTo(this);
            _open.Add(connection);
        }

        if (predecessor._drain is { } drain)
            GoOnWith(drain);
    }

    /// <summary>stop_accepting_connections: clients wait in the kernel's queue until the proxy is less busy.</summary>
    public void PauseAccepting(bool pause)
    {
        if (Config.Overload == OverloadState.Quiet)
            return;
        foreach (var socket in _sockets)
        {
            if (pause)
                socket.Pause();
            else
                socket.Resume();
        }
    }

    public void StopAccepting()
    {
        if (Config.IsInternal)
            worker.Loop.InternalListeners.Stop(Config.Name, this);
        foreach (var socket in _sockets)
        {
            // Who has been let in by the kernel already is not turned away.
            socket.AcceptQueued();
            socket.Dispose();
        }

        _sockets.Clear();
    }

    /// <summary>Asks clients to go elsewhere, all of them at once or one after the other; a later call replaces an earlier one.</summary>
    /// <param name="overMs">When all have been asked; 0: now.</param>
    public void Drain(long overMs) => GoOnWith(new DrainProgress(worker.Loop.NowMs, overMs));

    public void CloseAll()
    {
        foreach (var pending in _pending.ToArray())
            pending.Close();
        while (_open.First is { } connection)
            connection.Close(CloseMode.Now);
    }

    private void GoOnWith(DrainProgress drain)
    {
        _drain = drain;
        _drainTimer ??= new LoopTimer(worker.Loop, DrainSome);
        DrainSome();
    }

    /// <summary>Connections that answer requests are told by their responses; this is for the others.</summary>
    private void DrainSome()
    {
        var nowMs = worker.Loop.NowMs;
        foreach (var connection in _open)
        {
            if (_drain!.EndsQuiet(nowMs, worker.Random))
                connection.Drain();
        }

        if (!_drain!.IsOver(nowMs))
            _drainTimer!.Arm(_drain.StepMs);
    }

    private void Adopt(ListenSocket socket)
    {
        socket.MaxAcceptsPerTurn = Config.MaxAcceptsPerTurn > 0 ? Config.MaxAcceptsPerTurn : ListenSocket.DefaultMaxAcceptsPerTurn;
        _sockets.Add(socket);
    }

    bool IAcceptHandler.TryHandOver([NotNullWhen(true)] out EventLoop? loop, [NotNullWhen(true)] out IAcceptHandler? handler)
    {
        var least = listener.Balancer?.Assign();
        loop = least?.Worker.Loop;
        handler = least;
        return least is not null && least != this;
    }

    void IAcceptHandler.OnAccepted(int count) => Config.Stats.ConnectionsAcceptedPerSocketEvent.Record(count);

    IConnectionHandler? IAcceptHandler.OnAccept(Connection socket)
    {
        if (Config.Overload.RejectIncomingConnections.IsDrawn(worker.Random) || Config.Overload.TcpListenerAccept.Sheds(worker.Random))
        {
            Config.Stats.DownstreamCxOverloadReject.Inc();
            listener.Balancer?.Release(this);
            return null;
        }

        if (!listener.Limits.TryAcquire(Config))
        {
            listener.Balancer?.Release(this);
            return null;
        }

        LimitBuffers(socket);
        return Config.ListenerFilters.Length == 0 ? Open(socket, null) : new AcceptedConnection(this, socket).Start();
    }

    /// <summary>Gives a connection to the filter chain that fits, or to the listener at the address it was on its way to; null when there is none.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="found">What listener filters have found; null when there are none.</param>
    internal IConnectionHandler? Open(Connection socket, AcceptedConnection? found)
    {
        if (_successor is not null)
        {
            MoveCount(_successor);
            return _successor.Open(socket, found);
        }

        if (found is { IsHandedOver: false, IsLocalAddressRestored: true } && Config.UsesOriginalDst
            && listener.Directory?.Find(found.LocalAddress) is { } target && target != listener)
        {
            ReleaseLimits();
            return target.On(worker).Take(found);
        }

        var input = found?.MatchInput
            ?? new FilterChainMatchInput { LocalAddress = socket.LocalAddress, RemoteAddress = socket.RemoteAddress, DirectRemoteAddress = socket.RemoteAddress };
        if (Config.FilterChains.Find(input) is not { } chain)
        {
            Config.Stats.NoFilterChainMatch.Inc();
            ReleaseLimits();
            return null;
        }

        var connection = new DownstreamConnection(this, socket, chain, found);
        _open.Add(connection);
        Config.Stats.ForWorker(worker.Index).OnAccepted();
        socket.Handler = connection;
        connection.Start();
        return connection;
    }

    /// <summary>Takes a connection that another listener has accepted; null when it is refused.</summary>
    private IConnectionHandler? Take(AcceptedConnection found)
    {
        listener.Balancer?.Adopt(this);
        if (!listener.Limits.TryAcquire(Config))
        {
            listener.Balancer?.Release(this);
            return null;
        }

        var accepted = AcceptedConnection.HandedOver(this, found);
        LimitBuffers(found.Socket);
        found.Socket.Handler = accepted;
        return accepted.Start();
    }

    private void LimitBuffers(Connection socket)
    {
        socket.HighWatermarkBytes = Config.BufferLimitBytes;
        if (Config.BufferLimitBytes > 0)
            socket.MaxReadBytes = Config.BufferLimitBytes;
    }

    internal void AddPending(AcceptedConnection connection)
    {
        _pending.Add(connection);
        Config.Stats.DownstreamPreCxActive.Inc();
    }

    internal void RemovePending(AcceptedConnection connection)
    {
        if (_pending.Remove(connection))
            Config.Stats.DownstreamPreCxActive.Dec();
    }

    /// <summary>A connection that was let in is gone.</summary>
    internal void ReleaseLimits()
    {
        listener.Limits.Release();
        listener.Balancer?.Release(this);
    }

    void IAcceptHandler.OnAcceptError(int errno) => listener.LogAcceptError(errno);

    internal void OnConnectionClosed(DownstreamConnection connection)
    {
        _open.Remove(connection);
        ReleaseLimits();
        Config.Stats.ForWorker(worker.Index).OnClosed((connection.Info.EndUs - connection.Info.StartUs) / 1000);
        if (Config.AccessLogs.Length > 0)
            Log(connection);
    }

    /// <summary>A connection counts with the successor instead.</summary>
    private void MoveCount(WorkerListener successor)
    {
        listener.Limits.MoveTo(successor.Listener.Limits);
        listener.Balancer?.Release(this);
        successor.Listener.Balancer?.Adopt(successor);
    }

    private void Log(DownstreamConnection connection)
    {
        connection.Info.BytesReceived = connection.Socket.BytesReceived;
        connection.Info.BytesSent = connection.Socket.BytesSent;
        var context = new FormatContext(connection.Info);
        foreach (var logger in Config.AccessLogs)
            logger.Log(context);
    }
}
