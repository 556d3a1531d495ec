using System.Text;
using Weft.Base;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tests.Clusters;

public sealed class OverrideHostTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly TestClusters _test;
    private readonly Worker _worker = new(0, "test", new RandomSource(1));
    private readonly StreamInfo _info = new();

    public OverrideHostTests() => _test = new TestClusters(_loop.Loop);

    public void Dispose()
    {
        _worker.Dispose();
        _loop.Dispose();
    }

    private Cluster Start(string more = "")
    {
        var cluster = Cluster.Create(_test.Compile($$"""
            name: web
            {{more}}
            load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [
              { endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } } },
              { endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 80 } } } },
              { endpoint: { address: { socket_address: { address: 10.0.0.3, port_value: 80 } } }, health_status: DRAINING } ] } ] }
            """), _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(() => { });
        return cluster;
    }

    private string[] Targets(Cluster cluster, string wanted, bool isStrict = false)
    {
        _info.OverrideHost.Set(Encoding.UTF8.GetBytes(wanted), isStrict);
        var balancer = new WorkerCluster(_worker, cluster);
        return [.. Enumerable.Range(0, 10).Select(_ => balancer.Pick(new LoadBalancerContext(_info, null))?.AddressText ?? "-").Distinct().Order()];
    }

    [Fact]
    public void A_wish_comes_before_balancing()
    {
        using var cluster = Start();
        Assert.Equal(["10.0.0.2:80"], Targets(cluster, "10.0.0.2:80"));
    }

    [Fact]
    public void A_wish_that_cannot_be_met_is_forgotten_or_fails_the_request()
    {
        using var cluster = Start();
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], Targets(cluster, "10.0.0.9:80"));
        Assert.Equal(["-"], Targets(cluster, "10.0.0.9:80", isStrict: true));
        Assert.Equal(["-"], Targets(cluster, new string('x', 500), isStrict: true));
    }

    [Fact]
    public void Failed_and_draining_endpoints_are_wanted_in_vain_unless_configured()
    {
        using var cluster = Start();
        cluster.Endpoints.Priorities[0].All[1].SetHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        Assert.Equal(["-"], Targets(cluster, "10.0.0.2:80", isStrict: true));
        Assert.Equal(["-"], Targets(cluster, "10.0.0.3:80", isStrict: true));
        using var lenient = Start("common_lb_config: { override_host_status: { statuses: [ UNKNOWN, DRAINING ] } }");
        Assert.Equal(["10.0.0.3:80"], Targets(lenient, "10.0.0.3:80", isStrict: true));
    }

    [Fact]
    public void A_retry_is_balanced()
    {
        using var cluster = Start();
        _info.OverrideHost.Set("10.0.0.2:80"u8, isStrict: true);
        var balancer = new WorkerCluster(_worker, cluster);
        var retry = new NoWish();
        Assert.Equal(2, Enumerable.Range(0, 10).Select(_ => balancer.Pick(new LoadBalancerContext(_info, null) { Retry = retry })).Distinct().Count());
    }

    private sealed class NoWish : RetrySelection
    {
        public override int MaxAttempts => 1;

        public override bool Rejects(Endpoint endpoint) => false;
    }
}
