using Envoy.Config.Endpoint.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.XdsClient;
using Weft.Xds;

namespace Weft.Proxy.Tests.XdsClient;

/// <summary>What is known of a name, for subscriptions that come later.</summary>
public sealed class SubscriptionTableTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly ResponseDecoder _decoder = new(new ReadOptions());
    private readonly SubscriptionTable _table;
    private readonly StatsStore _stats = new();

    public SubscriptionTableTests() => _table = new SubscriptionTable("server", _decoder);

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void What_was_known_serves_a_name_that_is_given_up_and_wanted_again_before_the_server_is_told()
    {
        var first = Subscribe();
        Answer("1");
        first.Subscription.Dispose();
        Assert.True(_table.IsEmpty);
        Assert.Equal(["1"], Subscribe().Versions);
    }

    [Fact]
    public void What_came_meanwhile_is_known_too()
    {
        var first = Subscribe();
        Answer("1");
        first.Subscription.Dispose();
        Answer("2");
        Assert.Equal(["2"], Subscribe().Versions);
    }

    [Fact]
    public void Once_the_server_was_told_that_nobody_wants_it_nothing_is_known_of_it()
    {
        var first = Subscribe();
        Answer("1");
        first.Subscription.Dispose();
        _table.ForgetLeft();
        Assert.Empty(Subscribe().Versions);
    }

    [Fact]
    public void What_is_wanted_again_is_not_forgotten_with_what_is_not()
    {
        var first = Subscribe();
        Answer("1");
        first.Subscription.Dispose();
        Subscribe();
        _table.ForgetLeft();
        Assert.Equal(["1"], Subscribe().Versions);
    }

    private Watcher Subscribe()
    {
        var watcher = new Watcher();
        watcher.Subscription = new Subscription(ResourceType.Endpoints, "web", new Source(_table), watcher, new SubscriptionStats(_stats.Scope("cluster.web.")), _loop.Loop, initialFetchTimeoutMs: 0);
        watcher.Subscription.Start();
        return watcher;
    }

    private void Answer(string version)
    {
        var response = new DiscoveryResponse { VersionInfo = version, Resources = { Any.Pack(new ClusterLoadAssignment { ClusterName = "web" }) } };
        Assert.Null(_table.Deliver(ResourceType.Endpoints, _decoder.Decode(ResourceType.Endpoints, response)));
    }

    private sealed class Source(SubscriptionTable table) : IResourceSource
    {
        public void Add(Subscription subscription) => table.Add(subscription);

        public void Remove(Subscription subscription) => table.Remove(subscription);
    }

    private sealed class Watcher : IResourceWatcher
    {
        public Subscription Subscription { get; set; } = null!;

        public List<string> Versions { get; } = [];

        public string? OnUpdate(DiscoveryUpdate update)
        {
            Versions.Add(update.Version);
            return null;
        }

        public void OnNothing()
        {
        }
    }
}
