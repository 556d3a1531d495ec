using Weft.Xds;

namespace Weft.Proxy.XdsClient.Collections;

/// <summary>
/// Subscriptions of collections (xdstp names that end in <c>*</c>): each is told of every resource whose name is in its collection. What is in
/// it is remembered for subscriptions that come later. Main thread.
/// </summary>
/// <param name="sourceName">What logs call the server.</param>
/// <param name="decoder">Reads a remembered resource again.</param>
internal sealed class CollectionSubscriptions(string sourceName, ResponseDecoder? decoder)
{
    private readonly Dictionary<(ResourceType Type, string Name), Collection> _collections = [];

    public IEnumerable<Subscription> All => _collections.Values.SelectMany(static collection => collection.Subscriptions);

    public bool IsEmpty => _collections.Count == 0;

    /// <summary>Adds one, and tells it what is known.</summary>
    public void Add(Subscription subscription)
    {
        var key = (subscription.Type, subscription.Name!);
        if (!_collections.TryGetValue(key, out var collection))
            _collections[key] = collection = new Collection();
        collection.Subscriptions.Add(subscription);
        if (collection.Version is not { } version || decoder is null)
            return;
        var members = collection.Members.Values.Select(kept => decoder.Decode(subscription.Type, kept).Resources[0]).ToList();
        subscription.Deliver(new DiscoveryUpdate(version, isDelta: true, members, []), sourceName);
    }

    public void Remove(Subscription subscription)
    {
        var key = (subscription.Type, subscription.Name!);
        if (_collections.TryGetValue(key, out var collection) && collection.Subscriptions.Remove(subscription) && collection.Subscriptions.Count == 0)
            _collections.Remove(key);
    }

    /// <summary>Hands an update to those whose collections it concerns; why they refuse it is added to the faults.</summary>
    public void Deliver(ResourceType type, DiscoveryUpdate update, List<string> faults)
    {
        if (IsEmpty)
            return;
        var resources = update.Resources.ToLookup(static resource => XdsTpName.CollectionOf(resource.SentAs));
        var removed = update.Removed.ToLookup(XdsTpName.CollectionOf);
        foreach (var ((of, name), collection) in _collections.ToArray())
        {
            if (of != type)
                continue;
            // A collection that is said to be gone has nothing in it.
            var own = new DiscoveryUpdate(update.Version, update.IsDelta, [.. resources[name]], [.. removed[name].Where(one => one != name)]);
            var concerns = own.Resources.Count + own.Removed.Count > 0 || !update.IsDelta || collection.Version is null;
            if (concerns && Subscription.Deliver(collection.Subscriptions, own, sourceName, faults))
                collection.Keep(own);
        }
    }

    private sealed class Collection
    {
        public List<Subscription> Subscriptions { get; } = [];

        /// <summary>Of the newest accepted update; null: there was none.</summary>
        public string? Version { get; private set; }

        public SortedDictionary<string, KeptResource> Members { get; } = new(StringComparer.Ordinal);

        public void Keep(DiscoveryUpdate update)
        {
            Version = update.Version;
            if (!update.IsDelta)
                Members.Clear();
            foreach (var resource in update.Resources)
                Members[resource.SentAs] = KeptResource.Of(update, resource, resource.SentAs);
            foreach (var name in update.Removed)
                Members.Remove(name);
        }
    }
}
