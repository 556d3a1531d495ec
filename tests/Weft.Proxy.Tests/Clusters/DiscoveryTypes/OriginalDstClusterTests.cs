using System.Net;
using System.Text;
using Weft.Base;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.DiscoveryTypes.OriginalDst;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tests.Clusters.DiscoveryTypes;

public sealed class OriginalDstClusterTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly TestClusters _test;
    private readonly Worker _worker = new(0, "test", new RandomSource(1));
    private readonly StreamInfo _info = new();
    private readonly HeaderMap _headers = new();

    public OriginalDstClusterTests() => _test = new TestClusters(_loop.Loop);

    public void Dispose()
    {
        _worker.Dispose();
        _loop.Dispose();
    }

    private Cluster Start(string lbConfig)
    {
        var cluster = Cluster.Create(_test.Compile($"name: od\ntype: ORIGINAL_DST\nlb_policy: CLUSTER_PROVIDED\ncleanup_interval: 1s\noriginal_dst_lb_config: {{ {lbConfig} }}"), _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(() => { });
        Assert.True(cluster.IsInitialized);
        return cluster;
    }

    private string? Pick(WorkerCluster cluster) => cluster.Pick(new LoadBalancerContext(_info, _headers))?.AddressText;

    [Fact]
    public void The_address_that_the_client_wanted_is_the_endpoint()
    {
        using var cluster = Start("");
        var worker = new WorkerCluster(_worker, cluster);
        _info.DownstreamLocalAddress = NetAddress.FromIP(IPAddress.Parse("10.1.1.1"), 8080);
        Assert.Null(Pick(worker));
        _info.IsLocalAddressRestored = true;
        Assert.Equal("10.1.1.1:8080", Pick(worker));
    }

    [Fact]
    public void A_header_goes_before_it_when_allowed_and_a_wrong_one_is_counted()
    {
        using var cluster = Start("use_http_header: true");
        var worker = new WorkerCluster(_worker, cluster);
        _headers.Add(new HeaderName("x-envoy-original-dst-host"), "[2001:db8::1]:443"u8);
        Assert.Equal("[2001:db8::1]:443", Pick(worker));
        _headers.Set(new HeaderName("x-envoy-original-dst-host"), "example.com:80"u8);
        Assert.Null(Pick(worker));
        Assert.Equal(1, _test.Counter("od", "original_dst_host_invalid"));
    }

    [Fact]
    public void Metadata_goes_before_the_header_and_the_port_can_be_overridden()
    {
        using var cluster = Start("use_http_header: true, http_header_name: x-to, upstream_port_override: 15000, metadata_key: { key: my.ns, path: [ { key: to } ] }");
        var worker = new WorkerCluster(_worker, cluster);
        _headers.Add(new HeaderName("x-to"), "10.0.0.1:80"u8);
        Assert.Equal("10.0.0.1:15000", Pick(worker));
        _info.DynamicMetadata.Set("my.ns", "to", "10.0.0.2:80"u8);
        Assert.Equal("10.0.0.2:15000", Pick(worker));
    }

    [Fact]
    public void An_endpoint_becomes_known_to_all_and_is_forgotten_when_nothing_uses_it()
    {
        using var cluster = Start("use_http_header: true");
        var worker = new WorkerCluster(_worker, cluster);
        _headers.Add(new HeaderName("x-envoy-original-dst-host"), "10.0.0.1:80"u8);
        var context = new LoadBalancerContext(_info, _headers);
        var fresh = worker.Pick(context);
        Assert.Same(fresh, worker.Pick(context));
        Assert.True(fresh!.IsRemoved);
        _loop.Settle();
        var lasting = worker.Pick(context);
        Assert.NotSame(fresh, lasting);
        Assert.Same(lasting, Assert.Single(cluster.Endpoints.Priorities[0].All));
        Assert.Equal(1, _test.Gauge("od", "membership_total"));

        _loop.AdvanceMs(1_100);
        Assert.Equal(1, _test.Gauge("od", "membership_total"));
        lasting!.Stats.CxActive.Inc();
        _loop.AdvanceMs(1_100);
        Assert.Equal(1, _test.Gauge("od", "membership_total"));
        lasting.Stats.CxActive.Dec();
        _loop.AdvanceMs(1_100);
        Assert.Equal(0, _test.Gauge("od", "membership_total"));
    }

    [Theory]
    [InlineData("10.0.0.1:80", "10.0.0.1:80")]
    [InlineData("[::1]:1", "[::1]:1")]
    [InlineData("10.0.0.1", null)]
    [InlineData("10.0.0.1:", null)]
    [InlineData("10.0.0.1:-1", null)]
    [InlineData("10.0.0.1:65536", null)]
    [InlineData("::1:80", null)]
    [InlineData("[10.0.0.1]:80", null)]
    [InlineData("localhost:80", null)]
    [InlineData(":80", null)]
    public void Only_addresses_with_a_port_are_read(string text, string? address) =>
        Assert.Equal(address, AddressWithPort.TryParse(Encoding.UTF8.GetBytes(text), out var parsed) ? parsed.ToString() : null);

    [Theory]
    [InlineData("type: ORIGINAL_DST", "lb_policy: cluster: LB policy ROUND_ROBIN is not valid for Cluster type ORIGINAL_DST. Only 'CLUSTER_PROVIDED' is allowed with cluster type 'ORIGINAL_DST'")]
    [InlineData("lb_policy: CLUSTER_PROVIDED", "lb_policy: cluster manager: cluster provided LB specified but cluster 'x' did not provide one. Check cluster documentation.")]
    [InlineData("type: ORIGINAL_DST\nlb_policy: CLUSTER_PROVIDED\nload_assignment: { cluster_name: x }", "load_assignment: ORIGINAL_DST clusters must have no load assignment configured")]
    public void Wrong_policies_are_refused(string yaml, string fault)
    {
        _test.Compile("name: x\n" + yaml);
        Assert.Contains(fault, _test.Faults);
    }
}
