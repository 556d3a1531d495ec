using System.Net;
using Weft.Base;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Hashing;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing.Hashing;

/// <summary>Hashing balancers over endpoints of 127.0.0.1, as Envoy's own tests have them.</summary>
internal static class HashTables
{
    public static Endpoint Endpoint(int port, uint weight = 1, string hostname = "", string? hashKey = null, int priority = 0, string zone = "", EndpointHealthFlags flags = EndpointHealthFlags.None)
    {
        var address = NetAddress.FromIP(IPAddress.Loopback, port);
        return new Endpoint
        {
            Address = address,
            AddressText = address.ToString(),
            Hostname = hostname,
            Weight = weight,
            Priority = priority,
            Zone = zone,
            HealthFlags = flags,
            Metadata = hashKey is null ? null : Metadata(hashKey),
            Stats = new EndpointStats(),
        };
    }

    public static Endpoint[] Endpoints(params int[] ports) => Array.ConvertAll(ports, port => Endpoint(port));

    public static LoadBalancer Balancer(LoadBalancingConfig config, IEnumerable<Endpoint> endpoints, CircuitBreakers? active = null) =>
        Balancer(config, EndpointsSnapshot.Build(endpoints), active);

    public static LoadBalancer Balancer(LoadBalancingConfig config, EndpointsSnapshot endpoints, CircuitBreakers? active = null, StatsStore? stats = null)
    {
        var scope = (stats ?? new StatsStore()).Scope("");
        return new HashPlan(config, scope.Counter("lb_healthy_panic"), active ?? CircuitBreakers.Create(null, scope), endpoints).CreateBalancer(new RandomSource(1), null);
    }

    public static Endpoint? Pick(this LoadBalancer balancer, ulong hash) => balancer.Pick(new LoadBalancerContext(null, null) { Hash = hash });

    private static Envoy.Config.Core.V3.Metadata Metadata(string hashKey)
    {
        var values = new Google.Protobuf.WellKnownTypes.Struct { Fields = { ["hash_key"] = Google.Protobuf.WellKnownTypes.Value.ForString(hashKey) } };
        return new Envoy.Config.Core.V3.Metadata { FilterMetadata = { ["envoy.lb"] = values } };
    }
}
