using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Base;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;
using Weft.Proxy.Listeners;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.NetworkFilters;
using Weft.Proxy.NetworkFilters.TcpProxy;
using Weft.Proxy.Runtime;
using Weft.Proxy.Stats;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Clusters.DiscoveryTypes;
using Weft.Proxy.Workers;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using TcpProxyMessage = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

/// <summary>A TcpProxy with its listener and clusters on one worker that the test turns and whose clock it moves; clients and servers are plain sockets.</summary>
internal sealed class TcpProxyBench : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly CapturingLogger _log = new();
    private readonly ManualTime _time = new();

    public TcpProxyBench()
    {
        Worker = new Worker(0, "worker_0", new RandomSource(1), _time);
        Context = new FactoryContext
        {
            Config = Config,
            Stats = Stats,
            Runtime = new RuntimeLayers(null, Config, Stats.Scope("")),
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

    /// <summary>One entry per finished connection.</summary>
    public List<LoggedConnection> Log => _log.Entries;

    /// <summary>Log entries are printed in this format as well.</summary>
    public string Format
    {
        set => _log.Format = SubstitutionFormat.Parse(value, Config, new TcpProxyMessage(), "format");
    }

    public NetAddress Address { get; private set; }

    /// <summary>A STATIC cluster with these endpoints.</summary>
    public ClusterConfig AddCluster(string name, IEnumerable<int> ports, string extra = "") =>
        AddCluster(name, string.Join(", ", ports.Select(static port => $"{{ endpoint: {AddressOf(port)} }}")), extra);

    private static string AddressOf(int port) => $"{{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}";

    private ClusterConfig AddCluster(string name, string endpoints, string extra)
    {
        var yaml = $"name: {name}\n{extra}\nload_assignment: {{ cluster_name: {name}, endpoints: [ {{ lb_endpoints: [ {endpoints} ] }} ] }}";
        var config = ClusterConfig.Create(ConfigReader.ReadText<ClusterMessage>(yaml, "cluster.yaml", new ReadOptions(), Config), Context);
        var cluster = Cluster.Create(config, Context);
        _owned.Add(cluster);
        cluster.Start(() => { });
        Worker.Clusters.Set(Context.Clusters.Get(name), cluster);
        Assert.Empty(Config.Findings.Errors);
        return config;
    }

    /// <summary>A STATIC cluster whose endpoints are in subsets by <c>stage</c>.</summary>
    public void AddCluster(string name, IEnumerable<(int Port, string Stage)> endpoints) => AddCluster(
        name,
        string.Join(", ", endpoints.Select(static endpoint =>
            $"{{ endpoint: {AddressOf(endpoint.Port)}, metadata: {{ filter_metadata: {{ envoy.lb: {{ stage: {endpoint.Stage} }} }} }} }}")),
        "lb_subset_config: { fallback_policy: NO_FALLBACK, subset_selectors: [ { keys: [ stage ] } ] }");

    /// <summary>Starts the listener with a TcpProxy of this configuration.</summary>
    public void Start(string yaml = "cluster: web", int bufferLimitBytes = ListenerConfig.DefaultBufferLimitBytes)
    {
        var message = ConfigReader.ReadText<TcpProxyMessage>($"stat_prefix: tcp\n{yaml}", "tcp.yaml", new ReadOptions(), Config);
        var compiled = TcpProxyConfig.Create(message, Context);
        Assert.Empty(Config.Findings.Errors);
        var config = compiled with { AccessLogs = [_log] };
        var listening = new ListenerConfig
        {
            Source = new Envoy.Config.Listener.V3.Listener(),
            Name = "test",
            Addresses = [NetAddress.FromIP(IPAddress.Loopback, 0)],
            FilterChains = new FilterChainSet(new FilterChainConfig("chain", [new TcpProxyFactory(config)])),
            ListenOptions = [new ListenOptions()],
            AccessLogs = [],
            Stats = new ListenerStats(Stats, "test", 1),
            BufferLimitBytes = bufferLimitBytes,
        };
        var listener = new Listener(listening, [Worker], BoundSockets.Bind(listening, [Worker]), new ConnectionLimits(Context.Runtime, new ProcessConnections()));
        listener.Start();
        Worker.Loop.RunTurn(0);
        Address = listener.BoundAddresses[0];
    }

    /// <summary>A server's listening socket.</summary>
    public Socket Listen()
    {
        var socket = Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    /// <summary>A port that refuses connections: bound, so that nobody else gets it, but not listening.</summary>
    public int RefusingPort()
    {
        var socket = Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return Port(socket);
    }

    public static int Port(Socket listening) => ((IPEndPoint)listening.LocalEndPoint!).Port;

    public Socket Connect()
    {
        var socket = Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.Connect(new IPEndPoint(IPAddress.Loopback, Address.Port));
        return socket;
    }

    /// <summary>The proxy's connection at a server.</summary>
    public Socket Accept(Socket listening)
    {
        Until(() => listening.Poll(0, SelectMode.SelectRead));
        return Own(listening.Accept());
    }

    /// <summary>A client and the server's end of its relayed connection.</summary>
    public (Socket Client, Socket Server) Pair(Socket listening)
    {
        var client = Connect();
        return (client, Accept(listening));
    }

    /// <summary>Reads exactly so many bytes.</summary>
    public byte[] Receive(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var received = 0; received < count;)
        {
            Until(() => socket.Poll(0, SelectMode.SelectRead));
            var size = socket.Receive(bytes, received, count - received, SocketFlags.None);
            Assert.NotEqual(0, size);
            received += size;
        }
        return bytes;
    }

    public string ReceiveText(Socket socket, int count) => Encoding.Latin1.GetString(Receive(socket, count));

    /// <summary>Everything up to and with this text.</summary>
    public string ReceiveUntil(Socket socket, string end)
    {
        var text = "";
        while (!text.EndsWith(end, StringComparison.Ordinal))
            text += ReceiveText(socket, 1);
        return text;
    }

    /// <summary>Bytes that are not all alike.</summary>
    public static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(i * 31 + (i >> 8));
        return bytes;
    }

    /// <summary>The next read tells that the peer has ended, in order or by a reset.</summary>
    public void AssertEnds(Socket socket)
    {
        Until(() => socket.Poll(0, SelectMode.SelectRead));
        try
        {
            Assert.Equal(0, socket.Receive(new byte[1]));
        }
        catch (SocketException)
        {
            // A reset.
        }
    }

    public void Until(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), "the condition did not come true");
            Worker.Loop.RunTurn(1);
        }
    }

    /// <summary>Some turns in which nothing is expected.</summary>
    public void Settle()
    {
        for (var i = 0; i < 10; i++)
            Worker.Loop.RunTurn(1);
    }

    public void AdvanceMs(long ms)
    {
        _time.AdvanceMs(ms);
        Worker.Loop.RunTurn(0);
    }

    public long Tcp(string name) => Stats.Scope("tcp.tcp.").Counter(name).Value;

    public long ClusterCounter(string cluster, string name) => Stats.Scope($"cluster.{cluster}.").Counter(name).Value;

    public long ClusterGauge(string cluster, string name) => Stats.Scope($"cluster.{cluster}.").Gauge(name).Value;

    public void Dispose()
    {
        foreach (var owned in _owned)
            owned.Dispose();
        Worker.Dispose();
    }

    private T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    private sealed class CapturingLogger : AccessLogger
    {
        public List<LoggedConnection> Entries { get; } = [];

        public SubstitutionFormat? Format { get; set; }

        public override void Log(in FormatContext context)
        {
            var info = context.Info;
            var printed = new ByteWriter();
            Format?.Format(context, printed);
            Entries.Add(new LoggedConnection(
                info.ResponseFlags, info.BytesReceived, info.BytesSent, info.UpstreamEndpoint?.AddressText, info.UpstreamCluster?.Name, info.AttemptCount,
                info.UpstreamTransportFailureReason, info.EndUs > 0, Encoding.UTF8.GetString(printed.Written)));
        }
    }
}

/// <summary>What an access log would have said.</summary>
internal sealed record LoggedConnection(
    ResponseFlags Flags, long BytesReceived, long BytesSent, string? UpstreamHost, string? UpstreamCluster, int Attempts, string? Failure, bool HasEnd, string Printed);
