using Weft.Proxy.Clusters;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Clusters.DiscoveryTypes;

public sealed class StrictDnsClusterTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly FakeDnsResolver _dns = new();
    private readonly TestClusters _test;
    private int _initialized;

    public StrictDnsClusterTests() => _test = new TestClusters(_loop.Loop, _dns);

    public void Dispose() => _loop.Dispose();

    private Cluster Start(string names = "web.test", string extra = "")
    {
        var endpoints = string.Join(", ", names.Split(',').Select(name => $"{{ endpoint: {{ address: {{ socket_address: {{ address: {name}, port_value: 80 }} }} }} }}"));
        var cluster = Cluster.Create(
            _test.Compile($"name: web\ntype: STRICT_DNS\n{extra}\nload_assignment: {{ cluster_name: web, endpoints: [ {{ lb_endpoints: [ {endpoints} ] }} ] }}"),
            _test.Context);
        Assert.Empty(_test.Faults);
        cluster.Start(() => _initialized++);
        return _loop.Own(cluster);
    }

    private static string[] Texts(Cluster cluster) => [.. cluster.Endpoints.Priorities.SelectMany(p => p.All).Select(e => e.AddressText)];

    /// <summary>Moves the clock just before a refresh, where nothing may happen, and then on to it.</summary>
    private void AssertNextRefreshAfter(long ms)
    {
        var before = _dns.Asked.Count;
        _loop.AdvanceMs(ms - 1);
        Assert.Equal(before, _dns.Asked.Count);
        _loop.AdvanceMs(1);
        Assert.Equal(before + 1, _dns.Asked.Count);
    }

    [Fact]
    public void A_name_that_stays_keeps_its_endpoints_and_one_that_goes_does_until_the_new_ones_are_asked_for()
    {
        var cluster = Start("a.test,b.test");
        _dns.Answer("a.test", "10.0.0.1");
        _dns.Answer("b.test", "10.0.0.2");
        var (first, second) = (cluster.Endpoints.Priorities[0].All[0], cluster.Endpoints.Priorities[0].All[1]);

        Change(cluster, static source => source.LoadAssignment.Endpoints[0].LbEndpoints[1].Endpoint.Address.SocketAddress.Address = "c.test");
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], Texts(cluster));
        Assert.Equal("c.test", Assert.Single(_dns.Waiting).Name);
        _dns.Answer("c.test", "10.0.0.3");

        Assert.Equal(["10.0.0.1:80", "10.0.0.3:80"], Texts(cluster));
        Assert.Same(first, cluster.Endpoints.Priorities[0].All[0]);
        Assert.Equal((false, true), (first.IsRemoved, second.IsRemoved));

        // A name that only goes, goes at once; and nothing asks for it any more.
        Change(cluster, static source => source.LoadAssignment.Endpoints[0].LbEndpoints.RemoveAt(0));
        Assert.Equal(["10.0.0.3:80"], Texts(cluster));
        _loop.AdvanceMs(5_000);
        Assert.Equal("c.test", Assert.Single(_dns.Waiting).Name);
    }

    private void Change(Cluster cluster, Action<Envoy.Config.Cluster.V3.Cluster> change)
    {
        var source = cluster.Written.Message.Clone();
        change(source);
        Assert.True(cluster.TryUpdate(source, _test.Context), string.Join('\n', _test.Faults));
    }

    [Fact]
    public void Every_record_is_an_endpoint_with_the_configured_port()
    {
        var cluster = Start();
        Assert.False(cluster.IsInitialized);
        Assert.Equal(DnsLookupFamily.Auto, Assert.Single(_dns.Asked).Family);
        _dns.Answer("web.test", "10.0.0.1", "10.0.0.2", "fd00::1", "10.0.0.1");
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80", "[fd00::1]:80"], Texts(cluster));
        Assert.Equal(1, _initialized);
        Assert.All(cluster.Endpoints.Priorities[0].All, e => Assert.Equal("web.test", e.Hostname));
        Assert.Equal(3, _test.Gauge("web", "membership_total"));
        Assert.Equal((1, 1), (_test.Counter("web", "update_attempt"), _test.Counter("web", "update_success")));
    }

    [Fact]
    public void A_change_of_the_answer_is_followed_and_unchanged_endpoints_are_kept()
    {
        var cluster = Start();
        _dns.Answer("web.test", "10.0.0.1", "10.0.0.2");
        var kept = cluster.Endpoints.Priorities[0].All[1];
        var gone = new List<string>();
        cluster.EndpointsChanged += (_, removed) => gone.AddRange(removed.Select(e => e.AddressText));
        AssertNextRefreshAfter(5_000);
        _dns.Answer("web.test", "10.0.0.2", "10.0.0.3");
        Assert.Equal(["10.0.0.2:80", "10.0.0.3:80"], Texts(cluster));
        Assert.Same(kept, cluster.Endpoints.Priorities[0].All[0]);
        Assert.Equal(["10.0.0.1:80"], gone);
        Assert.Equal(2, _test.Counter("web", "membership_change"));
    }

    [Fact]
    public void The_same_answer_in_another_order_changes_nothing()
    {
        var cluster = Start();
        _dns.Answer("web.test", "10.0.0.1", "10.0.0.2");
        var snapshot = cluster.Endpoints;
        AssertNextRefreshAfter(5_000);
        _dns.Answer("web.test", "10.0.0.2", "10.0.0.1");
        Assert.Same(snapshot, cluster.Endpoints);
        Assert.Equal(1, _test.Counter("web", "update_no_rebuild"));
    }

    [Fact]
    public void A_failure_keeps_the_endpoints_and_an_empty_answer_removes_them()
    {
        var cluster = Start();
        _dns.Answer("web.test", "10.0.0.1");
        AssertNextRefreshAfter(5_000);
        _dns.Fail("web.test");
        Assert.Equal(["10.0.0.1:80"], Texts(cluster));
        Assert.Equal(1, _test.Counter("web", "update_failure"));
        AssertNextRefreshAfter(5_000);
        _dns.Answer("web.test");
        Assert.Empty(Texts(cluster));
        Assert.Equal(0, _test.Gauge("web", "membership_total"));
        AssertNextRefreshAfter(5_000);
        _dns.Answer("web.test", "10.0.0.9");
        Assert.Equal(["10.0.0.9:80"], Texts(cluster));
    }

    [Fact]
    public void The_first_answer_initializes_whatever_it_is()
    {
        var cluster = Start("a.test,b.test");
        _dns.Fail("b.test");
        Assert.True(cluster.IsInitialized);
        _dns.Answer("a.test", "10.0.0.1");
        Assert.Equal(1, _initialized);
        Assert.Equal(["10.0.0.1:80"], Texts(cluster));
    }

    [Fact]
    public void Without_names_or_without_waiting_the_cluster_is_initialized_at_once()
    {
        Cluster.Create(_test.Compile("name: none\ntype: STRICT_DNS"), _test.Context).Start(() => _initialized++);
        Assert.Equal(1, _initialized);
        Start(extra: "wait_for_warm_on_init: false");
        Assert.Equal(2, _initialized);
        _dns.Answer("web.test", "10.0.0.1");
        Assert.Equal(2, _initialized);
    }

    [Fact]
    public void Names_are_kept_apart_even_with_the_same_address()
    {
        var cluster = Start("a.test,b.test");
        _dns.Answer("a.test", "10.0.0.1");
        _dns.Answer("b.test", "10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1:80", "10.0.0.1:80", "10.0.0.2:80"], Texts(cluster));
        _loop.AdvanceMs(5_000);
        _dns.Answer("a.test");
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], Texts(cluster));
        Assert.Equal("b.test", cluster.Endpoints.Priorities[0].All[0].Hostname);
    }

    [Fact]
    public void The_refresh_rate_or_the_ttl_decides_when_to_ask_again()
    {
        Start(extra: "dns_refresh_rate: 2s\nrespect_dns_ttl: true");
        _dns.Answer("web.test", 30, "10.0.0.1");
        AssertNextRefreshAfter(30_000);
        _dns.Answer("web.test", 0, "10.0.0.1");
        AssertNextRefreshAfter(2_000);
        _dns.Answer("web.test", 30);
        AssertNextRefreshAfter(2_000);
    }

    [Fact]
    public void The_ttl_does_not_matter_unless_asked_for()
    {
        Start();
        _dns.Answer("web.test", 1, "10.0.0.1");
        AssertNextRefreshAfter(5_000);
    }

    [Fact]
    public void Failures_back_off_up_to_their_maximum_and_start_again_after_a_success()
    {
        var schedule = new DnsRefreshSchedule(new DnsClusterConfig { FailureBaseMs = 1_000, FailureMaxMs = 4_000 }, new Base.RandomSource(3));
        var largest = new long[6];
        for (var round = 0; round < 500; round++)
        {
            for (var i = 0; i < largest.Length; i++)
                largest[i] = Math.Max(largest[i], schedule.AfterFailure());
            Assert.Equal(5_000, schedule.AfterSuccess(0));
        }
        long[] limits = [1_000, 2_000, 4_000, 4_000, 4_000, 4_000];
        for (var i = 0; i < limits.Length; i++)
            Assert.InRange(largest[i], limits[i] * 9 / 10, limits[i] - 1);
    }

    [Fact]
    public void Without_a_failure_rate_failures_use_the_refresh_rate()
    {
        Start(extra: "dns_refresh_rate: 3s");
        _dns.Fail("web.test");
        AssertNextRefreshAfter(3_000);
    }

    [Fact]
    public void A_disposed_cluster_asks_no_more()
    {
        var cluster = Start("a.test,b.test");
        _dns.Answer("a.test", "10.0.0.1");
        cluster.Dispose();
        Assert.Empty(_dns.Waiting);
        _loop.AdvanceMs(60_000);
        Assert.Equal(2, _dns.Asked.Count);
    }

    [Fact]
    public void Numbers_of_endpoints_that_are_gone_are_given_back_when_their_connections_are()
    {
        var cluster = Start();
        _dns.Answer("web.test", "10.0.0.1");
        var first = cluster.Endpoints.Priorities[0].All[0];
        first.Stats.CxActive.Inc();
        for (var i = 2; i < 6; i++)
        {
            _loop.AdvanceMs(5_000);
            _dns.Answer("web.test", $"10.0.0.{i}");
        }
        first.Stats.RqTotal.Inc();
        Assert.Equal(1, first.Stats.RqTotal.Value);
        Assert.False(first.Stats.IsDisposed);
        first.Stats.CxActive.Dec();
        for (var i = 6; i < 9; i++)
        {
            _loop.AdvanceMs(5_000);
            _dns.Answer("web.test", $"10.0.0.{i}");
        }
        Assert.True(first.Stats.IsDisposed);
    }
}
