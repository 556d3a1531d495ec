using Weft.Net;
using Weft.Xds;

namespace Weft.Proxy.XdsClient;

/// <summary>
/// How long the resources of one management server may be used without hearing of them again (their ttl). One timer for all of them, armed
/// for the earliest deadline. Main thread.
/// </summary>
internal sealed class ResourceLifetimes : IDisposable
{
    private static readonly Comparer<(long DeadlineMs, ResourceType Type, string Name)> ByDeadline = Comparer<(long DeadlineMs, ResourceType Type, string Name)>.Create(Compare);

    private readonly EventLoop _loop;
    private readonly Action<ResourceType, IReadOnlyList<string>> _onExpired;
    private readonly Dictionary<(ResourceType Type, string Name), long> _deadlinesMs = [];
    private readonly SortedSet<(long DeadlineMs, ResourceType Type, string Name)> _inOrder = new(ByDeadline);
    private readonly LoopTimer _timer;
    private bool _isOver;

    /// <param name="onExpired">Hears what has run out, type by type; it is forgotten here by then.</param>
    public ResourceLifetimes(EventLoop loop, Action<ResourceType, IReadOnlyList<string>> onExpired)
    {
        (_loop, _onExpired) = (loop, onExpired);
        _timer = new LoopTimer(loop, Expire);
    }

    /// <summary>
    /// An update has come: a resource with a ttl lives on for that long, one without for ever. What was refused ends no lifetime, as its
    /// predecessor stays in use. Nothing happens behind the end: a response may still be on its way then.
    /// </summary>
    public void OnUpdate(ResourceType type, DiscoveryUpdate update, bool isAccepted)
    {
        if (_isOver)
            return;
        if (isAccepted)
            ForgetGone(type, update);
        foreach (var resource in update.Resources)
            Renew(type, resource, isAccepted);
        foreach (var heartbeat in update.Heartbeats)
            Renew(type, heartbeat, isAccepted);
        ArmForEarliest();
    }

    public void Dispose()
    {
        _isOver = true;
        _timer.Cancel();
    }

    private static int Compare((long DeadlineMs, ResourceType Type, string Name) one, (long DeadlineMs, ResourceType Type, string Name) other)
    {
        var order = one.DeadlineMs.CompareTo(other.DeadlineMs);
        if (order == 0)
            order = string.CompareOrdinal(one.Type.FullName, other.Type.FullName);
        return order == 0 ? string.CompareOrdinal(one.Name, other.Name) : order;
    }

    /// <summary>What an accepted update takes away needs no end of its own.</summary>
    private void ForgetGone(ResourceType type, DiscoveryUpdate update)
    {
        if (_deadlinesMs.Count == 0)
            return;
        foreach (var name in update.Removed)
            Forget(type, name);
        if (update.IsDelta || !type.IsComplete)
            return;
        foreach (var (_, name) in _deadlinesMs.Keys.Where(known => known.Type == type && update.Find(known.Name) is null).ToArray())
            Forget(type, name);
    }

    private void Renew(ResourceType type, DiscoveredResource resource, bool isAccepted)
    {
        if (resource.TtlMs is { } ttlMs)
        {
            Forget(type, resource.Name);
            var deadlineMs = _loop.NowMs + ttlMs;
            _deadlinesMs.Add((type, resource.Name), deadlineMs);
            _inOrder.Add((deadlineMs, type, resource.Name));
        }
        else if (isAccepted)
        {
            Forget(type, resource.Name);
        }
    }

    private void Forget(ResourceType type, string name)
    {
        if (_deadlinesMs.Count > 0 && _deadlinesMs.Remove((type, name), out var deadlineMs))
            _inOrder.Remove((deadlineMs, type, name));
    }

    private void ArmForEarliest()
    {
        if (_inOrder.Count == 0)
            _timer.Cancel();
        else
            _timer.Arm(_inOrder.Min.DeadlineMs - _loop.NowMs);
    }

    private void Expire()
    {
        var expired = new Dictionary<ResourceType, List<string>>();
        while (_inOrder.Count > 0 && _inOrder.Min is var first && first.DeadlineMs <= _loop.NowMs)
        {
            Forget(first.Type, first.Name);
            if (!expired.TryGetValue(first.Type, out var names))
                expired.Add(first.Type, names = []);
            names.Add(first.Name);
        }

        // Armed first: who hears of it may change what there is.
        ArmForEarliest();
        foreach (var (type, names) in expired)
            _onExpired(type, names);
    }
}
