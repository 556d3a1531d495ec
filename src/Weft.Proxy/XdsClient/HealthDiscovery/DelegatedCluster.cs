using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Health.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Proxy.Admin;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using Endpoint = Weft.Proxy.Clusters.Endpoint;
using EndpointHealth = Envoy.Service.Health.V3.EndpointHealth;
using Health = Weft.Proxy.Clusters.EndpointHealth;

namespace Weft.Proxy.XdsClient.HealthDiscovery;

/// <summary>Endpoints that are only checked: a cluster that no request can use. Main thread.</summary>
internal sealed class DelegatedCluster : IDisposable
{
    private const long ConnectTimeoutSeconds = 1;
    private const uint BufferLimitBytes = 32_768;

    private readonly Lifetime _lifetime;
    private readonly Cluster? _cluster;

    public DelegatedCluster(ClusterHealthCheck check, FactoryContext context)
    {
        Check = check;
        _lifetime = new Lifetime(context.Stats);
        var config = new ConfigContext();
        var source = SourceOf(check);
        context.Subscriptions?.Validate(source, config);
        if (!config.Findings.HasErrors)
        {
            var its = context.For(config, _lifetime);
            _cluster = _lifetime.Make(() => Cluster.Create(ClusterConfig.Create(source, its), its));
        }

        if (config.Findings.HasErrors)
            Fault = string.Join("; ", config.Findings.Errors);
    }

    /// <summary>What is to be checked, as the server said it.</summary>
    public ClusterHealthCheck Check { get; }

    /// <summary>Why it cannot be used; null when it can.</summary>
    public string? Fault { get; }

    public void Start() => _cluster!.Start(static () => { });

    /// <summary>What the checks say now.</summary>
    public ClusterEndpointsHealth Report()
    {
        var health = new ClusterEndpointsHealth { ClusterName = Check.ClusterName };
        foreach (var locality in _cluster!.Endpoints.Priorities.SelectMany(static priority => priority.Localities))
        {
            health.LocalityEndpointsHealth.Add(new LocalityEndpointsHealth
            {
                Locality = new Locality { Region = locality.Locality.Region, Zone = locality.Locality.Zone, SubZone = locality.Locality.SubZone },
                EndpointsHealth = { locality.All.Select(HealthOf) },
            });
        }

        return health;
    }

    public void Dispose()
    {
        _cluster?.Dispose();
        _lifetime.Dispose();
    }

    private static EndpointHealth HealthOf(Endpoint endpoint) => new()
    {
        Endpoint = new Envoy.Config.Endpoint.V3.Endpoint { Address = AddressMessage.Of(endpoint.Address) },
        HealthStatus = endpoint.Health == Health.Healthy ? HealthStatus.Healthy
            : endpoint.HealthFlags.HasFlag(EndpointHealthFlags.ActiveHcTimeout) ? HealthStatus.Timeout
            : HealthStatus.Unhealthy,
    };

    private static ClusterMessage SourceOf(ClusterHealthCheck check)
    {
        var source = new ClusterMessage
        {
            Name = check.ClusterName,
            ConnectTimeout = new Duration { Seconds = ConnectTimeoutSeconds },
            PerConnectionBufferLimitBytes = BufferLimitBytes,
            LoadAssignment = new ClusterLoadAssignment { ClusterName = check.ClusterName.Length > 0 ? check.ClusterName : "hds" },
            HealthChecks = { check.HealthChecks },
            TransportSocketMatches = { check.TransportSocketMatches },
            UpstreamBindConfig = check.UpstreamBindConfig,
        };
        foreach (var locality in check.LocalityEndpoints)
        {
            source.LoadAssignment.Endpoints.Add(new LocalityLbEndpoints
            {
                Locality = locality.Locality,
                LbEndpoints =
                {
                    locality.Endpoints.Where(static endpoint => endpoint.HealthCheckConfig is not { DisableActiveHealthCheck: true })
                        .Select(static endpoint => new LbEndpoint { Endpoint = endpoint }),
                },
            });
        }

        return source;
    }
}
