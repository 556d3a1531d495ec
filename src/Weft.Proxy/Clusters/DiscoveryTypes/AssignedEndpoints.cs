using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters.HealthChecking;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>
/// The endpoints of a load assignment that changes: one that is named again with another priority, weight, metadata or health is the same object, with
/// its connections and what checks know of it. Main thread.
/// </summary>
/// <param name="keepsCopies">An endpoint that stands there several times is as many endpoints; else it is one.</param>
internal sealed class AssignedEndpoints(StatsStore stats, bool keepsCopies)
{
    private Endpoint[] _current = [];

    /// <summary>Replaces the assignment; the endpoints in its order.</summary>
    /// <param name="assignment">The new one.</param>
    /// <param name="takeBack">Gives an endpoint that was gone and lives on; null: there is none.</param>
    public IReadOnlyList<Endpoint> Take(LoadAssignment assignment, Func<NetAddress, string, Endpoint?> takeBack)
    {
        var count = assignment.Localities.Sum(static locality => locality.Endpoints.Count);
        var current = Index();
        var next = new HashSet<EndpointKey>(count);
        var endpoints = new List<Endpoint>(count);
        foreach (var locality in assignment.Localities)
        {
            foreach (var one in locality.Endpoints)
            {
                var key = new EndpointKey(one.Address, one.Hostname, locality.Region, locality.Zone, locality.SubZone, one.HealthCheck, 0);
                if (!keepsCopies && next.Contains(key))
                    continue;
                while (!next.Add(key))
                    key = key with { Copy = key.Copy + 1 };
                var endpoint = current.GetValueOrDefault(key) ?? TakeBack(key, takeBack);
                if (endpoint is not null)
                {
                    endpoint.Priority = locality.Priority;
                    endpoint.Reconfigure(one.Weight, one.Metadata, one.HealthFlags);
                    endpoint.AdditionalAddresses = one.AdditionalAddresses;
                    endpoint.LocalityMetadata = locality.Metadata;
                }

                endpoint ??= EndpointFactory.Create(locality, one, one.Address, one.Hostname, stats);
                endpoints.Add(endpoint);
            }
        }

        return _current = [.. endpoints];
    }

    /// <summary>The endpoints of the last assignment by what tells them apart. Not kept: of thousands of clusters it weighs more than the endpoints.</summary>
    private Dictionary<EndpointKey, Endpoint> Index()
    {
        var index = new Dictionary<EndpointKey, Endpoint>(_current.Length);
        foreach (var endpoint in _current)
        {
            var key = new EndpointKey(endpoint.Address, endpoint.Hostname, endpoint.Region, endpoint.Zone, endpoint.SubZone, endpoint.HealthCheck, 0);
            while (!index.TryAdd(key, endpoint))
                key = key with { Copy = key.Copy + 1 };
        }

        return index;
    }

    private static Endpoint? TakeBack(EndpointKey key, Func<NetAddress, string, Endpoint?> takeBack) =>
        takeBack(key.Address, key.Hostname) is { } kept && kept.HealthCheck == key.Check && kept.Locality == new EndpointLocality(key.Region, key.Zone, key.SubZone) ? kept : null;

    /// <summary>What makes an endpoint another one.</summary>
    private readonly record struct EndpointKey(NetAddress Address, string Hostname, string Region, string Zone, string SubZone, EndpointHealthCheck Check, int Copy);
}
