using Weft.Proxy.Clusters;
using Weft.Proxy.Stats;

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
                metadata: { filter_metadata: { place: { rack: r7 } } }
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
        Assert.Equal("r7", one.LocalityMetadata!.FilterMetadata["place"].Fields["rack"].StringValue);
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

    private const string TwoLocalities = """
        name: web
        load_assignment:
          cluster_name: web
          endpoints:
          - { locality: { zone: b }, load_balancing_weight: 2, lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 80 } } } } ] }
          - { locality: { zone: a }, lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } } } ] }
          - { locality: { zone: a }, load_balancing_weight: 7, priority: 1, lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.0.3, port_value: 80 } } } } ] }
        """;

    [Fact]
    public void Changes_of_health_are_published_once_per_turn_and_change_no_membership()
    {
        using var loop = new TestLoop();
        var test = new TestClusters(loop.Loop);
        using var cluster = Cluster.Create(test.Compile(TwoLocalities), test.Context);
        cluster.Start(() => { });
        var before = cluster.Endpoints;
        var changes = 0;
        cluster.EndpointsChanged += (_, removed) => changes += 1 + removed.Count;
        before.Priorities[0].All[0].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        cluster.OnHealthChanged();
        before.Priorities[0].All[1].SetHealthFlags(EndpointHealthFlags.DegradedActiveHc);
        cluster.OnHealthChanged();
        Assert.Same(before, cluster.Endpoints);
        loop.Settle();
        Assert.Equal(1, changes);
        Assert.Empty(cluster.Endpoints.Priorities[0].Healthy);
        Assert.Equal(["10.0.0.1:80"], cluster.Endpoints.Priorities[0].Degraded.Select(e => e.AddressText));
        Assert.Equal((3, 1, 1), (test.Gauge("web", "membership_total"), test.Gauge("web", "membership_healthy"), test.Gauge("web", "membership_degraded")));
        Assert.Equal(1, test.Counter("web", "membership_change"));
        cluster.OnHealthChanged();
        loop.Settle();
        Assert.Equal(2, changes);
    }

    [Fact]
    public void Lists_that_did_not_change_are_the_same_in_the_next_snapshot()
    {
        using var loop = new TestLoop();
        var test = new TestClusters(loop.Loop);
        using var cluster = Cluster.Create(test.Compile(TwoLocalities), test.Context);
        cluster.Start(() => { });
        var before = cluster.Endpoints;
        before.Priorities[0].All[0].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        cluster.OnHealthChanged();
        loop.Settle();
        var after = cluster.Endpoints;
        Assert.NotSame(before, after);
        Assert.Same(before.Priorities[0].All, after.Priorities[0].All);
        Assert.NotSame(before.Priorities[0].Healthy, after.Priorities[0].Healthy);
        Assert.Same(before.Priorities[1].Healthy, after.Priorities[1].Healthy);
        Assert.Same(before.Priorities[0].Localities[0].Healthy, after.Priorities[0].Localities[0].Healthy);
    }

    [Fact]
    public void Endpoints_stand_by_locality_with_its_weight_too()
    {
        using var cluster = Cluster.Create(_test.Compile(TwoLocalities), _test.Context);
        cluster.Start(() => { });
        var localities = cluster.Endpoints.Priorities.SelectMany((p, i) => p.Localities.Select(l => $"{i}/{l.Locality.Zone}/{l.Weight}: {string.Join(' ', l.Healthy.Select(e => e.AddressText))}"));
        Assert.Equal(["0/a/0: 10.0.0.1:80", "0/b/2: 10.0.0.2:80", "1/a/7: 10.0.0.3:80"], localities);
    }

    [Fact]
    public void Within_the_merge_window_changes_of_health_wait_for_one_another()
    {
        using var loop = new TestLoop();
        var test = new TestClusters(loop.Loop);
        using var cluster = Cluster.Create(test.Compile(TwoLocalities + "\ncommon_lb_config: { update_merge_window: 1s }"), test.Context);
        var stats = cluster.ManagerStats = new ClusterManagerStats(test.Context.Stats);
        cluster.Start(() => { });
        var changes = 0;
        cluster.EndpointsChanged += (_, _) => changes++;
        loop.AdvanceMs(2_000);
        cluster.OnHealthChanged();
        loop.Settle();
        Assert.Equal(1, changes);
        loop.AdvanceMs(300);
        cluster.OnHealthChanged();
        loop.Settle();
        cluster.OnHealthChanged();
        loop.Settle();
        Assert.Equal(1, changes);
        loop.AdvanceMs(701);
        Assert.Equal(2, changes);
        loop.AdvanceMs(2_000);
        Assert.Equal(2, changes);
        Assert.Equal((1, 1, 0), (stats.UpdateOutOfMergeWindow.Value, stats.ClusterUpdatedViaMerge.Value, stats.UpdateMergeCancelled.Value));
    }

    [Fact]
    public void Membership_has_a_number_that_health_does_not_change()
    {
        using var loop = new TestLoop();
        var test = new TestClusters(loop.Loop);
        using var cluster = Cluster.Create(test.Compile(TwoLocalities), test.Context);
        var empty = cluster.Endpoints.Membership;
        cluster.Start(() => { });
        var full = cluster.Endpoints.Membership;
        Assert.NotEqual(empty, full);
        cluster.OnHealthChanged();
        loop.Settle();
        Assert.Equal(full, cluster.Endpoints.Membership);
    }
}
