using System.Text;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Dns.Cache;
using Weft.Proxy.Tests.Clusters;
using Weft.Proxy.Tests.Clusters.DiscoveryTypes;
using Message = Envoy.Extensions.Common.DynamicForwardProxy.V3.DnsCacheConfig;

namespace Weft.Proxy.Tests.Dns.Cache;

public sealed class DnsCacheTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly FakeDnsResolver _dns = new();
    private readonly TestClusters _test;

    public DnsCacheTests() => _test = new TestClusters(_loop.Loop, _dns);

    public void Dispose() => _loop.Dispose();

    private DnsCache? Create(string more = "") =>
        _test.Context.DnsCaches.Get(ConfigReader.ReadText<Message>($"{{ name: names, {more} }}", "c.yaml", new ReadOptions(), _test.Config), _test.Context);

    private Waiter Load(DnsCache cache, string key)
    {
        var waiter = new Waiter();
        cache.Load(key, new DnsCacheWaiter(_loop.Loop, waiter, 7));
        _loop.Settle();
        return waiter;
    }

    private void Answer(string name, uint ttl, params string[] addresses)
    {
        _dns.Answer(name, ttl, addresses);
        _loop.Settle();
    }

    private long Stat(string name) => _test.Stats.Scope("dns_cache.names.").Counter(name).Value;

    [Fact]
    public void All_who_wait_for_a_name_get_the_answer_of_one_look_up()
    {
        var cache = Create()!;
        var (first, second) = (Load(cache, "a.example:80"), Load(cache, "a.example:80"));
        Assert.Single(_dns.Asked);
        Assert.Null(cache.Find("a.example:80"));
        Answer("a.example", 60, "10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], first.Host!.Answer!.Addresses.Select(address => address.ToString()));
        Assert.Same(first.Host, second.Host);
        Assert.Same(first.Host, cache.Find("a.example:80"));
        Assert.Same(first.Host, Load(cache, "a.example:80").Host);
        Assert.Equal((1, 1, 1, 1), (Stat("dns_query_attempt"), Stat("dns_query_success"), Stat("host_added"), Stat("host_address_changed")));
        Assert.Equal(1, _test.Printed("dns_cache.names.num_hosts"));
    }

    [Fact]
    public void Clusters_hear_of_a_host_before_those_who_wait_for_it()
    {
        var cache = Create()!;
        var order = new List<string>();
        cache.HostsChanged += hosts => order.AddRange(hosts.Select(host => "cluster " + host.Key));
        cache.Load("a:80", new DnsCacheWaiter(_loop.Loop, new Waiter { OnTold = () => order.Add("waiter") }, 0));
        _loop.Settle();
        _dns.Answer("a", 60u, "10.0.0.1");
        Assert.Null(cache.Find("a:80"));
        _loop.Settle();
        Assert.NotNull(cache.Find("a:80"));
        Assert.Equal(["cluster a:80", "waiter"], order);
    }

    [Fact]
    public void A_name_is_asked_for_again_by_its_TTL_but_no_more_often_than_allowed_and_keeps_its_address_meanwhile()
    {
        var cache = Create("dns_min_refresh_rate: 2s")!;
        Load(cache, "a:80");
        Answer("a", 1, "10.0.0.1");
        _loop.AdvanceMs(1_900);
        Assert.Empty(_dns.Waiting);
        _loop.AdvanceMs(200);
        _dns.Fail("a");
        _loop.Settle();
        Assert.Equal("10.0.0.1:80", Assert.Single(cache.Find("a:80")!.Answer!.Addresses).ToString());
        Assert.Equal(1, Stat("dns_query_failure"));
    }

    [Fact]
    public void A_name_without_an_answer_fails_until_the_next_look_up()
    {
        var cache = Create("dns_query_timeout: 3s, dns_refresh_rate: 10s")!;
        var waiter = Load(cache, "a:80");
        _loop.AdvanceMs(3_100);
        _loop.Settle();
        Assert.Equal("dns_resolution_failure{resolve_timeout}", waiter.Host!.Answer!.Details);
        Assert.Equal((1, 1), (Stat("dns_query_timeout"), Stat("dns_query_failure")));
        Assert.Empty(cache.Find("a:80")!.Answer!.Addresses);
        _loop.AdvanceMs(10_100);
        Answer("a", 60, "10.0.0.1");
        Assert.Single(cache.Find("a:80")!.Answer!.Addresses);
    }

    [Fact]
    public void A_name_that_nobody_uses_is_forgotten_and_one_in_use_is_not()
    {
        var cache = Create("host_ttl: 10s")!;
        foreach (var name in (string[])["used", "unused"])
        {
            Load(cache, name + ":80");
            Answer(name, 6, "10.0.0.1");
        }

        for (var i = 0; i < 3; i++)
        {
            cache.Find("used:80")!.WasUsed = true;
            _loop.AdvanceMs(6_100);
            foreach (var pending in _dns.Waiting.ToArray())
                Answer(pending.Name, 6, "10.0.0.1");
        }

        Assert.NotNull(cache.Find("used:80"));
        Assert.Null(cache.Find("unused:80"));
        Assert.Equal(1, Stat("host_removed"));
    }

    [Fact]
    public void Names_beyond_the_limit_are_refused()
    {
        var cache = Create("max_hosts: 1")!;
        Load(cache, "a:80");
        Assert.True(cache.IsFull);
        var waiter = Load(cache, "b:80");
        Assert.True(waiter.IsTold);
        Assert.Null(waiter.Host);
        Assert.Equal(1, Stat("host_overflow"));
    }

    [Fact]
    public void Names_can_be_looked_up_from_the_start()
    {
        var cache = Create("preresolve_hostnames: [ { address: Early.example, port_value: 443 } ]")!;
        Assert.Empty(_dns.Asked);
        cache.Start();
        Answer("early.example", 60, "10.0.0.1");
        Assert.NotNull(cache.Find("early.example:443"));
    }

    [Fact]
    public void One_name_is_one_cache_and_must_be_configured_alike()
    {
        Assert.Same(Create(), Create());
        Assert.Null(Create("max_hosts: 3"));
        Assert.Contains(_test.Faults, fault => fault.EndsWith("config specified DNS cache 'names' with different settings", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("A.Example", "a.example:80")]
    [InlineData("a.example:8080", "a.example:8080")]
    [InlineData("[::1]:8080", "[::1]:8080")]
    [InlineData("[::1]", "[::1]:80")]
    [InlineData("a:b", null)]
    [InlineData("a:70000", null)]
    [InlineData("a:", null)]
    [InlineData(":80", null)]
    [InlineData("a b", null)]
    public void A_key_is_the_name_in_lower_case_with_its_port(string authority, string? expected)
    {
        Span<char> key = stackalloc char[DnsCacheKey.MaxChars];
        Assert.Equal(expected, DnsCacheKey.TryWrite(Encoding.UTF8.GetBytes(authority), 80, key, out var length) ? key[..length].ToString() : null);
    }

    private sealed class Waiter : IDnsCacheWaiter
    {
        public CachedHost? Host { get; private set; }

        public bool IsTold { get; private set; }

        public Action? OnTold { get; init; }

        public void OnHost(CachedHost? host, int ticket)
        {
            Assert.Equal(OnTold is null ? 7 : 0, ticket);
            (Host, IsTold) = (host, true);
            OnTold?.Invoke();
        }
    }
}
