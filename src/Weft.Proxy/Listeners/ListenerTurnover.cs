using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Listeners;

/// <summary>
/// How one listener comes to be used after another: the new one warms, goes on with sockets and unchanged filter chains of its predecessor, and
/// the connections that are left drain. Main thread.
/// </summary>
internal sealed class ListenerTurnover
{
    private readonly ListenerTable _table;
    private readonly int _workerCount;
    private readonly ListenerManagerStats _stats;
    private readonly DrainingListeners _draining;
    private readonly List<Action> _whenSettled = [];
    private InitManager? _serverInit;
    private int _warming;
    private bool _isStopped;
    private bool _isInboundStopped;
    private bool _healthCheckFailed;

    /// <param name="table">Those that are known; changed as they come into use.</param>
    /// <param name="workerCount">Each listener counts once for each of them.</param>
    /// <param name="drainTimes">Of connections whose listener is replaced or removed.</param>
    public ListenerTurnover(ListenerTable table, EventLoop mainLoop, int workerCount, DrainTimes drainTimes, ListenerManagerStats stats)
    {
        (_table, _workerCount, _stats) = (table, workerCount, stats);
        _draining = new DrainingListeners(mainLoop, drainTimes, stats, TellIfSettled);
    }

    /// <summary>Listeners accept as soon as they are in use.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Those that were removed or replaced, as long as they have connections.</summary>
    public IEnumerable<Listener> Draining => _draining.Whole;

    /// <summary>Calls <paramref name="done"/> once, as soon as no listener is warming and none drains.</summary>
    public void WhenSettled(Action done)
    {
        _whenSettled.Add(done);
        TellIfSettled();
    }

    /// <summary>Makes the server wait for what its listeners wait for, and those that come meanwhile.</summary>
    public void Initialize(InitManager server)
    {
        _serverInit = server;
        foreach (var (_, entry) in _table.All)
            AwaitInServer(entry.Newest);
    }

    /// <summary>Begins accepting on every worker.</summary>
    public void Start()
    {
        (IsStarted, _serverInit) = (true, null);
        foreach (var listener in _table.Active)
            StartOne(listener);
        _stats.WorkersStarted.Set(1);
    }

    /// <summary>Closes the listening sockets; connections live on. <paramref name="inboundOnly"/>: only listeners of traffic direction INBOUND.</summary>
    public void StopAccepting(bool inboundOnly)
    {
        _isInboundStopped = true;
        _isStopped |= !inboundOnly;
        foreach (var listener in _table.Active.Where(listener => !inboundOnly || listener.Config.IsInbound))
        {
            if (listener.IsAccepting)
                _stats.ListenerStopped.Inc();
            listener.StopAccepting();
        }
    }

    /// <summary>While health checks are made to fail, responses carry <c>Connection: close</c>.</summary>
    public void FailHealthCheck(bool failed)
    {
        _healthCheckFailed = failed;
        foreach (var listener in _table.Active)
            listener.FailHealthCheck(failed);
    }

    /// <summary>It is used once its routes and secrets are known; what of the same name waited before is dropped.</summary>
    public void Warm(ManagedListener entry, ListenerWithLifetime made)
    {
        DropWarming(entry);
        if (!IsStarted)
        {
            Activate(entry, made);
            if (_serverInit is not null)
                AwaitInServer(made);
            return;
        }

        entry.Warming = made;
        _stats.TotalListenersWarming.Set(++_warming);
        made.Init.Start(() =>
        {
            // Another update may have come meanwhile.
            if (entry.Warming != made)
                return;
            entry.Warming = null;
            _stats.TotalListenersWarming.Set(--_warming);
            Activate(entry, made);
            TellIfSettled();
        });
    }

    /// <summary>It takes the place of what is in use under its name.</summary>
    public void Activate(ManagedListener entry, ListenerWithLifetime made)
    {
        var former = entry.Active;
        entry.Active = made;
        if (former is null)
            _table.Active.Add(made.Listener);
        else
            _table.Active[_table.Active.IndexOf(former.Listener)] = made.Listener;
        PublishActive();
        if (IsStarted)
            StartAfter(made);
        if (made.Updated is { } updated)
            GoOn(updated, made);
        if (former is not null && former != made.Predecessor)
            Retire(former);
        if (made.Predecessor is { } predecessor && (predecessor == former || predecessor.IsLeaving))
            Retire(predecessor, keepSockets: true);
        made.Predecessor = made.Updated = null;
    }

    /// <summary>An entry has left the table: what it had in use accepts no more.</summary>
    public void Remove(ManagedListener entry)
    {
        DropWarming(entry);
        if (entry.Active is not { } active)
            return;
        _table.Active.Remove(active.Listener);
        PublishActive();
        // A successor at the same address that is not ready yet lets it go on until then.
        active.IsLeaving = _table.All.Any(other => other.Value.Warming?.Predecessor == active);
        if (!active.IsLeaving)
            Retire(active);
    }

    /// <summary>Closes every connection of those that drain, at once.</summary>
    public void CloseDraining() => _draining.CloseAll();

    /// <summary>Gives back what removed listeners own, as far as nothing uses it any more.</summary>
    public void ReleaseDrained() => _draining.Release();

    private void AwaitInServer(ListenerWithLifetime listener)
    {
        if (!listener.Init.IsStarted)
            _serverInit!.Add(listener.Init.Name, target => listener.Init.Start(target.Ready));
    }

    private void DropWarming(ManagedListener entry)
    {
        if (entry.Warming is not { } warming)
            return;
        entry.Warming = null;
        _stats.TotalListenersWarming.Set(--_warming);
        warming.Lifetime.Dispose();
        if (warming.Predecessor is null)
            warming.Listener.Sockets.Dispose();
        else if (warming.Predecessor.IsLeaving)
            Retire(warming.Predecessor);
    }

    /// <summary>Filter chains that stay as they are go on with the listener that has taken over, and their connections with them.</summary>
    private void GoOn(ListenerWithLifetime former, ListenerWithLifetime made)
    {
        var kept = made.Listener.Config.FilterChains.All.Intersect(former.Listener.Config.FilterChains.All, ReferenceEqualityComparer.Instance).Cast<FilterChainConfig>().ToHashSet();
        foreach (var chain in kept)
            former.Lifetime.Hand(chain.Lifetime!, made.Lifetime);
        made.Listener.Adopt(former.Listener, kept);
        former.DrainingChains = former.Listener.Config.FilterChains.All.Count - kept.Count;
        _stats.ListenerInPlaceUpdated.Inc();
    }

    private void TellIfSettled()
    {
        if (_whenSettled.Count == 0 || _warming > 0 || _draining.Count > 0)
            return;
        var waiting = _whenSettled.ToArray();
        _whenSettled.Clear();
        foreach (var done in waiting)
            done();
    }

    private void StartAfter(ListenerWithLifetime made)
    {
        if (made.Predecessor is { Listener.IsAccepting: true } predecessor)
        {
            made.Listener.TakeOver(predecessor.Listener);
            OnStarted(made.Listener);
        }
        else
        {
            StartOne(made.Listener);
        }
    }

    private void StartOne(Listener listener)
    {
        if (_isStopped || (_isInboundStopped && listener.Config.IsInbound))
            return;
        listener.Start();
        OnStarted(listener);
    }

    private void OnStarted(Listener listener)
    {
        _stats.ListenerCreateSuccess.Add(_workerCount);
        if (_healthCheckFailed)
            listener.FailHealthCheck(true);
    }

    /// <summary>It accepts no more, and its connections drain.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="keepSockets">They went to its successor.</param>
    private void Retire(ListenerWithLifetime listener, bool keepSockets = false)
    {
        listener.IsLeaving = false;
        if (IsStarted)
        {
            listener.Listener.StopAccepting();
            _draining.Add(listener);
            return;
        }

        if (!keepSockets)
            listener.Listener.Sockets.Dispose();
        listener.Lifetime.Dispose();
    }

    private void PublishActive()
    {
        _table.Directory.Publish(_table.Active);
        _stats.TotalListenersActive.Set(_table.Active.Count);
    }
}
