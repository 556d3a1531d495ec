using System.Text.RegularExpressions;
using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Clusters;
using Endpoint = Weft.Proxy.Clusters.Endpoint;

namespace Weft.Proxy.Admin;

/// <summary>The parts of a configuration dump, in Envoy's order: bootstrap, clusters, endpoints, listeners, scoped routes, routes, secrets.</summary>
internal static class ConfigDumpSections
{
    public static IReadOnlyList<IMessage> Make(AdminContext context, Regex? names, bool includeEndpoints)
    {
        var source = context.Configuration;
        var loadedAt = source.LoadedAt.ToTimestamp();
        var sections = new List<IMessage>
        {
            new BootstrapConfigDump { Bootstrap = source.Bootstrap, LastUpdated = loadedAt },
            Clusters(context, names, loadedAt),
        };
        if (includeEndpoints && context.Clusters().Count > 0)
            sections.Add(Endpoints(context, names));
        sections.Add(Listeners(context, names, loadedAt));
        if (source.StaticRoutes.Count > 0)
        {
            sections.Add(new ScopedRoutesConfigDump());
            sections.Add(Routes(source, names, loadedAt));
        }
        sections.Add(new SecretsConfigDump());
        return sections;
    }

    private static ClustersConfigDump Clusters(AdminContext context, Regex? names, Timestamp loadedAt) => new()
    {
        StaticClusters =
        {
            context.Clusters().Where(cluster => Matches(names, cluster.Config.Name)).Select(cluster =>
                new ClustersConfigDump.Types.StaticCluster { Cluster = Any.Pack(cluster.Config.Source), LastUpdated = loadedAt }),
        },
    };

    private static ListenersConfigDump Listeners(AdminContext context, Regex? names, Timestamp loadedAt) => new()
    {
        StaticListeners =
        {
            context.Listeners().Where(listener => Matches(names, listener.Config.Name)).Select(listener =>
                new ListenersConfigDump.Types.StaticListener { Listener = Any.Pack(listener.Config.Source), LastUpdated = loadedAt }),
        },
    };

    private static RoutesConfigDump Routes(ConfigDumpSource source, Regex? names, Timestamp loadedAt) => new()
    {
        StaticRouteConfigs =
        {
            source.StaticRoutes.Where(routes => Matches(names, routes.Name)).Select(routes =>
                new RoutesConfigDump.Types.StaticRouteConfig { RouteConfig = Any.Pack(routes), LastUpdated = loadedAt }),
        },
    };

    private static EndpointsConfigDump Endpoints(AdminContext context, Regex? names) => new()
    {
        StaticEndpointConfigs =
        {
            context.Clusters().Where(cluster => Matches(names, cluster.Config.Name)).Select(cluster =>
                new EndpointsConfigDump.Types.StaticEndpointConfig { EndpointConfig = Any.Pack(Assignment(cluster)) }),
        },
    };

    private static ClusterLoadAssignment Assignment(Cluster cluster)
    {
        var assignment = new ClusterLoadAssignment { ClusterName = cluster.Config.Name, Policy = new() { OverprovisioningFactor = 140 } };
        foreach (var priority in cluster.Endpoints.Priorities)
        {
            foreach (var locality in priority.All.GroupBy(endpoint => (endpoint.Region, endpoint.Zone, endpoint.SubZone, endpoint.Priority)))
            {
                assignment.Endpoints.Add(new LocalityLbEndpoints
                {
                    Locality = new Locality { Region = locality.Key.Region, Zone = locality.Key.Zone, SubZone = locality.Key.SubZone },
                    Priority = (uint)locality.Key.Priority,
                    LbEndpoints = { locality.Select(LbEndpoint) },
                });
            }
        }
        return assignment;
    }

    private static LbEndpoint LbEndpoint(Endpoint endpoint) => new()
    {
        Endpoint = new Envoy.Config.Endpoint.V3.Endpoint
        {
            Address = AddressMessage.Of(endpoint.Address),
            Hostname = endpoint.Hostname,
            HealthCheckConfig = new(),
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

    private static bool Matches(Regex? names, string name) => names is null || names.IsMatch(name);
}
