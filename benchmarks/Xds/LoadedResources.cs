using System.Globalization;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Bench.Xds;

/// <summary>What the management server serves while requests run: some clusters, one of which has backends that answer.</summary>
/// <param name="clusters">How many.</param>
/// <param name="backends">Ports that answer: the first stays, the other comes and goes.</param>
internal sealed class LoadedResources(int clusters, (int First, int Other) backends)
{
    /// <summary>The host whose requests are answered.</summary>
    public const string Host = "cluster-0.default.svc";

    private const int StepsPerRoutes = 20;
    private const int StepsPerCluster = 100;

    private static readonly ConfigSource s_ads = new() { Ads = new AggregatedConfigSource(), ResourceApiVersion = ApiVersion.V3 };

    /// <summary>All resources after so many steps.</summary>
    /// <param name="step">
    /// Makes them others than the ones before: always the endpoints of one cluster, of each in turn, now and then routes, hardly ever the settings of
    /// the cluster that the load goes to.
    /// </param>
    public IEnumerable<IMessage> At(int step)
    {
        for (var i = 0; i < clusters; i++)
        {
            // How often it was this cluster's turn.
            var changes = (step + clusters - 1 - i) / clusters;
            int[] ports = i > 0 ? [8080, 9000 + (changes % 1000)] : changes % 2 == 0 ? [backends.First] : [backends.First, backends.Other];
            yield return Cluster(i, connectTimeoutMs: 5000 + (i == 0 ? step / StepsPerCluster : 0));
            yield return Endpoints(i, i == 0 ? "127.0.0.1" : Resources.Address(i), ports);
        }

        yield return Routes(version: step / StepsPerRoutes);
        yield return Listener;
    }

    private static Cluster Cluster(int cluster, int connectTimeoutMs) => new()
    {
        Name = Resources.Name(cluster),
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
        ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(connectTimeoutMs)),
        EdsClusterConfig = new Cluster.Types.EdsClusterConfig { EdsConfig = s_ads },
    };

    private static ClusterLoadAssignment Endpoints(int cluster, string address, int[] ports)
    {
        var locality = new LocalityLbEndpoints();
        foreach (var port in ports)
            locality.LbEndpoints.Add(new LbEndpoint { Endpoint = new Envoy.Config.Endpoint.V3.Endpoint { Address = new Address { SocketAddress = new SocketAddress { Address = address, PortValue = (uint)port } } } });
        return new ClusterLoadAssignment { ClusterName = Resources.Name(cluster), Endpoints = { locality } };
    }

    private RouteConfiguration Routes(int version)
    {
        var routes = new RouteConfiguration { Name = "routes" };
        routes.ResponseHeadersToAdd.Add(new HeaderValueOption { Header = new HeaderValue { Key = "x-version", Value = version.ToString(CultureInfo.InvariantCulture) } });
        for (var i = 0; i < clusters; i++)
        {
            var route = new Route { Match = new RouteMatch { Prefix = "/" }, Route_ = new RouteAction { Cluster = Resources.Name(i) } };
            routes.VirtualHosts.Add(new VirtualHost { Name = Resources.Name(i), Domains = { Resources.Name(i) }, Routes = { route } });
        }

        return routes;
    }

    private static readonly Listener Listener = new()
    {
        Name = "web",
        Address = new Address { SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = 0 } },
        FilterChains =
        {
            new FilterChain
            {
                Filters =
                {
                    new Envoy.Config.Listener.V3.Filter
                    {
                        Name = "http",
                        TypedConfig = Any.Pack(new HttpConnectionManager
                        {
                            StatPrefix = "web",
                            Rds = new Rds { RouteConfigName = "routes", ConfigSource = s_ads },
                            HttpFilters = { new HttpFilter { Name = "router", TypedConfig = Any.Pack(new Router()) } },
                        }),
                    },
                },
            },
        },
    };
}
