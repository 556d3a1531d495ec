using Weft.Base.Logging;
using Weft.Proxy.XdsClient.Collections;
using Weft.Xds;

namespace Weft.Proxy.XdsClient;

/// <summary>
/// The subscriptions of one management server, found by what they are interested in; and the newest accepted resource of each name, for
/// subscriptions that come later (a changed cluster asks for the endpoints that its predecessor has). Main thread.
/// </summary>
/// <param name="sourceName">What logs call the server.</param>
/// <param name="decoder">Reads a kept resource again when it is wanted again, so that only its bytes are kept; null: it is kept as it was read.</param>
internal sealed class SubscriptionTable(string sourceName, ResponseDecoder? decoder = null)
{
    private static readonly Logger Log = Logger.Get("config");

    private readonly Dictionary<(ResourceType Type, string? Name), Entry> _entries = [];
    private readonly CollectionSubscriptions _collections = new(sourceName, decoder);
    private readonly List<(ResourceType Type, string? Name)> _left = [];

    public IEnumerable<Subscription> All => _entries.Values.SelectMany(static entry => entry.Subscriptions).Concat(_collections.All);

    public bool IsEmpty => !All.Any();

    /// <summary>Adds one, and tells it what is known.</summary>
    public void Add(Subscription subscription)
    {
        if (XdsTpName.IsCollection(subscription.Name))
        {
            _collections.Add(subscription);
            return;
        }

        var key = (subscription.Type, subscription.Name);
        if (!_entries.TryGetValue(key, out var entry))
            _entries[key] = entry = new Entry();
        entry.Subscriptions = [.. entry.Subscriptions, subscription];
        if (entry.Last is { } known)
            subscription.Deliver(known, sourceName);
        else if (entry.LastBytes is { } bytes)
            subscription.Deliver(decoder!.Decode(subscription.Type, bytes), sourceName);
    }

    /// <summary>
    /// Takes one away. What is known of the name stays until <see cref="ForgetLeft"/>: a cluster that is removed and added again before the server was told of
    /// either gets its endpoints from here, as the server has no reason to send them again.
    /// </summary>
    public void Remove(Subscription subscription)
    {
        if (XdsTpName.IsCollection(subscription.Name))
        {
            _collections.Remove(subscription);
            return;
        }

        var key = (subscription.Type, subscription.Name);
        if (!_entries.TryGetValue(key, out var entry))
            return;
        entry.Subscriptions = Array.FindAll(entry.Subscriptions, other => other != subscription);
        if (entry.Subscriptions.Length == 0)
            _left.Add(key);
    }

    /// <summary>The server is told now what is wanted: what nobody wants any more is forgotten.</summary>
    public void ForgetLeft()
    {
        foreach (var key in _left)
        {
            if (_entries.TryGetValue(key, out var entry) && entry.Subscriptions.Length == 0)
                _entries.Remove(key);
        }

        _left.Clear();
    }

    /// <summary>Hands an update to all whom it concerns. Returns why it was refused, wholly or in part; null when it was not.</summary>
    public string? Deliver(ResourceType type, DiscoveryUpdate update)
    {
        var faults = new List<string>();
        if (_entries.TryGetValue((type, null), out var everything))
            Tell(everything, update, faults);
        // Who takes everything sees by itself what stands twice.
        var names = everything is null && update.Resources.Count > 1 ? new HashSet<string>(update.Resources.Count, StringComparer.Ordinal) : null;
        foreach (var resource in update.Resources)
        {
            if (resource.Name.Length > 0 && names?.Add(resource.Name) == false)
            {
                resource.Refuse();
                RefuseDuplicate(type, resource.Name, faults);
                continue;
            }

            // What cannot be read may have no name, and so nobody who would refuse it.
            if (everything is null && resource.Name.Length == 0)
                Refuse(type, string.Join("; ", resource.NewContext().Findings.Errors), faults);
            if (!_entries.TryGetValue((type, resource.Name), out var entry))
                continue;
            var one = new DiscoveryUpdate(resource.Version, update.IsDelta, [resource], []);
            if (Tell(entry, one, faults))
                Keep(entry, one, resource);
        }

        foreach (var name in update.Removed)
        {
            if (!_entries.TryGetValue((type, name), out var entry))
                continue;
            entry.Forget();
            Tell(entry, new DiscoveryUpdate(update.Version, update.IsDelta, [], [name]), faults);
        }

        _collections.Deliver(type, update, faults);
        return faults.Count == 0 ? null : string.Join("; ", faults);
    }

    /// <summary>The first of a name is in use already.</summary>
    private void RefuseDuplicate(ResourceType type, string name, List<string> faults)
    {
        Refuse(type, $"duplicate name {name} found among added/updated resources", faults);
        if (!_entries.TryGetValue((type, name), out var entry))
            return;
        foreach (var subscription in entry.Subscriptions)
            subscription.Stats.UpdateRejected.Inc();
    }

    private void Refuse(ResourceType type, string fault, List<string> faults)
    {
        if (fault.Length == 0)
            return;
        Log.Warning($"{type} update of {sourceName} rejected in part, what was accepted before stays in use: {fault}");
        faults.Add(fault);
    }

    private bool Tell(Entry entry, DiscoveryUpdate update, List<string> faults) => Subscription.Deliver(entry.Subscriptions, update, sourceName, faults);

    private void Keep(Entry entry, DiscoveryUpdate update, DiscoveredResource resource)
    {
        if (decoder is null)
            entry.Last = update;
        else
            entry.LastBytes = KeptResource.Of(update, resource, entry.Subscriptions is [{ Name: { } shared }, ..] ? shared : resource.Name);
    }

    private sealed class Entry
    {
        /// <summary>Replaced as a whole: who goes through them may bring about others.</summary>
        public Subscription[] Subscriptions { get; set; } = [];

        public DiscoveryUpdate? Last { get; set; }

        public KeptResource? LastBytes { get; set; }

        public void Forget() => (Last, LastBytes) = (null, null);
    }
}
