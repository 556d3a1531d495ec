using Weft.Base;
using Weft.Proxy.Clusters;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Clusters.DiscoveryTypes;

/// <summary>envoy.clusters.dns: the newer form of STRICT_DNS and LOGICAL_DNS.</summary>
public sealed class DnsClusterTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly FakeDnsResolver _dns = new();
    private readonly TestClusters _test;

    public DnsClusterTests() => _test = new TestClusters(_loop.Loop, _dns);

    public void Dispose() => _loop.Dispose();

    private ClusterConfig Compile(string fields, string more = "", int endpoints = 1)
    {
        var listed = string.Join(", ", Enumerable.Repeat("{ endpoint: { address: { socket_address: { address: web.test, port_value: 80 } } } }", endpoints));
        return _test.Compile(
            $$"""
            name: web
            {{more}}
            cluster_type: { name: envoy.cluster.dns, typed_config: { "@type": type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster{{fields}} } }
            load_assignment: { cluster_name: web, endpoints: [ { priority: 1, lb_endpoints: [ {{listed}} ] } ] }
            """);
    }

    private Cluster Start(string fields, string more = "")
    {
        var cluster = Cluster.Create(Compile(fields, more), _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(static () => { });
        return _loop.Own(cluster);
    }

    private static string[] Texts(Cluster cluster) => [.. cluster.Endpoints.Priorities.SelectMany(static priority => priority.All).Select(static endpoint => endpoint.AddressText)];

    [Fact]
    public void Every_record_is_an_endpoint()
    {
        var cluster = Start("");
        _dns.Answer("web.test", "10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], Texts(cluster));
        Assert.Equal(2, cluster.Endpoints.Priorities.Count);
    }

    [Fact]
    public void All_records_can_be_one_endpoint()
    {
        var cluster = Start(", all_addresses_in_single_endpoint: true");
        _dns.Answer("web.test", "10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1:80"], Texts(cluster));
        Assert.Single(cluster.Endpoints.Priorities);
    }

    [Fact]
    public void Its_own_fields_count_and_not_the_clusters()
    {
        Start(
            ", dns_lookup_family: V6_ONLY, dns_refresh_rate: 2s, respect_dns_ttl: true",
            "dns_lookup_family: V4_ONLY\ndns_refresh_rate: 1s\ndns_failure_refresh_rate: { base_interval: 1s }\ndns_jitter: 1s");
        Assert.Equal(DnsLookupFamily.V6Only, Assert.Single(_dns.Asked).Family);
        _dns.Answer("web.test", 30, "fd00::1");
        _loop.AdvanceMs(29_999);
        Assert.Single(_dns.Asked);
        _loop.AdvanceMs(1);
        _dns.Fail("web.test");
        _loop.AdvanceMs(1_999);
        Assert.Equal(2, _dns.Asked.Count);
        _loop.AdvanceMs(1);
        Assert.Equal(3, _dns.Asked.Count);
    }

    [Theory]
    [InlineData("", DnsLookupFamily.Auto)]
    [InlineData(", dns_lookup_family: AUTO", DnsLookupFamily.Auto)]
    [InlineData(", dns_lookup_family: V4_ONLY", DnsLookupFamily.V4Only)]
    [InlineData(", dns_lookup_family: V4_PREFERRED", DnsLookupFamily.V4Preferred)]
    [InlineData(", dns_lookup_family: ALL", DnsLookupFamily.All)]
    public void The_family_is_read(string fields, DnsLookupFamily family) => Assert.Equal(family, Compile(fields).Dns.Family);

    [Fact]
    public void It_can_have_a_resolver_and_failure_rates_of_its_own()
    {
        var dns = Compile(
            """
            , dns_failure_refresh_rate: { base_interval: 2s, max_interval: 7s }, dns_jitter: 0.5s, typed_dns_resolver_config: { name: envoy.network.dns_resolver.cares, typed_config: {
              "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig, resolvers: [ { socket_address: { address: 10.9.9.9, port_value: 53 } } ] } }
            """).Dns;
        Assert.Equal((2_000, 7_000, 500), (dns.FailureBaseMs, dns.FailureMaxMs, dns.JitterMs));
        Assert.Equal("10.9.9.9:53", Assert.Single(dns.Resolver!.Resolvers).ToString());
        Assert.Null(Compile("", "dns_resolvers: [ { socket_address: { address: 10.9.9.9, port_value: 53 } } ]").Dns.Resolver);
    }

    [Fact]
    public void One_endpoint_for_all_records_must_be_the_only_one()
    {
        Compile(", all_addresses_in_single_endpoint: true", endpoints: 2);
        Assert.Contains("load_assignment.endpoints: LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint", _test.Faults);
    }

    [Fact]
    public void A_longest_delay_below_the_first_is_refused()
    {
        Compile(", dns_failure_refresh_rate: { base_interval: 2s, max_interval: 1s }");
        Assert.Contains(_test.Faults, static fault => fault.EndsWith("dns_failure_refresh_rate must have max_interval greater than or equal to the base_interval", StringComparison.Ordinal));
    }

    [Fact]
    public void Jitter_delays_what_comes_after_a_success_by_less_than_its_bound()
    {
        var schedule = new DnsRefreshSchedule(new DnsClusterConfig { RefreshMs = 1_000, JitterMs = 100 }, new RandomSource(3));
        var delays = Enumerable.Range(0, 1_000).Select(_ => schedule.AfterSuccess(0)).ToArray();
        Assert.InRange(delays.Min(), 1_000, 1_010);
        Assert.InRange(delays.Max(), 1_090, 1_099);
        Assert.Equal(1_000, schedule.AfterFailure());
    }
}
