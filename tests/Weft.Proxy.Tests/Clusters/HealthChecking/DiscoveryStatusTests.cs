using System.Net;
using System.Net.Sockets;
using Weft.Proxy.Clusters;
using Weft.Proxy.Tests.Clusters.DiscoveryTypes;

namespace Weft.Proxy.Tests.Clusters.HealthChecking;

/// <summary>What discovery and checks say together: an endpoint goes only when both are against it.</summary>
public sealed class DiscoveryStatusTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly FakeDnsResolver _dns = new();
    private readonly TestClusters _test;
    private readonly TcpListener _first = new(IPAddress.Parse("127.0.0.1"), 0);
    private readonly TcpListener _second;
    private readonly int _port;

    public DiscoveryStatusTests()
    {
        _test = new TestClusters(_loop.Loop, _dns);
        _first.Start();
        _port = ((IPEndPoint)_first.LocalEndpoint).Port;
        _second = new TcpListener(IPAddress.Parse("127.0.0.2"), _port);
        _second.Start();
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public void Present_and_passing_is_used_and_absent_but_passing_too()
    {
        var cluster = Start();
        Assert.Equal(2, Healthy(cluster));
        Refresh("127.0.0.2");
        Assert.Equal(["127.0.0.2", "127.0.0.1"], Addresses(cluster));
        Assert.Equal("/pending_dynamic_removal", Endpoint(cluster, "127.0.0.1").HealthFlags.ToText());
        Assert.Equal(2, Healthy(cluster));
    }

    [Fact]
    public void Present_and_failing_stays_unused()
    {
        var cluster = Start();
        Fail(_first);
        Assert.Equal(2, Addresses(cluster).Length);
        Assert.Equal(1, Healthy(cluster));
    }

    [Fact]
    public void Absent_and_failing_goes()
    {
        var cluster = Start();
        Refresh("127.0.0.2");
        Fail(_first);
        Assert.Equal(["127.0.0.2"], Addresses(cluster));
        Assert.Equal(1, _test.Gauge("web", "health_check.healthy"));
    }

    [Fact]
    public void Failing_and_then_absent_goes_too()
    {
        var cluster = Start();
        Fail(_first);
        Refresh("127.0.0.2");
        Assert.Equal(["127.0.0.2"], Addresses(cluster));
    }

    [Fact]
    public void An_endpoint_that_is_found_again_was_never_away()
    {
        var cluster = Start();
        var endpoint = Endpoint(cluster, "127.0.0.1");
        Refresh("127.0.0.2");
        Refresh("127.0.0.1", "127.0.0.2");
        Assert.Same(endpoint, Endpoint(cluster, "127.0.0.1"));
        Assert.Equal(EndpointHealthFlags.None, endpoint.HealthFlags);
        Assert.Equal(2, Addresses(cluster).Length);
    }

    [Fact]
    public void Discovery_alone_decides_when_told_so()
    {
        var cluster = Start("ignore_health_on_host_removal: true");
        Refresh("127.0.0.2");
        Assert.Equal(["127.0.0.2"], Addresses(cluster));
    }

    [Fact]
    public void A_new_endpoint_is_used_once_checked()
    {
        var cluster = Start();
        using var third = new TcpListener(IPAddress.Parse("127.0.0.3"), _port);
        third.Start();
        Refresh("127.0.0.1", "127.0.0.2", "127.0.0.3");
        _loop.Until(() => Healthy(cluster) == 3);
    }

    private static int Healthy(Cluster cluster) => cluster.Endpoints.Priorities[0].Healthy.Length;

    private static string[] Addresses(Cluster cluster) => [.. cluster.Endpoints.Priorities[0].All.Select(endpoint => endpoint.Address.ToIPAddress().ToString())];

    private static Endpoint Endpoint(Cluster cluster, string address) => cluster.Endpoints.Priorities[0].All.Single(endpoint => endpoint.Address.ToIPAddress().ToString() == address);

    private Cluster Start(string extra = "")
    {
        var cluster = _loop.Own(Cluster.Create(
            _test.Compile($$"""
                name: web
                type: STRICT_DNS
                dns_refresh_rate: 1000s
                {{extra}}
                health_checks: [ { timeout: 1s, interval: 10s, no_traffic_interval: 10s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {} } ]
                load_assignment: { cluster_name: web, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: web.test, port_value: {{_port}} } } } } ] } ] }
                """),
            _test.Context));
        Assert.Empty(_test.Faults);
        var isInitialized = false;
        cluster.Start(() => isInitialized = true);
        _dns.Answer("web.test", "127.0.0.1", "127.0.0.2");
        Assert.False(isInitialized);
        _loop.Until(() => isInitialized);
        return cluster;
    }

    /// <summary>The name has other addresses.</summary>
    private void Refresh(params string[] addresses)
    {
        _loop.AdvanceMs(1_000_000);
        _loop.Settle();
        _dns.Answer("web.test", addresses);
        _loop.Settle();
    }

    /// <summary>An endpoint refuses connections, and its next check finds out.</summary>
    private void Fail(TcpListener endpoint)
    {
        endpoint.Stop();
        var failures = _test.Counter("web", "health_check.failure");
        _loop.AdvanceMs(10_000);
        _loop.Until(() => _test.Counter("web", "health_check.failure") > failures);
        _loop.Settle();
    }
}
