using Weft.Base;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing.Aggregate;

public sealed class AggregateTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly TestClusters _test;
    private readonly Worker _worker = new(0, "test", new RandomSource(1));
    private readonly WorkerCluster _both;
    private readonly Dictionary<WorkerCluster, Cluster> _clusters = [];

    public AggregateTests()
    {
        _test = new TestClusters(_loop.Loop);
        _both = Add("""
            name: both
            lb_policy: CLUSTER_PROVIDED
            cluster_type: { name: envoy.clusters.aggregate, typed_config: { "@type": type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig, clusters: [ first, missing, second ] } }
            """);
    }

    public void Dispose()
    {
        _worker.Dispose();
        _loop.Dispose();
    }

    private WorkerCluster Add(string yaml)
    {
        var cluster = Cluster.Create(_test.Compile(yaml), _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(() => { });
        var reference = _test.Context.Clusters.Get(cluster.Config.Name);
        _worker.Clusters.Set(reference, cluster);
        var half = _worker.Clusters.Find(reference)!;
        _clusters.Add(half, cluster);
        return half;
    }

    /// <summary>A cluster with two endpoints at its first priority and one at its second.</summary>
    private WorkerCluster Add(string name, int subnet) => Add($$"""
        name: {{name}}
        load_assignment: { cluster_name: x, endpoints: [
          { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.{{subnet}}.1, port_value: 80 } } } }, { endpoint: { address: { socket_address: { address: 10.0.{{subnet}}.2, port_value: 80 } } } } ] },
          { priority: 1, lb_endpoints: [ { endpoint: { address: { socket_address: { address: 10.0.{{subnet}}.3, port_value: 80 } } } } ] } ] }
        """);

    private string[] Targets() => [.. Enumerable.Range(0, 300).Select(_ => _both.Pick(default)?.AddressText ?? "-").Distinct().Order()];

    private void Fail(WorkerCluster cluster, params (int Priority, int Index)[] endpoints)
    {
        foreach (var (priority, index) in endpoints)
            cluster.Endpoints.Priorities[priority].All[index].SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        _clusters[cluster].OnHealthChanged();
        _loop.Settle();
    }

    [Fact]
    public void Requests_fail_over_from_cluster_to_cluster_in_order()
    {
        Assert.Equal(["-"], Targets());
        var first = Add("first", 1);
        var second = Add("second", 2);
        Assert.Equal(["10.0.1.1:80", "10.0.1.2:80"], Targets());
        Fail(first, (0, 0), (0, 1));
        Assert.Equal(["10.0.1.3:80"], Targets());
        Fail(first, (1, 0));
        Assert.Equal(["10.0.2.1:80", "10.0.2.2:80"], Targets());
        Fail(second, (0, 1));
        Assert.Equal(["10.0.2.1:80", "10.0.2.3:80"], Targets());
    }

    [Fact]
    public void An_endpoint_s_connections_belong_to_its_own_cluster()
    {
        var first = Add("first", 1);
        var endpoint = _both.Pick(default)!;
        Assert.Same(first, _both.OwnerOf(endpoint));
        Assert.Same(first, first.OwnerOf(endpoint));
    }

    [Fact]
    public void An_aggregate_leaves_the_choice_to_nobody_else()
    {
        _test.Compile("""
            name: x
            cluster_type: { name: a, typed_config: { "@type": type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig, clusters: [ first ] } }
            """);
        Assert.Equal(["lb_policy: cluster manager: cluster provided LB not specified but cluster 'x' provided one. Check cluster documentation."], _test.Faults);
    }

    [Fact]
    public void A_pick_allocates_nothing()
    {
        Add("first", 1);
        Add("second", 2);
        Assert.Equal(0, Routing.Allocations.Of(() => _both.Pick(default)));
    }
}
