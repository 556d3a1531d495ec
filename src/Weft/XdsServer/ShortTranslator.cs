using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.XdsServer;

/// <summary>
/// The short form to Envoy's resources: a listener finds its routes, and a cluster its endpoints, at the server again, which clients know as
/// the cluster <c>xds_cluster</c> (or over the stream that they have, with ADS).
/// </summary>
/// <param name="usesAds">Sources say <c>ads: {}</c>.</param>
internal sealed class ShortTranslator(bool usesAds)
{
    /// <summary>What clients call the server.</summary>
    private const string ServerCluster = "xds_cluster";

    public IEnumerable<IMessage> Translate(ShortResources resources) =>
    [
        .. resources.Clusters.Select(Cluster),
        .. resources.Clusters.Select(Endpoints),
        .. resources.Listeners.Select(Listener),
        .. resources.Listeners.Select(Routes),
    ];

    private Cluster Cluster(ShortCluster cluster) => new()
    {
        Name = cluster.Name,
        ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
        LbPolicy = Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy.RoundRobin,
        DnsLookupFamily = Envoy.Config.Cluster.V3.Cluster.Types.DnsLookupFamily.V4Only,
        EdsClusterConfig = new() { EdsConfig = Source() },
    };

    private static ClusterLoadAssignment Endpoints(ShortCluster cluster) => new()
    {
        ClusterName = cluster.Name,
        Endpoints =
        {
            new LocalityLbEndpoints
            {
                LbEndpoints = { cluster.Endpoints.Select(endpoint => new LbEndpoint { Endpoint = new() { Address = Address(endpoint.Address, endpoint.Port) } }) },
            },
        },
    };

    private Listener Listener(ShortListener listener)
    {
        var manager = new HttpConnectionManager
        {
            StatPrefix = "http",
            Rds = new Rds { ConfigSource = Source(), RouteConfigName = listener.Name },
            HttpFilters = { new HttpFilter { Name = "envoy.filters.http.router", TypedConfig = Any.Pack(new Router()) } },
        };
        return new Listener
        {
            Name = listener.Name,
            Address = Address(listener.Address, listener.Port),
            FilterChains = { new FilterChain { Filters = { new Envoy.Config.Listener.V3.Filter { Name = "envoy.filters.network.http_connection_manager", TypedConfig = Any.Pack(manager) } } } },
        };
    }

    private static RouteConfiguration Routes(ShortListener listener) => new()
    {
        Name = listener.Name,
        VirtualHosts = { new VirtualHost { Name = "local_service", Domains = { "*" }, Routes = { listener.Routes.Select(Route) } } },
    };

    private static Route Route(ShortRoute route)
    {
        var action = new RouteAction();
        if (route.Clusters.Count == 1)
            action.Cluster = route.Clusters[0];
        else
            action.WeightedClusters = new() { Clusters = { route.Clusters.Select(name => new WeightedCluster.Types.ClusterWeight { Name = name, Weight = 1 }) } };
        return new Route { Name = route.Name, Match = new() { Prefix = route.Prefix }, Route_ = action };
    }

    private ConfigSource Source() => usesAds ? new() { ResourceApiVersion = ApiVersion.V3, Ads = new() } : new()
    {
        ResourceApiVersion = ApiVersion.V3,
        ApiConfigSource = new()
        {
            TransportApiVersion = ApiVersion.V3,
            ApiType = ApiConfigSource.Types.ApiType.Grpc,
            SetNodeOnFirstMessageOnly = true,
            GrpcServices = { new GrpcService { EnvoyGrpc = new() { ClusterName = ServerCluster } } },
        },
    };

    private static Address Address(string address, uint port) => new() { SocketAddress = new() { Address = address, PortValue = port } };
}
