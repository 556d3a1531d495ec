using System.Text;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Admin;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Stats;
using Weft.Proxy.Tests.Clusters;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Tests.Admin;

/// <summary>The admin interface over clusters and listeners written as YAML, without a server behind it.</summary>
internal sealed class TestAdmin
{
    private readonly TestClusters _clusters = new();
    private readonly List<Cluster> _all = [];
    private readonly List<Listener> _listeners = [];

    public TestAdmin(string bootstrap = "{}", ServerOptions? options = null)
    {
        var config = new ConfigContext();
        var message = ConfigReader.ReadText<BootstrapMessage>(bootstrap, "bootstrap.yaml", new ReadOptions { AllowUnimplemented = true }, config);
        Assert.Empty(config.Findings.Errors);
        options ??= new ServerOptions { Concurrency = 2, ConfigPath = "bootstrap.yaml" };
        var routes = StaticRoutes.Of(message.StaticResources?.Listeners ?? [], config);
        Handlers = new AdminHandlers(new AdminContext
        {
            Options = options,
            Status = Status,
            Control = new FakeControl(),
            Node = NodeIdentity.Create(message.Node, options),
            Stats = Stats,
            Runtime = null!,
            Clusters = () => _all,
            Listeners = () => _listeners,
            Configuration = new ConfigDumpSource(message, routes, new DateTimeOffset(2024, 1, 2, 3, 4, 5, 678, TimeSpan.Zero)),
        });
        foreach (var listener in message.StaticResources?.Listeners ?? [])
            AddListener(listener);
    }

    public StatsStore Stats => _clusters.Stats;

    public ServerStatus Status { get; } = new();

    public AdminHandlers Handlers { get; }

    public void AddCluster(string yaml, params Endpoint[] endpoints)
    {
        var cluster = new FakeCluster(_clusters.Compile(yaml), endpoints);
        Assert.Empty(_clusters.Faults);
        cluster.Start(() => { });
        _all.Add(cluster);
    }

    public (int Status, string Text) Call(string method, string target)
    {
        var response = Handlers.Handle(AdminRequest.Parse(method, target));
        var text = new StringBuilder(Encoding.UTF8.GetString(response.Body.Written));
        for (var more = response.NextPiece is not null; more;)
        {
            response.Body.Clear();
            more = response.NextPiece!(response.Body);
            text.Append(Encoding.UTF8.GetString(response.Body.Written));
        }
        return (response.Status, text.ToString());
    }

    public string Get(string target)
    {
        var (status, text) = Call("GET", target);
        Assert.Equal(200, status);
        return text;
    }

    private void AddListener(Envoy.Config.Listener.V3.Listener source)
    {
        Assert.True(AddressReader.TryRead(source.Address, new ConfigContext(), out var address));
        var more = source.AdditionalAddresses.Select(additional =>
        {
            Assert.True(AddressReader.TryRead(additional.Address, new ConfigContext(), out var result));
            return result;
        });
        var config = new ListenerConfig
        {
            Source = source,
            Name = source.Name,
            Addresses = [address, .. more],
            FilterChains = new FilterChainSet(new FilterChainConfig("", [])),
            ListenOptions = [.. Enumerable.Repeat(new ListenOptions(), 1 + more.Count())],
            AccessLogs = [],
            Stats = new ListenerStats(Stats, source.Name, 1),
        };
        _listeners.Add(new Listener(config, [], BoundSockets.None(config, []), new ConnectionLimits(null!, new ProcessConnections())));
    }
}
