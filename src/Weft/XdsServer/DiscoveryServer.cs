using System.Globalization;
using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Http.Http2;
using Weft.Net;
using Weft.Serving;
using Weft.Xds;
using Weft.Xds.Server;
using ApiNode = Envoy.Config.Core.V3.Node;

namespace Weft.XdsServer;

/// <summary>The gRPC server of <c>weft xds-server</c>: HTTP/2 without TLS on Weft's own codec, streams of discovery on it. One loop.</summary>
internal sealed class DiscoveryServer : IAcceptHandler, IDiscoveryLog, IDisposable
{
    private static readonly Logger Log = Logger.Get("xds");

    private readonly ListenSocket _socket;
    private readonly List<DiscoveryCall> _calls = [];

    /// <exception cref="NetException">The address cannot be bound.</exception>
    public DiscoveryServer(EventLoop loop, NetAddress address, SnapshotCache cache)
    {
        Loop = loop;
        Cache = cache;
        Http2 = new Http2Serving(loop, new Http2Options { StreamErrorOnInvalidMessage = true });
        _socket = ListenSocket.Bind(address, new ListenOptions { ReusePort = false });
        foreach (var path in ClientStatusCall.Paths)
            Services[path] = send => new ClientStatusCall(_calls.Select(static call => call.Session), send);
    }

    /// <summary>What is served.</summary>
    public SnapshotCache Cache { get; }

    public NetAddress Address => _socket.LocalAddress;

    /// <summary>How long a client may take nothing of what waits for it before its stream or connection is closed; default 60 s. Before <see cref="Start"/>.</summary>
    public long StallLimitMs { get; init; } = 60_000;

    /// <summary>Streams and connections that were closed as their clients took nothing.</summary>
    public long Stalled { get; private set; }

    internal EventLoop Loop { get; }

    /// <summary>Bytes that wait for the sockets of all clients; more may wait for HTTP/2's windows.</summary>
    internal Gauge UnsentBytes { get; } = new StatsStore().Scope("").Gauge("unsent_bytes");

    internal Http2Serving Http2 { get; }

    /// <summary>Services beside discovery, by :path; one of a discovery service takes its place. Before <see cref="Start"/>.</summary>
    internal Dictionary<string, Func<Action<IMessage>, IGrpcSession>> Services { get; } = new(StringComparer.Ordinal);

    public void Start() => _socket.Start(Loop, this);

    public void Dispose() => _socket.Dispose();

    /// <summary>Begins a call; null when there is no such method.</summary>
    /// <param name="path">:path.</param>
    /// <param name="client">Who calls.</param>
    /// <param name="send">Takes the messages for the client.</param>
    internal IGrpcSession? Begin(string path, NetAddress client, Action<IMessage> send)
    {
        if (Services.TryGetValue(path, out var begin))
            return begin(send);
        if (DiscoveryMethod.Find(path) is not { } method)
            return null;
        var call = new DiscoveryCall(method, client, Cache, this, send, over => _calls.Remove(over));
        _calls.Add(call);
        return call;
    }

    /// <summary>A client has taken nothing of what waits for it for as long as it may.</summary>
    /// <param name="what">What is closed for it.</param>
    internal void OnStalled(DiscoveryConnection connection, string what)
    {
        Stalled++;
        var nodes = _calls.Where(call => call.Client.Equals(connection.Client) && call.Session.Node is not null).Select(static call => $"'{call.Session.Node!.Id}'").Distinct(StringComparer.Ordinal);
        var text = string.Create(CultureInfo.InvariantCulture, $"node {string.Join(", ", nodes)} at {connection.Client} has read nothing for {StallLimitMs / 1000} s of what waits for it: {what} is closed (clients closed so far: {Stalled})");
        Log.Warning(text);
    }

    IConnectionHandler IAcceptHandler.OnAccept(Connection connection) => new DiscoveryConnection(this, connection);

    void IAcceptHandler.OnAcceptError(int errno) => Log.Warning($"accept failed: {NetException.Text(errno)}");

    void IDiscoveryLog.OnUnknown(ApiNode node) => Log.Warning($"node '{node.Id}' asks, and there is nothing for it: it waits");

    void IDiscoveryLog.OnAccepted(ApiNode node, ResourceType type, string version) =>
        Log.Info(string.Create(CultureInfo.InvariantCulture, $"node '{node.Id}' has {type} version {version}"));

    void IDiscoveryLog.OnRefused(ApiNode node, ResourceType type, string version, string reason) =>
        Log.Error(string.Create(CultureInfo.InvariantCulture, $"node '{node.Id}' refuses {type} version {version}: {reason}"));
}
