using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Xds;

namespace Weft.Proxy.XdsClient;

/// <summary>
/// One interest in resources: of a type, all of them or one name. Counts, limits the wait for the first answer, and hands updates to its
/// watcher. Main thread.
/// </summary>
internal sealed class Subscription : IDisposable
{
    private static readonly Logger Log = Logger.Get("config");

    private readonly IResourceSource _source;
    private readonly IResourceWatcher _watcher;
    private readonly EventLoop _loop;
    private readonly long _initialFetchTimeoutMs;
    private HashSet<string>? _asked;
    private LoopTimer? _initialFetch;
    private bool _isStarted;
    private bool _isOver;

    /// <param name="name">The resource; null: all of the type.</param>
    /// <param name="initialFetchTimeoutMs">0: without limit.</param>
    public Subscription(ResourceType type, string? name, IResourceSource source, IResourceWatcher watcher, SubscriptionStats stats, EventLoop loop, long initialFetchTimeoutMs)
    {
        (Type, Name, _source, _watcher, Stats) = (type, name, source, watcher, stats);
        (_loop, _initialFetchTimeoutMs) = (loop, initialFetchTimeoutMs);
    }

    public ResourceType Type { get; }

    public string? Name { get; }

    public SubscriptionStats Stats { get; }

    /// <summary>Begins; the first update may come from within this call.</summary>
    public void Start()
    {
        if (_isStarted || _isOver)
            return;
        _isStarted = true;
        if (_initialFetchTimeoutMs > 0)
        {
            _initialFetch = new LoopTimer(_loop, OnInitialFetchTimeout);
            _initialFetch.Arm(_initialFetchTimeoutMs);
        }

        if (_source.IsPushed)
            Stats.UpdateAttempt.Inc();
        _source.Add(this);
    }

    /// <summary>Asks for one more resource of the type, until <see cref="Unask"/> or the end.</summary>
    public void Ask(string name)
    {
        if (!_isStarted || _isOver || !(_asked ??= new HashSet<string>(StringComparer.Ordinal)).Add(name))
            return;
        Stats.UpdateAttempt.Inc();
        _source.Ask(this, name);
    }

    public void Unask(string name)
    {
        if (_asked?.Remove(name) ?? false)
            _source.Unask(this, name);
    }

    /// <summary>Hands an update over. Returns why it was refused, null when it was not.</summary>
    public string? Deliver(DiscoveryUpdate update, string sourceName)
    {
        if (_isOver)
            return null;
        var startUs = _loop.NowUs;
        StopWaiting();
        Stats.UpdateAttempt.Inc();
        var fault = _watcher.OnUpdate(update);
        if (fault is null)
        {
            Stats.OnAccepted(update.Version, _loop.UtcNow);
            Stats.UpdateDuration.Record(Math.Max(0, _loop.NowUs - startUs) / 1000);
            return null;
        }

        if (!_watcher.TakesGoodOnes)
        {
            foreach (var resource in update.Resources)
                resource.Refuse();
        }

        // Of many resources of a response the one that is wrong.
        if (Name is not null)
            fault = $"{Name}: {fault}";
        Stats.UpdateRejected.Inc();
        Log.Warning($"{Type} update of {sourceName} rejected, what was accepted before stays in use: {fault}");
        return fault;
    }

    /// <summary>Hands an update to several. False when one refuses it; what it says is added to the faults, once where several say the same.</summary>
    public static bool Deliver(IEnumerable<Subscription> subscriptions, DiscoveryUpdate update, string sourceName, List<string> faults)
    {
        var accepted = true;
        // Who is told may begin and end subscriptions.
        foreach (var subscription in subscriptions.ToArray())
        {
            if (subscription.Deliver(update, sourceName) is not { } fault)
                continue;
            accepted = false;
            if (!faults.Contains(fault))
                faults.Add(fault);
        }

        return accepted;
    }

    /// <summary>The source could not be read; what is in use stays.</summary>
    public void Fail(string sourceName, string reason) => Fail(Stats.UpdateFailure, $"failed: in {sourceName}, {reason}");

    /// <summary>The source has answered what cannot be read; what is in use stays.</summary>
    public void Refuse(string sourceName, string reason) => Fail(Stats.UpdateRejected, $"of {sourceName} rejected, what was accepted before stays in use: {reason}");

    /// <summary>The source cannot be reached: what comes is waited for still.</summary>
    public void OnUnreachable()
    {
        Stats.UpdateAttempt.Inc();
        Stats.UpdateFailure.Inc();
    }

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        StopWaiting();
        foreach (var name in _asked ?? [])
            _source.Unask(this, name);
        _asked = null;
        if (_isStarted)
            _source.Remove(this);
    }

    private void Fail(Counter counter, string text)
    {
        Stats.UpdateAttempt.Inc();
        counter.Inc();
        Log.Warning($"{Type} update {text}");
        StopWaiting();
        _watcher.OnNothing();
    }

    private void StopWaiting()
    {
        _initialFetch?.Cancel();
        _initialFetch = null;
    }

    private void OnInitialFetchTimeout()
    {
        Stats.InitFetchTimeout.Inc();
        if (_source.IsPushed)
            Stats.UpdateAttempt.Inc();
        Log.Warning($"{Type}: initial fetch timed out for {Name ?? "all resources"}");
        _watcher.OnNothing();
    }
}
