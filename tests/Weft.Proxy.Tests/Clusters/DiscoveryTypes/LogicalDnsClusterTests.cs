using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters.DiscoveryTypes;

public sealed class LogicalDnsClusterTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly FakeDnsResolver _dns = new();
    private readonly TestClusters _test;
    private int _initialized;

    public LogicalDnsClusterTests() => _test = new TestClusters(_loop.Loop, _dns);

    public void Dispose() => _loop.Dispose();

    private Cluster Start(string priority = "")
    {
        var cluster = Cluster.Create(
            _test.Compile($"name: web\ntype: LOGICAL_DNS\nload_assignment: {{ cluster_name: web, endpoints: [ {{ {priority} lb_endpoints: [ {{ endpoint: {{ address: {{ socket_address: {{ address: web.test, port_value: 80 }} }} }} }} ] }} ] }}"),
            _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(() => _initialized++);
        return _loop.Own(cluster);
    }

    [Fact]
    public void Only_the_first_record_is_used()
    {
        var cluster = Start("priority: 3,");
        Assert.Equal(0, _initialized);
        _dns.Answer("web.test", "10.0.0.2", "10.0.0.1");
        Assert.Equal(1, _initialized);
        var endpoint = Assert.Single(Assert.Single(cluster.Endpoints.Priorities).All);
        Assert.Equal(("10.0.0.2:80", "web.test"), (endpoint.AddressText, endpoint.Hostname));
    }

    [Fact]
    public void The_endpoint_keeps_its_identity_while_new_connections_go_to_the_newest_address()
    {
        var cluster = Start();
        _dns.Answer("web.test", "10.0.0.1");
        var snapshot = cluster.Endpoints;
        var endpoint = snapshot.Priorities[0].All[0];
        cluster.EndpointsChanged += (_, _) => Assert.Fail("nothing is to be drained");
        _loop.AdvanceMs(5_000);
        _dns.Answer("web.test", "10.0.0.2", "10.0.0.1");
        Assert.Same(snapshot, cluster.Endpoints);
        Assert.Equal(("10.0.0.2:80", "10.0.0.2:80"), (endpoint.AddressText, endpoint.Address.ToString()));
        _loop.AdvanceMs(5_000);
        _dns.Answer("web.test", "10.0.0.2");
        Assert.Equal(1, _test.Counter("web", "update_no_rebuild"));
    }

    [Fact]
    public void Neither_a_failure_nor_an_empty_answer_changes_anything()
    {
        var cluster = Start();
        _dns.Answer("web.test", "10.0.0.1");
        _loop.AdvanceMs(5_000);
        _dns.Answer("web.test");
        _loop.AdvanceMs(5_000);
        _dns.Fail("web.test");
        Assert.Equal("10.0.0.1:80", cluster.Endpoints.Priorities[0].All[0].AddressText);
        Assert.Equal(2, _test.Counter("web", "update_failure"));
        Assert.Equal(1, _test.Gauge("web", "membership_total"));
        _loop.AdvanceMs(5_000);
        Assert.Single(_dns.Waiting);
    }

    [Fact]
    public void A_first_failure_initializes_an_empty_cluster_that_is_filled_later()
    {
        var cluster = Start();
        _dns.Fail("web.test");
        Assert.Equal(1, _initialized);
        Assert.Empty(cluster.Endpoints.Priorities);
        _loop.AdvanceMs(5_000);
        _dns.Answer("web.test", "10.0.0.1");
        Assert.Single(cluster.Endpoints.Priorities[0].All);
    }
}
