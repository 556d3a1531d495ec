using Envoy.Config.Endpoint.V3;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.XdsClient;

namespace Weft.Proxy.Clusters.DiscoveryTypes.LocalityEndpoints;

/// <summary>
/// An assignment of which some localities name a collection (LEDS) in place of endpoints: the collections of all of them, and the assignment that
/// they make together. Main thread.
/// </summary>
/// <param name="subscriptions">Where collections are asked for.</param>
/// <param name="cluster"><c>cluster.NAME.</c></param>
/// <param name="onChange">Called when <see cref="Assignment"/> is another, as soon as all have been heard of.</param>
internal sealed class CollectedLocalities(SubscriptionFactory subscriptions, StatsScope cluster, Action onChange) : IDisposable
{
    private readonly StatsScope _scope = cluster.Scope("leds.");
    private readonly Dictionary<LedsClusterLocalityConfig, EndpointCollection> _collections = [];
    private ClusterLoadAssignment _message = new();
    private bool _isFollowing;

    /// <summary>All collections have been heard of.</summary>
    public bool IsComplete => _collections.Values.All(static collection => collection.IsHeardOf);

    /// <summary>Whether there is a locality that names a collection.</summary>
    public static bool AreIn(ClusterLoadAssignment message) => message.Endpoints.Any(static locality => locality.LedsClusterLocalityConfig is not null);

    /// <summary>The assignment with the endpoints of its collections.</summary>
    public ClusterLoadAssignment Assignment() => Filled(_message, leds => _collections[leds].Endpoints);

    /// <summary>Replaces the assignment: collections that it names still go on. False, with the faults reported, when it cannot be used.</summary>
    public bool Follow(ClusterLoadAssignment message, ConfigContext context)
    {
        var made = new Dictionary<LedsClusterLocalityConfig, (EndpointCollection Collection, Subscription Subscription)>();
        foreach (var locality in message.Endpoints.Where(static locality => locality.LedsClusterLocalityConfig is not null))
        {
            var leds = locality.LedsClusterLocalityConfig;
            if (locality.LbEndpoints.Count > 0)
                context.Error(locality, "lb_endpoints", $"A ClusterLoadAssignment for cluster {message.ClusterName} cannot include both LEDS (resource: {leds.LedsCollectionName}) and a list of endpoints.");
            else if (!_collections.ContainsKey(leds) && !made.ContainsKey(leds))
                Make(leds, made, context);
        }

        // Endpoints are judged as they come; the rest is judged now.
        LoadAssignment.Create(Filled(message, static _ => []), DiscoveryType.Eds, context);
        if (context.Findings.HasErrors)
            return false;
        _message = message;
        Forget();
        Start(made);
        return true;
    }

    public void Dispose()
    {
        foreach (var collection in _collections.Values)
            collection.Dispose();
        _scope.Dispose();
    }

    private static ClusterLoadAssignment Filled(ClusterLoadAssignment message, Func<LedsClusterLocalityConfig, IEnumerable<LbEndpoint>> endpointsOf)
    {
        var whole = message.Clone();
        foreach (var locality in whole.Endpoints)
        {
            if (locality.LedsClusterLocalityConfig is not { } leds)
                continue;
            locality.LbEndpoints.AddRange(endpointsOf(leds));
            locality.LedsClusterLocalityConfig = null;
        }

        return whole;
    }

    private void Make(LedsClusterLocalityConfig leds, Dictionary<LedsClusterLocalityConfig, (EndpointCollection Collection, Subscription Subscription)> made, ConfigContext context)
    {
        var collection = new EndpointCollection(_scope, OnChange);
        if (subscriptions.CreateLocality(leds, collection, _scope, context) is { } subscription)
            made[leds] = (collection, subscription);
    }

    /// <summary>Ends the collections that no locality names any more.</summary>
    private void Forget()
    {
        var named = _message.Endpoints.Select(static locality => locality.LedsClusterLocalityConfig).OfType<LedsClusterLocalityConfig>().ToHashSet();
        foreach (var (leds, collection) in _collections.Where(pair => !named.Contains(pair.Key)).ToArray())
        {
            collection.Dispose();
            _collections.Remove(leds);
        }
    }

    private void Start(Dictionary<LedsClusterLocalityConfig, (EndpointCollection Collection, Subscription Subscription)> made)
    {
        // All of them first: what one brings at once is no whole assignment without the others.
        foreach (var (leds, (collection, _)) in made)
            _collections.Add(leds, collection);
        _isFollowing = true;
        foreach (var (collection, subscription) in made.Values)
            collection.Start(subscription);
        _isFollowing = false;
    }

    /// <summary>While the assignment is being followed, who follows looks at it afterwards.</summary>
    private void OnChange()
    {
        if (!_isFollowing && IsComplete)
            onChange();
    }
}
