using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Weft.Base;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.NetworkFilters.HttpConnectionManager;
using Weft.Proxy.Runtime;
using Weft.Proxy.Stats;
using Weft.Proxy.Tests.Clusters.DiscoveryTypes;
using Weft.Proxy.Workers;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>
/// An HTTP proxy on one worker that the test turns and whose clock it moves; clients and upstreams are plain sockets on which the test says
/// every byte. Local replies print their text, flags and details.
/// </summary>
internal sealed class RouterBench : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly ManualTime _time = new();

    public RouterBench()
    {
        Worker = new Worker(0, "worker_0", new RandomSource(1), _time);
        Context = new FactoryContext
        {
            Config = Config,
            Stats = Stats,
            Runtime = new RuntimeLayers(new Envoy.Config.Bootstrap.V3.LayeredRuntime(), Config, Stats.Scope("")),
            AccessLogFiles = null!,
            Clusters = new ClusterReferences(),
            Node = new Node("", "", ""),
            MainLoop = Worker.Loop,
            Dns = new FakeDnsResolver(),
            Random = new RandomSource(1),
            Concurrency = 1,
        };

        // Microsecond 0 stands for what has not happened.
        AdvanceMs(1_000);
    }

    public Worker Worker { get; }

    public ConfigContext Config { get; } = new();

    public StatsStore Stats { get; } = new();

    public FactoryContext Context { get; }

    public int Port { get; private set; }

    /// <summary>A proxy with one cluster <c>web</c> of the upstreams given, to which every request goes.</summary>
    /// <param name="route">More fields of the route's action, in flow style.</param>
    /// <param name="upstreams">Each is one endpoint.</param>
    public static RouterBench To(string route, params TestUpstream[] upstreams)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", upstreams);
        bench.Start($"- {{ match: {{ prefix: / }}, route: {{ cluster: web, {route} }} }}");
        return bench;
    }

    /// <summary>A STATIC cluster with these endpoints.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="upstreams">Its endpoints.</param>
    /// <param name="extra">More fields, a line each.</param>
    public ClusterConfig AddCluster(string name, IEnumerable<TestUpstream> upstreams, string extra = "")
    {
        var endpoints = string.Join(", ", upstreams.Select(static upstream =>
            $"{{ endpoint: {{ address: {upstream.Address}, additional_addresses: [ {string.Join(", ", upstream.Others.Select(static other => $"{{ address: {other.Address} }}"))} ] }}, {upstream.Yaml} }}"));
        var yaml = $"name: {name}\n{extra}\nload_assignment: {{ cluster_name: {name}, endpoints: [ {{ lb_endpoints: [ {endpoints} ] }} ] }}";
        var config = ClusterConfig.Create(ConfigReader.ReadText<ClusterMessage>(yaml, "cluster.yaml", new ReadOptions(), Config), Context);
        var cluster = Cluster.Create(config, Context);
        _owned.Add(cluster);
        cluster.Start(() => { });
        Worker.Clusters.Set(Context.Clusters.Get(name), cluster);
        Assert.Empty(Config.Findings.Errors);
        return config;
    }

    /// <summary>Starts the listener.</summary>
    /// <param name="routes">Of the one virtual host, YAML.</param>
    /// <param name="host">More fields of the virtual host, a line each.</param>
    /// <param name="router">Fields of the router, in flow style.</param>
    /// <param name="bufferLimitBytes">per_connection_buffer_limit_bytes.</param>
    /// <param name="manager">More fields of the connection manager, a line each.</param>
    /// <param name="filters">In front of the router, a line each.</param>
    public void Start(string routes, string host = "", string router = "", int bufferLimitBytes = ListenerConfig.DefaultBufferLimitBytes, string manager = "", string filters = "")
    {
        var yaml = $$"""
            stat_prefix: http
            {{manager}}
            route_config:
              name: r
              virtual_hosts:
              - name: v
                domains: ["*"]
            {{Indent(host, 4)}}
                routes:
            {{Indent(routes, 4)}}
            local_reply_config:
              body_format: { text_format_source: { inline_string: "%LOCAL_REPLY_BODY%|%RESPONSE_FLAGS%|%RESPONSE_CODE_DETAILS%" } }
            http_filters:
            {{filters}}
            - name: envoy.filters.http.router
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router, {{router}} }
            """;
        var message = ConfigReader.ReadText<HcmMessage>(yaml, "hcm.yaml", new ReadOptions(), Config);
        var factory = HttpConnectionManagerFactory.Create(message, Context);
        Assert.True(factory is not null && !Config.Findings.HasErrors, string.Join('\n', Config.Findings.All));
        var listening = new ListenerConfig
        {
            Source = new Envoy.Config.Listener.V3.Listener(),
            Name = "test",
            Addresses = [NetAddress.FromIP(IPAddress.Loopback, 0)],
            FilterChains = new FilterChainSet(new FilterChainConfig("chain", [factory])),
            ListenOptions = [new ListenOptions()],
            AccessLogs = [],
            Stats = new ListenerStats(Stats, "test", 1),
            BufferLimitBytes = bufferLimitBytes,
        };
        var listener = new Listener(listening, [Worker], BoundSockets.Bind(listening, [Worker]), new ConnectionLimits(Context.Runtime, new ProcessConnections()));
        listener.Start();
        RunTurn(0);
        Port = listener.BoundAddresses[0].Port;
    }

    /// <summary>A client that has sent this.</summary>
    public TestPeer Send(string request)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, Port));
        var peer = Own(new TestPeer(this, socket));
        peer.Send(request);
        return peer;
    }

    /// <summary>An internal client, whose x-envoy headers count, that has sent a GET with these header lines.</summary>
    public TestPeer Get(params string[] headers) => Send($"GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 10.0.0.1\r\n{string.Concat(headers.Select(static line => line + "\r\n"))}\r\n");

    public void AdvanceMs(long ms)
    {
        _time.AdvanceMs(ms);
        RunTurn(0);
        RunTurn(0);
    }

    /// <summary>Moves the clock on, up to a limit, until the upstream is asked again.</summary>
    public TestPeer AcceptRetry(TestUpstream upstream, int withinMs = 25)
    {
        for (var i = 0; i <= withinMs && !upstream.HasConnection; i++)
        {
            AdvanceMs(1);
            RunTurn(1);
        }

        return upstream.Accept(this);
    }

    /// <summary>Bytes allocated by the proxy itself, not by the test around it.</summary>
    public long AllocatedBytes { get; private set; }

    public void RunTurn(int timeoutMs)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Worker.Loop.RunTurn(timeoutMs);
        AllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - before;
    }

    public void Until(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), "the condition did not come true");
            RunTurn(1);
        }
    }

    /// <summary>Some turns in which nothing is expected.</summary>
    public void Settle()
    {
        for (var i = 0; i < 10; i++)
            RunTurn(1);
    }

    public long Counter(string name, string cluster = "web") => Stats.Scope($"cluster.{cluster}.").Counter(name).Value;

    public long Gauge(string name, string cluster = "web") => Stats.Scope($"cluster.{cluster}.").Gauge(name).Value;

    public long Http(string name) => Stats.Scope("http.http.").Counter(name).Value;

    /// <summary>A printed statistic, also one that is computed or of a family; null when it is not listed.</summary>
    public long? Printed(string name)
    {
        var all = new List<Statistic>();
        Stats.List(all);
        return all.Where(statistic => statistic.Name == name).Select(static statistic => (long?)statistic.Value).FirstOrDefault();
    }

    public T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    public void Dispose()
    {
        foreach (var owned in _owned)
            owned.Dispose();
        Worker.Dispose();
    }

    private static string Indent(string text, int columns) =>
        string.Join('\n', text.Split('\n').Select(line => new string(' ', columns) + line));
}
