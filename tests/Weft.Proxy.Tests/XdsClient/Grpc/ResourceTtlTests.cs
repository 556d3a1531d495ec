using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.XdsClient;
using Weft.Proxy.XdsClient.Grpc;
using Weft.Xds;

namespace Weft.Proxy.Tests.XdsClient.Grpc;

/// <summary>The ttl of resources and the heartbeats that renew it, in both protocols, against a clock that the test moves.</summary>
public sealed class ResourceTtlTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly StatsStore _stats = new();
    private readonly List<IMessage> _sent = [];
    private readonly Watcher _clusters = new();
    private DiscoverySession? _session;

    public void Dispose()
    {
        _session?.Dispose();
        _loop.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_resource_goes_when_its_ttl_passes_and_others_stay(bool isDelta)
    {
        Begin(isDelta);
        Answer(isDelta, "1", Cluster("a", 10), Cluster("b", 20), Cluster("c", null));
        AssertAccepted();
        _loop.AdvanceMs(9_999);
        Assert.Equal(["a b c"], _clusters.Updates);
        _loop.AdvanceMs(1);
        Assert.Equal(["a b c", "-a"], _clusters.Updates);
        _loop.AdvanceMs(10_000);
        Assert.Equal(["a b c", "-a", "-b"], _clusters.Updates);
        _loop.AdvanceMs(1_000_000);
        Assert.Equal(3, _clusters.Updates.Count);
        Assert.Equal((3, 3, 0), (Stat("update_attempt"), Stat("update_success"), Stat("update_rejected")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_heartbeat_is_acknowledged_and_renews_only_what_it_names(bool isDelta)
    {
        Begin(isDelta);
        Answer(isDelta, "1", Cluster("a", 10), Cluster("b", 10), Cluster("c", null));
        _loop.AdvanceMs(9_000);
        Answer(isDelta, "1", Heartbeat("a", 10));
        AssertAccepted();
        _loop.AdvanceMs(9_000);
        Assert.Equal(["a b c", "-b"], _clusters.Updates);
        _loop.AdvanceMs(1_000);
        Assert.Equal(["a b c", "-b", "-a"], _clusters.Updates);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_heartbeat_beside_a_resource_takes_nothing_away(bool isDelta)
    {
        Begin(isDelta);
        Answer(isDelta, "1", Cluster("a", 10), Cluster("b", 5), Cluster("c", null));
        _loop.AdvanceMs(6_000);
        Answer(isDelta, "1", Heartbeat("a", 10), Cluster("b", 100));
        AssertAccepted();
        Assert.Equal(["a b c", "-b", "b"], _clusters.Updates);
        Assert.True(_clusters.Last!.IsDelta);
    }

    [Theory]
    [InlineData(false, "1")]
    [InlineData(false, "2")]
    [InlineData(true, "1")]
    [InlineData(true, "2")]
    public void Without_a_ttl_the_resource_stays_whether_it_comes_with_a_body_or_not(bool isDelta, string version)
    {
        Begin(isDelta);
        Answer(isDelta, "1", Cluster("a", 10));
        Answer(isDelta, version, version == "1" ? Heartbeat("a", null) : Cluster("a", null));
        AssertAccepted(version);
        _loop.AdvanceMs(1_000_000);
        Assert.DoesNotContain("-a", _clusters.Updates);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_resource_without_a_body_in_another_version_is_refused_and_ends_no_lifetime(bool isDelta)
    {
        Begin(isDelta);
        Answer(isDelta, "1", Cluster("a", 10));
        Answer(isDelta, "2", Heartbeat("a", null));
        Assert.Equal("a has no body, and version '2' of it is not in use", Fault());
        _loop.AdvanceMs(10_000);
        Assert.Equal("-a", _clusters.Updates[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_removed_by_the_server_does_not_go_again(bool isDelta)
    {
        Begin(isDelta);
        Answer(isDelta, "1", Cluster("a", 10), Cluster("b", null));
        if (isDelta)
            Take(new DeltaDiscoveryResponse { TypeUrl = ResourceType.Clusters.TypeUrl, RemovedResources = { "a" } });
        else
            Answer(isDelta, "2", Cluster("b", null));
        _loop.AdvanceMs(10_000);
        Assert.Equal(2, _clusters.Updates.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_next_stream_does_not_begin_with_what_has_expired_as_known(bool isDelta)
    {
        Begin(isDelta);
        Answer(isDelta, "1", Cluster("a", 10), Cluster("b", null));
        _loop.AdvanceMs(10_000);
        _session!.Client.OnClosed();
        _session.Client.OnOpened();
        if (_sent[^1] is DeltaDiscoveryRequest delta)
            Assert.Equal(["b"], delta.InitialResourceVersions.Keys);
        else
            Assert.Equal("", ((DiscoveryRequest)_sent[^1]).VersionInfo);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_has_expired_is_not_given_to_those_who_come_later(bool isDelta)
    {
        Begin(isDelta);
        var (first, second, third) = (new Watcher(), new Watcher(), new Watcher());
        Subscribe(ResourceType.Endpoints, "e", first);
        var endpoints = new Resource { Name = "e", Ttl = Seconds(10), Resource_ = Any.Pack(new ClusterLoadAssignment { ClusterName = "e" }) };
        Answer(isDelta, "1", ResourceType.Endpoints, endpoints);
        Subscribe(ResourceType.Endpoints, "e", second);
        Assert.Equal(["e"], second.Updates);
        _loop.AdvanceMs(10_000);
        Assert.Equal(["e", "-e"], first.Updates);
        Subscribe(ResourceType.Endpoints, "e", third);
        Assert.Empty(third.Updates);
    }

    [Fact]
    public void One_expiry_takes_all_that_are_due()
    {
        Begin(isDelta: true);
        Answer(isDelta: true, "1", [.. Enumerable.Range(0, 20).Select(i => Cluster($"c{i:D2}", 10))]);
        _loop.AdvanceMs(10_000);
        Assert.Equal(2, _clusters.Updates.Count);
        Assert.Equal(20, _clusters.Last!.Removed.Count);
    }

    private static Resource Cluster(string name, int? ttl) => new() { Name = name, Ttl = Seconds(ttl), Resource_ = Any.Pack(new Cluster { Name = name }) };

    private static Resource Heartbeat(string name, int? ttl) => new() { Name = name, Ttl = Seconds(ttl) };

    private static Duration? Seconds(int? seconds) => seconds is null ? null : new Duration { Seconds = seconds.Value };

    private void Begin(bool isDelta)
    {
        var config = new GrpcSourceConfig { Node = new() { Id = "me" }, Services = [], Path = "/", Name = "management", IsDelta = isDelta };
        _session = new DiscoverySession(config, _loop.Loop, new ReadOptions(), ControlPlaneStats.OfMany(new StatsStore()), _sent.Add);
        Subscribe(ResourceType.Clusters, null, _clusters);
        _session.Client.OnOpened();
    }

    private void Subscribe(ResourceType type, string? name, Watcher watcher) =>
        new Subscription(type, name, new Source(_session!), watcher, new SubscriptionStats(_stats.Scope(type.ShortName + ".")), _loop.Loop, initialFetchTimeoutMs: 0).Start();

    private void Answer(bool isDelta, string version, params Resource[] resources) => Answer(isDelta, version, ResourceType.Clusters, resources);

    private void Answer(bool isDelta, string version, ResourceType type, params Resource[] resources)
    {
        if (isDelta)
        {
            foreach (var resource in resources)
                resource.Version = version;
            Take(new DeltaDiscoveryResponse { TypeUrl = type.TypeUrl, Nonce = "n", SystemVersionInfo = version, Resources = { resources } });
        }
        else
        {
            Take(new DiscoveryResponse { TypeUrl = type.TypeUrl, Nonce = "n", VersionInfo = version, Resources = { resources.Select(Any.Pack) } });
        }
    }

    private void Take(IMessage response)
    {
        _sent.Clear();
        _session!.OnMessage(response.ToByteArray());
    }

    /// <summary>One request has answered, with the nonce, and in state of the world with the version.</summary>
    private void AssertAccepted(string version = "1")
    {
        Assert.Null(Fault());
        var said = _sent[0] is DiscoveryRequest sotw ? (sotw.ResponseNonce, sotw.VersionInfo) : (((DeltaDiscoveryRequest)_sent[0]).ResponseNonce, version);
        Assert.Equal(("n", version), said);
    }

    private string? Fault() => (Assert.Single(_sent) is DeltaDiscoveryRequest delta ? delta.ErrorDetail : ((DiscoveryRequest)_sent[0]).ErrorDetail)?.Message;

    private long Stat(string name) => _stats.Scope("CDS.").Counter(name).Value;

    private sealed class Source(DiscoverySession session) : IResourceSource
    {
        public void Add(Subscription subscription)
        {
            session.Client.Watch(subscription.Type, subscription.Name);
            session.Subscriptions.Add(subscription);
        }

        public void Remove(Subscription subscription) => session.Subscriptions.Remove(subscription);
    }

    /// <summary>Writes down what it is told: <c>a b -c</c>; refuses what has faults.</summary>
    private sealed class Watcher : IResourceWatcher
    {
        public List<string> Updates { get; } = [];

        public DiscoveryUpdate? Last { get; private set; }

        public string? OnUpdate(DiscoveryUpdate update)
        {
            Last = update;
            Updates.Add(string.Join(' ', update.Resources.Select(resource => resource.Name).Concat(update.Removed.Select(name => "-" + name))));
            var faults = update.Resources.SelectMany(resource => resource.NewContext().Findings.Errors).Select(finding => finding.Text).ToList();
            return faults.Count == 0 ? null : string.Join("; ", faults);
        }

        public void OnNothing()
        {
        }
    }
}
