using Weft.Base;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tests.Clusters.LoadBalancing.HostSources;

public sealed class NamedHostsTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly TestClusters _test;
    private readonly Worker _worker = new(0, "test", new RandomSource(1));
    private readonly StreamInfo _info = new();

    public NamedHostsTests() => _test = new TestClusters(_loop.Loop);

    public void Dispose()
    {
        _worker.Dispose();
        _loop.Dispose();
    }

    private ClusterConfig Compile(string sources) => _test.Compile($$"""
        name: web
        load_balancing_policy: { policies: [ { typed_extension_config: { name: a, typed_config: {
          "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost, override_host_sources: [ {{sources}} ],
          fallback_policy: { policies: [ { typed_extension_config: { name: b, typed_config: { "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin } } } ] } } } } ] }
        load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [
          { endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } } },
          { endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 80 } } } },
          { endpoint: { address: { socket_address: { address: 10.0.0.3, port_value: 80 } } } } ] } ] }
        """);

    /// <summary>Where as many attempts of one request go.</summary>
    private string[] Targets(int attempts, HeaderMap? headers, string sources = "{ header: x-hosts }, { metadata: { key: picker, path: [ { key: hosts } ] } }")
    {
        using var cluster = Cluster.Create(Compile(sources), _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(static () => { });
        var balancer = new WorkerCluster(_worker, cluster);
        return [.. Enumerable.Range(0, attempts).Select(_ => balancer.Pick(new LoadBalancerContext(_info, headers))!.AddressText)];
    }

    [Fact]
    public void Each_attempt_goes_to_the_next_of_the_named_endpoints()
        => Assert.Equal(
            ["10.0.0.3:80", "10.0.0.1:80", "10.0.0.2:80"],
            Targets(3, Routes.Request("/", headers: ("x-hosts", "10.0.0.3:80, 10.9.9.9:80 ,10.0.0.1:80,, 10.0.0.2:80"))));

    [Fact]
    public void Metadata_may_name_them_and_comes_in_its_turn()
    {
        _info.DynamicMetadata.Set("picker", "hosts", "10.0.0.2:80"u8);
        Assert.Equal(["10.0.0.3:80", "10.0.0.2:80"], Targets(2, Routes.Request("/", headers: ("x-hosts", "10.0.0.3:80"))));
        _info.Reset();
        _info.DynamicMetadata.Set("picker", "hosts", "10.0.0.2:80"u8);
        Assert.Equal(["10.0.0.2:80"], Targets(1, null));
    }

    [Fact]
    public void When_no_more_are_named_the_fallback_policy_picks()
    {
        var targets = Targets(7, Routes.Request("/", headers: ("x-hosts", "10.0.0.2:80")));
        Assert.Equal("10.0.0.2:80", targets[0]);
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"], targets[1..].Distinct().Order());
    }

    [Theory]
    [InlineData("{}", "Empty override source")]
    [InlineData("{ header: x, metadata: { key: k, path: [ { key: p } ] } }", "Only one override source must be set")]
    public void A_source_is_a_header_or_metadata(string source, string fault)
    {
        Compile(source);
        Assert.EndsWith(fault, Assert.Single(_test.Faults), StringComparison.Ordinal);
    }
}
