using Weft.Base;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Runtime;
using Weft.Proxy.Tests.Clusters.DiscoveryTypes;
using Weft.Proxy.Workers;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Tests.Clusters;

/// <summary>Clusters that come and go while the proxy runs.</summary>
public sealed class ClusterManagerTests : IDisposable
{
    private const string Web = "{ name: web, load_assignment: { cluster_name: web, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } } }] }] } }";
    private const string WebByName = "{ name: web, type: STRICT_DNS, load_assignment: { cluster_name: web, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: web.test, port_value: 80 } } } }] }] } }";

    private readonly WorkerSet _workers = new(1, new RandomSource(1), new());
    private readonly FakeDnsResolver _dns = new();
    private readonly StatsStore _stats = new();
    private readonly FactoryContext _context;
    private readonly ClusterManager _manager;

    public ClusterManagerTests()
    {
        var config = new ConfigContext();
        _context = new FactoryContext
        {
            Config = config,
            Stats = _stats,
            Runtime = new RuntimeLayers(null, config, _stats.Scope("")),
            AccessLogFiles = null!,
            Clusters = new ClusterReferences(),
            Node = new Node("", "", ""),
            MainLoop = _workers.Main.Loop,
            Dns = _dns,
            Random = new RandomSource(1),
            Concurrency = 1,
        };
        _manager = new ClusterManager(_context, _workers);
    }

    public void Dispose()
    {
        _manager.Dispose();
        _workers.Dispose();
    }

    [Fact]
    public void An_endpoint_that_moves_to_another_priority_stays_the_same_one()
    {
        const string Two = "{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 80 } } } }] }";
        Assert.True(_manager.Update(Read(Web), "1", new ConfigContext()));
        var cluster = _manager.Find("web")!;
        var before = Assert.Single(cluster.Endpoints.Priorities[0].All);
        Assert.True(_manager.Update(Read(Web.Replace("web, endpoints: [{", $"web, endpoints: [{Two}, {{ priority: 1, ", StringComparison.Ordinal)), "2", new ConfigContext()));
        Assert.Same(before, Assert.Single(cluster.Endpoints.Priorities[1].All));
        Assert.Equal((1, false), (before.Priority, before.IsRemoved));
    }

    [Fact]
    public void A_cluster_of_the_bootstrap_stays_when_discovery_names_another_like_it_which_is_said()
    {
        _manager.Add(Read(Web));
        var config = new ConfigContext();
        Assert.False(_manager.Update(Read(WebByName), "1", config));
        Assert.Equal("the cluster 'web' stays as the bootstrap has it", Assert.Single(config.Findings.Warnings).Text);
    }

    [Fact]
    public void Endpoints_of_a_static_cluster_that_stay_are_the_same_ones_after_an_update()
    {
        Assert.True(_manager.Update(Read(Web), "1", new ConfigContext()));
        var cluster = _manager.Find("web")!;
        var before = Assert.Single(cluster.Endpoints.Priorities[0].All);
        before.SetHealthFlags(EndpointHealthFlags.FailedOutlierCheck);

        var changed = Read(Web.Replace("port_value: 80 } } } }", "port_value: 80 } } }, load_balancing_weight: 3 }, { endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 80 } } } }", StringComparison.Ordinal));
        Assert.True(_manager.Update(changed, "2", new ConfigContext()));

        Assert.Same(cluster, _manager.Find("web"));
        Assert.Equal(("2", changed), (cluster.Origin.Version, cluster.Written.Message));
        Assert.Equal(2, cluster.Endpoints.Priorities[0].All.Length);
        Assert.Same(before, cluster.Endpoints.Priorities[0].All[0]);
        Assert.Equal((3u, EndpointHealthFlags.FailedOutlierCheck), (before.Weight, before.HealthFlags));
        // The same again changes nothing; how endpoints are spoken to makes another cluster.
        Assert.False(_manager.Update(changed.Clone(), "3", new ConfigContext()));
        changed = changed.Clone();
        changed.UpstreamConnectionOptions = new() { TcpKeepalive = new() };
        Assert.True(_manager.Update(changed, "4", new ConfigContext()));
        Assert.NotSame(cluster, _manager.Find("web"));
    }

    [Theory]
    [InlineData("connect_timeout: 7s")]
    [InlineData("circuit_breakers: { thresholds: [{ max_connections: 3 }] }")]
    [InlineData("lb_policy: MAGLEV, common_lb_config: { healthy_panic_threshold: { value: 0 } }")]
    [InlineData("lb_policy: LEAST_REQUEST, least_request_lb_config: { choice_count: 3 }")]
    [InlineData("outlier_detection: { consecutive_5xx: 2 }, metadata: { filter_metadata: { a: { b: c } } }")]
    public void Settings_that_do_not_concern_connections_change_in_place(string settings)
    {
        Assert.True(_manager.Update(Read(WebByName), "1", new ConfigContext()));
        _dns.Answer("web.test", "10.0.0.9");
        var cluster = _manager.Find("web")!;
        var endpoint = Assert.Single(cluster.Endpoints.Priorities[0].All);
        Assert.Equal("10.0.0.9:80", WorkerEndpoint());
        var (before, statistics) = (cluster.Config, _stats.Count);

        Assert.True(_manager.Update(Read(WebByName[..^1] + settings + " }"), "2", new ConfigContext()));
        Assert.Same(cluster, _manager.Find("web"));
        Assert.Same(endpoint, Assert.Single(cluster.Endpoints.Priorities[0].All));
        Assert.Equal(("10.0.0.9:80", 0, 1), (WorkerEndpoint(), Gauge("warming_clusters"), Counter("cluster_modified")));
        Assert.NotSame(before, cluster.Config);
        Assert.Same(before.Transports, cluster.Config.Transports);

        // And back; nothing is left behind but what checks and ejection have counted.
        Assert.True(_manager.Update(Read(WebByName), "3", new ConfigContext()));
        Assert.Equal((cluster, "10.0.0.9:80"), (_manager.Find("web"), WorkerEndpoint()));
        if (!settings.Contains("outlier", StringComparison.Ordinal))
            Assert.Equal(statistics, _stats.Count);
        Assert.True(_manager.Remove("web"));
        for (var i = 0; i < 3; i++)
            _manager.ReleaseRetired();
        Assert.DoesNotContain(Names(), static name => name.StartsWith("cluster.web.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refused_change_of_settings_leaves_them_as_they_were()
    {
        Assert.True(_manager.Update(Read(Web), "1", new ConfigContext()));
        var (before, statistics) = (_manager.Find("web")!.Config, _stats.Count);
        var config = new ConfigContext();
        Assert.False(_manager.Update(Read(Web[..^1] + "lb_policy: RING_HASH, ring_hash_lb_config: { minimum_ring_size: 9, maximum_ring_size: 8 } }"), "2", config));
        Assert.True(config.Findings.HasErrors);
        Assert.Same(before, _manager.Find("web")!.Config);
        Assert.Equal(statistics, _stats.Count);
    }

    [Fact]
    public void A_removed_endpoint_of_a_static_cluster_is_gone_and_faults_change_nothing()
    {
        Assert.True(_manager.Update(Read(Web), "1", new ConfigContext()));
        var endpoint = Assert.Single(_manager.Find("web")!.Endpoints.Priorities[0].All);
        Assert.True(_manager.Update(Read(Web.Replace("10.0.0.1", "10.0.0.9", StringComparison.Ordinal)), "2", new ConfigContext()));
        Assert.True(endpoint.IsRemoved);
        var config = new ConfigContext();
        Assert.False(_manager.Update(Read(Web.Replace("10.0.0.1", "nonsense", StringComparison.Ordinal)), "3", config));
        Assert.True(config.Findings.HasErrors);
        Assert.Equal("10.0.0.9:80", Assert.Single(_manager.Find("web")!.Endpoints.Priorities[0].All).AddressText);
    }

    [Fact]
    public void A_cluster_is_used_when_its_endpoints_are_known()
    {
        Assert.True(_manager.Update(Read(WebByName), "1", new ConfigContext()));
        var warm = 0;
        _manager.WhenWarm(() => warm++);
        Assert.Null(_manager.Find("web"));
        Assert.True(_manager.Exists("web"));
        Assert.Equal(("web", 0), (Assert.Single(_manager.Warming).Config.Name, warm));
        Assert.Equal(1, Gauge("warming_clusters"));

        _dns.Answer("web.test", "10.0.0.9");

        Assert.Empty(_manager.Warming);
        Assert.Equal(("1", true, 1), (_manager.Find("web")!.Origin.Version, _manager.Find("web")!.Origin.IsDynamic, warm));
        Assert.Equal("10.0.0.9:80", WorkerEndpoint());
        Assert.Equal((1, 0), (Gauge("active_clusters"), Gauge("warming_clusters")));
    }

    [Fact]
    public void The_old_cluster_serves_until_the_new_one_is_warm()
    {
        _manager.Update(Read(Web), "1", new ConfigContext());
        Assert.Equal("10.0.0.1:80", WorkerEndpoint());
        Assert.True(_manager.Update(Read(WebByName), "2", new ConfigContext()));
        Assert.Equal("10.0.0.1:80", WorkerEndpoint());
        _dns.Answer("web.test", "10.0.0.9");
        Assert.Equal("10.0.0.9:80", WorkerEndpoint());
        Assert.Equal((1, 1), (Counter("cluster_added"), Counter("cluster_modified")));
    }

    [Fact]
    public void The_same_again_is_no_change()
    {
        Assert.True(_manager.Update(Read(Web), "1", new ConfigContext()));
        var first = _manager.Find("web");
        Assert.False(_manager.Update(Read(Web), "2", new ConfigContext()));
        Assert.Same(first, _manager.Find("web"));
    }

    [Fact]
    public void A_refused_change_leaves_everything_as_it_was()
    {
        _manager.Update(Read(Web), "1", new ConfigContext());
        var before = _stats.Count;
        var config = new ConfigContext();
        var broken = Read(Web.Replace("address: 10.0.0.1", "address: nonsense", StringComparison.Ordinal));
        Assert.False(_manager.Update(broken, "2", config));
        Assert.Contains("malformed IP address: nonsense", Assert.Single(config.Findings.Errors).Text, StringComparison.Ordinal);
        Assert.Equal(("1", before), (_manager.Find("web")!.Origin.Version, _stats.Count));
        Assert.Equal("10.0.0.1:80", WorkerEndpoint());
    }

    [Fact]
    public void What_stands_in_the_bootstrap_is_neither_changed_nor_removed()
    {
        _manager.Add(Read(Web));
        _manager.Initialize(() => { });
        Assert.False(_manager.Update(Read(WebByName), "1", new ConfigContext()));
        Assert.False(_manager.Remove("web"));
        Assert.Equal("10.0.0.1:80", WorkerEndpoint());
    }

    [Fact]
    public void A_removed_cluster_takes_its_statistics_with_it()
    {
        var before = _stats.Count;
        _manager.Update(Read(Web), "1", new ConfigContext());
        Assert.True(_manager.Remove("web"));
        Assert.False(_manager.Remove("web"));
        Assert.Null(WorkerEndpoint());
        for (var i = 0; i < 3; i++)
            _manager.ReleaseRetired();
        Assert.Equal(before, _stats.Count);
    }

    [Fact]
    public void A_cluster_that_is_removed_while_it_warms_is_forgotten()
    {
        _manager.Update(Read(WebByName), "1", new ConfigContext());
        Assert.True(_manager.Remove("web"));
        Assert.Empty(_dns.Waiting);
        Assert.False(_manager.Exists("web"));
        Assert.Equal(0, Gauge("warming_clusters"));
    }

    private IEnumerable<string> Names()
    {
        var all = new List<Statistic>();
        _stats.List(all);
        return all.Select(static statistic => statistic.Name);
    }

    private static ClusterMessage Read(string yaml) => ConfigReader.ReadText<ClusterMessage>(yaml, "cds.yaml", new ReadOptions(), new ConfigContext());

    /// <summary>What the worker would send a request to.</summary>
    private string? WorkerEndpoint()
    {
        var worker = _workers.Workers[0];
        worker.Loop.RunTurn(0);
        return worker.Clusters.Find(_context.Clusters.Get("web"))?.Pick(default)?.AddressText;
    }

    private long Gauge(string name) => _stats.Scope("cluster_manager.").Gauge(name).Value;

    private long Counter(string name) => _stats.Scope("cluster_manager.").Counter(name).Value;
}
