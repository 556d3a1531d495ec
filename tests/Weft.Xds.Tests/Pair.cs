using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Xds.Client;
using Weft.Xds.Server;

namespace Weft.Xds.Tests;

/// <summary>A client and a server of one protocol, joined in memory: every message goes over at once, and is written down.</summary>
internal abstract class Pair : IDiscoveryLog
{
    /// <summary>What the client says to the next response; null: accepted.</summary>
    public string? Refusal { get; set; }

    public SnapshotCache Cache { get; } = new();

    /// <summary>Names the client was given, response by response: <c>CDS 1: a b</c>.</summary>
    public List<string> Received { get; } = [];

    /// <summary>What the server heard: <c>CDS 1 accepted</c>.</summary>
    public List<string> Heard { get; } = [];

    /// <summary>Requests of the client, in short.</summary>
    public List<string> Requests { get; } = [];

    public abstract IDiscoveryClient Client { get; }

    /// <summary>A new stream, with a new session of the server.</summary>
    public abstract void Connect();

    /// <summary>How the server sees the client: <c>CDS a 1 Synced</c>, with the reason where it has refused.</summary>
    public IEnumerable<string> States => Session!.Resources().Select(static one => $"{one.Type} {one.Name} {one.Resource?.Version} {one.State} {one.Refusal}".TrimEnd()).Order(StringComparer.Ordinal);

    protected abstract DiscoverySession? Session { get; }

    public void Serve(params IMessage[] resources) => Cache.Set(null, Cache.Default.With(resources));

    /// <summary>A client that has two clusters' endpoints, and cluster a changes while no endpoints do.</summary>
    public void ChangeOneCluster()
    {
        Client.Watch(ResourceType.Endpoints, "a");
        Client.Watch(ResourceType.Endpoints, "b");
        Client.Watch(ResourceType.Clusters, null);
        Serve(EdsCluster("a"), Endpoints("a"), Endpoints("b"));
        Connect();
        Received.Clear();
        Serve(EdsCluster("a", timeout: 2), Endpoints("a"), Endpoints("b"));
    }

    public static Cluster Cluster(string name, int timeout = 1) => new() { Name = name, ConnectTimeout = new() { Seconds = timeout } };

    public static Cluster EdsCluster(string name, int timeout = 1) => new() { Name = name, ConnectTimeout = new() { Seconds = timeout }, Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds };

    public static ClusterLoadAssignment Endpoints(string name, uint priority = 0) => new() { ClusterName = name, Endpoints = { new LocalityLbEndpoints { Priority = priority } } };

    public static Listener Listener(string name) => new() { Name = name };

    public void OnUnknown(Node node) => Heard.Add($"{node.Id} waits");

    public void OnAccepted(Node node, ResourceType type, string version) => Heard.Add($"{type} {version} accepted");

    public void OnRefused(Node node, ResourceType type, string version, string reason) => Heard.Add($"{type} {version} refused: {reason}");

    protected static Node Node { get; } = new() { Id = "node", Cluster = "test" };

    protected string? Take(ResourceType type, string version, IEnumerable<string> names, IEnumerable<string> removed)
    {
        Received.Add($"{type} {version}: {string.Join(' ', names.Concat(removed.Select(name => "-" + name)))}".TrimEnd());
        var fault = Refusal;
        Refusal = null;
        return fault;
    }
}

internal sealed class SotwPair : Pair
{
    private readonly SotwClient _client;
    private SotwSession? _session;

    public SotwPair()
    {
        _client = new SotwClient(Node, nodeOnFirstOnly: true, Send, (type, response) => Take(type, response.VersionInfo, response.Resources.Select(resource => NameOf(type, resource)), []));
        Cache.Changed += () => _session?.OnChanged();
    }

    public override IDiscoveryClient Client => _client;

    protected override DiscoverySession? Session => _session;

    public override void Connect()
    {
        _client.OnClosed();
        _session = new SotwSession(Cache, this, null, response => _client.OnResponse(response));
        _client.OnOpened();
    }

    private void Send(DiscoveryRequest request)
    {
        Requests.Add($"{ResourceType.Find(request.TypeUrl)} v{request.VersionInfo} n{request.ResponseNonce} [{string.Join(' ', request.ResourceNames)}]{(request.Node is null ? "" : " node")}{(request.ErrorDetail is null ? "" : " error")}");
        Assert.Null(_session!.OnRequest(request));
    }

    private static string NameOf(ResourceType type, Google.Protobuf.WellKnownTypes.Any body) => type.ShortName switch
    {
        "CDS" => body.Unpack<Cluster>().Name,
        "EDS" => body.Unpack<ClusterLoadAssignment>().ClusterName,
        _ => body.Unpack<Listener>().Name,
    };
}

internal sealed class DeltaPair : Pair
{
    private readonly DeltaClient _client;
    private DeltaSession? _session;

    public DeltaPair()
    {
        _client = new DeltaClient(Node, nodeOnFirstOnly: true, Send, (type, response) => Take(type, response.SystemVersionInfo, response.Resources.Select(resource => resource.Name), response.RemovedResources));
        Cache.Changed += () => _session?.OnChanged();
    }

    public override IDiscoveryClient Client => _client;

    protected override DiscoverySession? Session => _session;

    public override void Connect()
    {
        _client.OnClosed();
        _session = new DeltaSession(Cache, this, null, response => _client.OnResponse(response));
        _client.OnOpened();
    }

    private void Send(DeltaDiscoveryRequest request)
    {
        Requests.Add($"{ResourceType.Find(request.TypeUrl)} n{request.ResponseNonce} [{string.Join(' ', request.ResourceNamesSubscribe.Concat(request.ResourceNamesUnsubscribe.Select(name => "-" + name)))}] has [{string.Join(' ', request.InitialResourceVersions.Keys.Order(StringComparer.Ordinal))}]{(request.ErrorDetail is null ? "" : " error")}");
        Assert.Null(_session!.OnRequest(request));
    }
}
