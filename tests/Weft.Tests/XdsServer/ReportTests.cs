using System.Collections.Concurrent;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Health.V3;
using Envoy.Service.LoadStats.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.XdsServer;

namespace Weft.Tests.XdsServer;

/// <summary>What a proxy reports to a management server: the load of clusters (LRS), the health of endpoints (HDS).</summary>
public sealed class ReportTests : IDisposable
{
    private const string LoadPath = "/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";
    private const string HealthPath = "/envoy.service.health.v3.HealthDiscoveryService/StreamHealthCheck";

    private readonly ManagedProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public async Task Load_is_reported_for_the_clusters_that_are_asked_for_since_the_last_report()
    {
        var reports = new ConcurrentQueue<LoadStatsRequest>();
        var wanted = new LoadStatsResponse { Clusters = { "web" }, ReportEndpointGranularity = true, LoadReportingInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(20)) };
        _proxy.Discovery.Services[LoadPath] = send => new Scripted(message =>
        {
            var report = LoadStatsRequest.Parser.ParseFrom(message);
            reports.Enqueue(report);
            if (report.ClusterStats.Count == 0)
                send(wanted);
        });
        await _proxy.Start(Web($"dynamic_resources: {{ cds_config: {{ {ManagedProxy.Grpc(isDelta: false)} }} }}\n" + "cluster_manager: { load_stats_config: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] } }"));
        _proxy.Serve(Cluster());
        await ManagedProxy.Until(() => Task.FromResult(reports.Any(report => report.ClusterStats.Count > 0)), "reports");
        for (var i = 0; i < 3; i++)
            Assert.Equal("200 upstream", await _proxy.Get("web"));
        Assert.Equal("503 upstream", await _proxy.Get("web", "/broken"));
        // A request may be in one report when it was sent, and in the next when it was answered.
        await ManagedProxy.Until(() => Task.FromResult(Localities(reports).Sum(locality => (long)(locality.TotalSuccessfulRequests + locality.TotalErrorRequests)) == 4), "the load");
        Assert.Equal(4, Localities(reports).Sum(locality => (long)locality.TotalIssuedRequests));

        Assert.Equal((3, 1), (Localities(reports).Sum(locality => (long)locality.TotalSuccessfulRequests), Localities(reports).Sum(locality => (long)locality.TotalErrorRequests)));
        Assert.All(Localities(reports), locality => Assert.Equal("a", locality.Locality.Zone));
        Assert.All(Localities(reports), locality => Assert.Single(locality.UpstreamEndpointStats));
        Assert.True(reports.TryPeek(out var first));
        Assert.Equal("me", first.Node.Id);
        Assert.Contains("envoy.lrs.supports_send_all_clusters", first.Node.ClientFeatures);
        Assert.All(reports.SelectMany(report => report.ClusterStats), cluster => Assert.Equal("web", cluster.ClusterName));
        await ManagedProxy.Until(async () => await _proxy.Stat("load_reporter.responses") > 2, "reports to be counted");
    }

    [Fact]
    public async Task What_the_server_has_refused_is_reported_by_its_category()
    {
        var reports = new ConcurrentQueue<LoadStatsRequest>();
        var wanted = new LoadStatsResponse { SendAllClusters = true, LoadReportingInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(20)) };
        _proxy.Discovery.Services[LoadPath] = send => new Scripted(message =>
        {
            var report = LoadStatsRequest.Parser.ParseFrom(message);
            reports.Enqueue(report);
            if (report.ClusterStats.Count == 0)
                send(wanted);
        });
        await _proxy.Start(Web($"dynamic_resources: {{ cds_config: {{ {ManagedProxy.Grpc(isDelta: false)} }} }}\n" + "cluster_manager: { load_stats_config: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] } }"));
        _proxy.Serve(Cluster().Replace("cluster_name: web,", "cluster_name: web, policy: { drop_overloads: [{ category: throttle, drop_percentage: { numerator: 100 } }] },", StringComparison.Ordinal));
        await ManagedProxy.Until(() => Task.FromResult(reports.Any(report => report.ClusterStats.Any(cluster => cluster.ClusterName == "web"))), "reports");
        for (var i = 0; i < 3; i++)
            Assert.Equal("503 unconditional drop overload", await _proxy.Get("web"));

        await ManagedProxy.Until(() => Task.FromResult(Refused().Sum(static one => (long)one.DroppedCount) == 3), "the refused requests");
        Assert.All(Refused(), static one => Assert.Equal("throttle", one.Category));
        Assert.DoesNotContain(Localities(reports), static one => one.Locality.Zone == "a");
        Assert.Contains("\"category\": \"throttle\"", await _proxy.Admin("config_dump?include_eds&resource=dynamic_endpoint_configs"), StringComparison.Ordinal);

        IEnumerable<ClusterStats.Types.DroppedRequests> Refused() => reports.SelectMany(static report => report.ClusterStats).SelectMany(static cluster => cluster.DroppedRequests);
    }

    [Fact]
    public async Task Health_is_checked_on_behalf_of_the_server_and_reported()
    {
        var reports = new ConcurrentQueue<EndpointHealthResponse>();
        var capabilities = new TaskCompletionSource<(Capability Capability, Action<IMessage> Send)>();
        _proxy.Discovery.Services[HealthPath] = send => new Scripted(message =>
        {
            var request = HealthCheckRequestOrEndpointHealthResponse.Parser.ParseFrom(message);
            if (request.EndpointHealthResponse is { } report)
                reports.Enqueue(report);
            else
                capabilities.TrySetResult((request.HealthCheckRequest.Capability, send));
        });
        await _proxy.Start(Web("hds_config: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] }"));
        var (capability, send) = await capabilities.Task.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.Equal([Capability.Types.Protocol.Http, Capability.Types.Protocol.Tcp], capability.HealthCheckProtocols);

        _proxy.OnDiscoveryLoop(() => send(Specifier("good", "broken")));
        await ManagedProxy.Until(() => Task.FromResult(Status(reports, "good") == HealthStatus.Healthy && Status(reports, "broken") == HealthStatus.Unhealthy), "the health of both");
        await _proxy.ExpectStat("hds_delegate.updates", 1);
        await _proxy.ExpectStat("hds_delegate.errors", 0);

        // Nothing but what is asked for is checked.
        _proxy.OnDiscoveryLoop(() => send(Specifier("good")));
        await ManagedProxy.Until(() => Task.FromResult(reports.Last().ClusterEndpointsHealth.Count == 1), "the smaller report");
        await _proxy.ExpectStat("cluster.broken.membership_total", -1);
    }

    private uint UpstreamPort => uint.Parse(_proxy.Address("upstream").Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<UpstreamLocalityStats> Localities(IEnumerable<LoadStatsRequest> reports) =>
        reports.SelectMany(report => report.ClusterStats).SelectMany(cluster => cluster.UpstreamLocalityStats);

    private static HealthStatus? Status(ConcurrentQueue<EndpointHealthResponse> reports, string cluster) =>
        reports.LastOrDefault()?.ClusterEndpointsHealth.FirstOrDefault(one => one.ClusterName == cluster)?.LocalityEndpointsHealth[0].EndpointsHealth[0].HealthStatus;

    private HealthCheckSpecifier Specifier(params string[] clusters)
    {
        var specifier = new HealthCheckSpecifier { Interval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(20)) };
        var address = new Address { SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = UpstreamPort } };
        foreach (var cluster in clusters)
        {
            specifier.ClusterHealthChecks.Add(new ClusterHealthCheck
            {
                ClusterName = cluster,
                LocalityEndpoints = { new LocalityEndpoints { Locality = new Locality { Zone = "a" }, Endpoints = { new Envoy.Config.Endpoint.V3.Endpoint { Address = address } } } },
                HealthChecks =
                {
                    new HealthCheck
                    {
                        Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)),
                        Interval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(20)),
                        NoTrafficInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(20)),
                        HealthyThreshold = 1,
                        UnhealthyThreshold = 1,
                        HttpHealthCheck = new HealthCheck.Types.HttpHealthCheck { Path = "/" + cluster },
                    },
                },
            });
        }

        return specifier;
    }

    /// <summary>A proxy in front of itself: one listener answers, the other sends there.</summary>
    private static string Web(string bootstrap) => bootstrap + "\n" + """
        static_resources:
          listeners:
          - name: upstream
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: upstream
                  route_config:
                    virtual_hosts:
                    - name: all
                      domains: ['*']
                      routes:
                      - { match: { prefix: /broken }, direct_response: { status: 503, body: { inline_string: upstream } } }
                      - { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: upstream } } }
                  http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  route_config: { validate_clusters: false, virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster: web } }] }] }
                  http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
          clusters:
        """;

    private string Cluster() => $$"""
        - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
          name: web
          load_assignment: { cluster_name: web, endpoints: [{ locality: { zone: a }, lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{UpstreamPort}} } } } }] }] }

        """;

    /// <summary>The server's end of a stream of reports.</summary>
    private sealed class Scripted(Action<byte[]> onMessage) : IGrpcSession
    {
        public string? OnMessage(ReadOnlySpan<byte> message)
        {
            onMessage(message.ToArray());
            return null;
        }

        public void OnClosed()
        {
        }
    }
}
