using Weft.Base.Logging;
using Weft.Net;
using Weft.Xds;

namespace Weft.Proxy.XdsClient.Saving;

/// <summary>
/// Stands in for a management server that cannot be reached, or does not answer, when the proxy starts: what it said last is delivered, type
/// by type, until it answers for the type itself. Main thread.
/// </summary>
internal sealed class SavedState : IDisposable
{
    /// <summary>How long a server that can be reached has for its first answer.</summary>
    private const long PatienceMs = 5000;

    private static readonly Logger Log = Logger.Get("config");

    private readonly SavedResources _resources;
    private readonly string _source;
    private readonly ResponseDecoder _decoder;
    private readonly SubscriptionTable _subscriptions;
    private readonly Action<ResourceType, DiscoveryUpdate> _onServed;
    private readonly LoopTimer _patience;
    private readonly HashSet<ResourceType> _answered = [];
    private bool _stands;

    /// <param name="directory">Of --xds-cache.</param>
    /// <param name="source">What logs call the server.</param>
    /// <param name="onServed">Hears what was delivered.</param>
    public SavedState(string directory, string source, EventLoop loop, ResponseDecoder decoder, SubscriptionTable subscriptions, Action<ResourceType, DiscoveryUpdate> onServed)
    {
        (_source, _decoder, _subscriptions, _onServed) = (source, decoder, subscriptions, onServed);
        _resources = new SavedResources(directory, source, loop);
        _patience = new LoopTimer(loop, StandIn);
    }

    /// <summary>The server is being asked.</summary>
    public void OnAsking()
    {
        if (!_stands && _answered.Count == 0 && !_patience.IsArmed)
            _patience.Arm(PatienceMs);
    }

    /// <summary>The server has answered; <paramref name="fault"/>: why not all of it was accepted.</summary>
    public void OnAnswer(ResourceType type, DiscoveryUpdate update, string? fault)
    {
        _patience.Cancel();
        _answered.Add(type);
        _resources.OnAnswer(type, update, isWhole: fault is null);
    }

    /// <summary>The ttl of resources has passed.</summary>
    public void OnExpired(ResourceType type, DiscoveryUpdate removal) => _resources.OnAnswer(type, removal, isWhole: true);

    /// <summary>The server cannot be reached, or has not answered for too long: everything that waits is told what is saved. Only before the first answer.</summary>
    public void StandIn()
    {
        if (_stands || _answered.Count > 0)
            return;
        _stands = true;
        _patience.Cancel();
        Log.Warning($"{_source}: no answer; what was saved of it is used until there is one");
        foreach (var subscription in _subscriptions.All.ToArray())
            OnAdded(subscription);
    }

    /// <summary>A subscription has begun.</summary>
    public void OnAdded(Subscription subscription)
    {
        if (!_stands || _answered.Contains(subscription.Type) || _resources.Find(subscription.Type, subscription.Name) is not { } response)
            return;
        var update = _decoder.Decode(subscription.Type, response);
        subscription.Deliver(update, _source);
        _onServed(subscription.Type, update);
    }

    public void Dispose()
    {
        _patience.Cancel();
        _resources.Dispose();
    }
}
