using System.Globalization;
using Google.Protobuf;
using Weft.Base.Logging;
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

    private readonly EventLoop _loop;
    private readonly ListenSocket _socket;
    private readonly List<DiscoveryCall> _calls = [];

    /// <exception cref="NetException">The address cannot be bound.</exception>
    public DiscoveryServer(EventLoop loop, NetAddress address, SnapshotCache cache)
    {
        _loop = loop;
        Cache = cache;
        Http2 = new Http2Serving(loop, new Http2Options { StreamErrorOnInvalidMessage = true });
        _socket = ListenSocket.Bind(address, new ListenOptions { ReusePort = false });
        foreach (var path in ClientStatusCall.Paths)
            Services[path] = send => new ClientStatusCall(_calls.Select(static call => call.Session), send);
    }

    /// <summary>What is served.</summary>
    public SnapshotCache Cache { get; }

    public NetAddress Address => _socket.LocalAddress;

    internal Http2Serving Http2 { get; }

    /// <summary>Services beside discovery, by :path; one of a discovery service takes its place. Before <see cref="Start"/>.</summary>
    internal Dictionary<string, Func<Action<IMessage>, IGrpcSession>> Services { get; } = new(StringComparer.Ordinal);

    public void Start() => _socket.Start(_loop, this);

    public void Dispose() => _socket.Dispose();

    /// <summary>Begins a call; null when there is no such method.</summary>
    /// <param name="path">:path.</param>
    /// <param name="send">Takes the messages for the client.</param>
    internal IGrpcSession? Begin(string path, Action<IMessage> send)
    {
        if (Services.TryGetValue(path, out var begin))
            return begin(send);
        if (DiscoveryMethod.Find(path) is not { } method)
            return null;
        var call = new DiscoveryCall(method, Cache, this, send, over => _calls.Remove(over));
        _calls.Add(call);
        return call;
    }

    IConnectionHandler IAcceptHandler.OnAccept(Connection connection) => new DiscoveryConnection(this, connection);

    void IAcceptHandler.OnAcceptError(int errno) => Log.Warning($"accept failed: {NetException.Text(errno)}");

    void IDiscoveryLog.OnUnknown(ApiNode node) => Log.Warning($"node '{node.Id}' asks, and there is nothing for it: it waits");

    void IDiscoveryLog.OnAccepted(ApiNode node, ResourceType type, string version) =>
        Log.Info(string.Create(CultureInfo.InvariantCulture, $"node '{node.Id}' has {type} version {version}"));

    void IDiscoveryLog.OnRefused(ApiNode node, ResourceType type, string version, string reason) =>
        Log.Error(string.Create(CultureInfo.InvariantCulture, $"node '{node.Id}' refuses {type} version {version}: {reason}"));
}
