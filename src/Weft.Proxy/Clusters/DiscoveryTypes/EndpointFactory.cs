using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>Makes live endpoints of configured ones.</summary>
internal static class EndpointFactory
{
    public static Endpoint Create(LocalityAssignment locality, EndpointAssignment assignment, NetAddress address, string hostname, StatsStore stats) => new()
    {
        Address = address,
        AdditionalAddresses = assignment.AdditionalAddresses,
        Hostname = hostname,
        Weight = assignment.Weight,
        Priority = locality.Priority,
        Region = locality.Region,
        Zone = locality.Zone,
        SubZone = locality.SubZone,
        Metadata = assignment.Metadata,
        LocalityMetadata = locality.Metadata,
        HealthFlags = assignment.HealthFlags,
        HealthCheck = assignment.HealthCheck,
        Stats = EndpointStats.Create(stats),
    };
}
