using System.Text.RegularExpressions;
using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Type.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Net;
using Weft.Proxy.Clusters;
using Endpoint = Weft.Proxy.Clusters.Endpoint;

namespace Weft.Proxy.Admin;

/// <summary>The endpoints in use, as assignments (<c>/config_dump?include_eds</c>): dynamic are those of clusters that were discovered.</summary>
internal static class EndpointsDump
{
    private const double Million = 1_000_000;

    /// <param name="names">Of assignments; null: all.</param>
    public static EndpointsConfigDump Make(IEnumerable<Cluster> clusters, Regex? names)
    {
        var dump = new EndpointsConfigDump();
        foreach (var cluster in clusters)
        {
            var name = NameOf(cluster);
            if (names is not null && !names.IsMatch(name))
                continue;
            var assignment = Any.Pack(Assignment(cluster, name));
            if (cluster.Origin.IsDynamic)
                dump.DynamicEndpointConfigs.Add(new EndpointsConfigDump.Types.DynamicEndpointConfig { EndpointConfig = assignment });
            else
                dump.StaticEndpointConfigs.Add(new EndpointsConfigDump.Types.StaticEndpointConfig { EndpointConfig = assignment });
        }

        return dump;
    }

    private static string NameOf(Cluster cluster) => cluster.Config.EdsServiceName.Length > 0 ? cluster.Config.EdsServiceName : cluster.Config.Name;

    private static ClusterLoadAssignment Assignment(Cluster cluster, string name)
    {
        var endpoints = cluster.Endpoints;
        var assignment = new ClusterLoadAssignment { ClusterName = name, Policy = new() { OverprovisioningFactor = endpoints.OverprovisioningFactor } };
        if (endpoints.DropOverload > 0)
        {
            var share = new FractionalPercent { Numerator = (uint)(endpoints.DropOverload * Million), Denominator = FractionalPercent.Types.DenominatorType.Million };
            assignment.Policy.DropOverloads.Add(new ClusterLoadAssignment.Types.Policy.Types.DropOverload { Category = endpoints.DropCategory, DropPercentage = share });
        }

        for (var priority = 0; priority < endpoints.Priorities.Count; priority++)
            assignment.Endpoints.AddRange(endpoints.Priorities[priority].Localities.Select(locality => Locality((uint)priority, locality)));
        return assignment;
    }

    private static LocalityLbEndpoints Locality(uint priority, EndpointsOfLocality locality) => new()
    {
        Locality = new Locality { Region = locality.Locality.Region, Zone = locality.Locality.Zone, SubZone = locality.Locality.SubZone },
        Priority = priority,
        LoadBalancingWeight = locality.Weight > 0 ? locality.Weight : null,
        LbEndpoints = { locality.All.Select(LbEndpoint) },
    };

    private static LbEndpoint LbEndpoint(Endpoint endpoint) => new()
    {
        Endpoint = new Envoy.Config.Endpoint.V3.Endpoint
        {
            Address = AddressMessage.Of(endpoint.Address),
            AdditionalAddresses = { endpoint.AdditionalAddresses.Select(static address => new Envoy.Config.Endpoint.V3.Endpoint.Types.AdditionalAddress { Address = AddressMessage.Of(address) }) },
            Hostname = endpoint.Hostname,
            HealthCheckConfig = HealthCheck(endpoint),
        },
        Metadata = endpoint.Metadata,
        LoadBalancingWeight = endpoint.Weight,
        HealthStatus = endpoint.Health switch
        {
            EndpointHealth.Healthy => HealthStatus.Healthy,
            EndpointHealth.Degraded => HealthStatus.Degraded,
            _ => HealthStatus.Unhealthy,
        },
    };

    /// <summary>The port is shown where checks go elsewhere than requests.</summary>
    private static Envoy.Config.Endpoint.V3.Endpoint.Types.HealthCheckConfig HealthCheck(Endpoint endpoint)
    {
        var check = endpoint.HealthCheck;
        var port = check.Port > 0 || check.Address.Kind == NetAddressKind.None ? check.Port : check.Address.Port;
        return new() { Hostname = check.Hostname, PortValue = port > 0 && port != endpoint.Address.Port ? (uint)port : 0 };
    }
}
