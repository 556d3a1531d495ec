using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters.DiscoveryTypes;

public sealed class StaticClusterTests
{
    private readonly TestClusters _test = new();

    [Fact]
    public void The_configured_endpoints_are_there_at_once_by_priority_and_health()
    {
        using var cluster = Cluster.Create(_test.Compile("""
            name: web
            load_assignment:
              cluster_name: web
              endpoints:
              - priority: 1
                lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.0.4, port_value: 80 } } } } ]
              - locality: { region: r, zone: z }
                lb_endpoints:
                - endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } }, hostname: one }
                  load_balancing_weight: 9
                - { endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 80 } } }, health_status: DRAINING }
                - { endpoint: { address: { socket_address: { address: 10.0.0.3, port_value: 80 } } }, health_status: DEGRADED }
            """), _test.Context);
        var changes = 0;
        var initialized = 0;
        cluster.EndpointsChanged += (_, removed) =>
        {
            Assert.Empty(removed);
            changes++;
        };
        Assert.False(cluster.IsInitialized);
        cluster.Start(() => initialized++);
        Assert.True(cluster.IsInitialized);
        Assert.Equal((1, 1), (changes, initialized));
        var priorities = cluster.Endpoints.Priorities;
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"], priorities[0].All.Select(e => e.AddressText));
        Assert.Equal(["10.0.0.1:80"], priorities[0].Healthy.Select(e => e.AddressText));
        Assert.Equal(["10.0.0.3:80"], priorities[0].Degraded.Select(e => e.AddressText));
        Assert.Equal(["10.0.0.4:80"], priorities[1].Healthy.Select(e => e.AddressText));
        var one = priorities[0].All[0];
        Assert.Equal(("one", 9u, "r", "z", 0), (one.Hostname, one.Weight, one.Region, one.Zone, one.Priority));
        Assert.Equal(4, _test.Gauge("web", "membership_total"));
        Assert.Equal(2, _test.Gauge("web", "membership_healthy"));
        Assert.Equal(1, _test.Gauge("web", "membership_degraded"));
        Assert.Equal(9, _test.Gauge("web", "max_host_weight"));
        Assert.Equal(1, _test.Counter("web", "membership_change"));
    }

    [Fact]
    public void A_cluster_without_endpoints_is_initialized_and_empty()
    {
        using var cluster = Cluster.Create(_test.Compile("name: web"), _test.Context);
        var initialized = 0;
        cluster.Start(() => initialized++);
        Assert.Equal(1, initialized);
        Assert.Empty(cluster.Endpoints.Priorities);
        Assert.Equal(0, _test.Counter("web", "membership_change"));
    }

    [Fact]
    public void Each_endpoint_has_numbers_of_its_own_that_no_list_shows()
    {
        using var cluster = Cluster.Create(_test.Compile("""
            name: web
            load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [
              { endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } } },
              { endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 80 } } } } ] } ] }
            """), _test.Context);
        cluster.Start(() => { });
        var endpoints = cluster.Endpoints.Priorities[0].All;
        endpoints[0].Stats.RqTotal.Inc();
        Assert.Equal((1, 0), (endpoints[0].Stats.RqTotal.Value, endpoints[1].Stats.RqTotal.Value));
        Assert.Null(_test.Printed("rq_total"));
    }
}
