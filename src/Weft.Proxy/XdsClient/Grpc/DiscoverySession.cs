using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Api;
using Weft.Base.Logging;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.XdsClient.Saving;
using Weft.Xds;
using Weft.Xds.Client;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>
/// What is discovered from one management server, by either protocol: reads its responses, hands them to the subscriptions, answers, and ends
/// what lives longer than its ttl. Knows no stream, and outlives those there are. Main thread.
/// </summary>
internal sealed class DiscoverySession : IDisposable
{
    /// <summary>Names in a log line.</summary>
    private const int MaxNamesLogged = 10;

    private static readonly Logger Log = Logger.Get("config");

    private readonly string _source;
    private readonly ReadOptions _options;
    private readonly ResponseDecoder _decoder;
    private readonly ResourceLifetimes _lifetimes;
    private readonly ControlPlaneStats _stats;
    private readonly SotwClient? _sotw;
    private readonly DeltaClient? _delta;

    /// <param name="options">What to let pass.</param>
    /// <param name="stats">Is told who answers.</param>
    /// <param name="send">Takes requests while a stream is open.</param>
    /// <param name="savedTo">Where what was accepted is kept for the next start; null: nowhere.</param>
    public DiscoverySession(GrpcSourceConfig config, EventLoop loop, ReadOptions options, ControlPlaneStats stats, Action<IMessage> send, string? savedTo = null)
    {
        (_source, _options, _stats) = (config.Name, options, stats);
        _decoder = new ResponseDecoder(options);
        _lifetimes = new ResourceLifetimes(loop, OnExpired);
        Subscriptions = new SubscriptionTable(config.Name, _decoder);
        Saved = savedTo is null ? null : new SavedState(savedTo, config.Name, loop, _decoder, Subscriptions, OnServed);
        if (config.IsDelta)
            Client = _delta = new DeltaClient(config.Node, config.NodeOnFirstOnly, send, (type, response) => Apply(type, _decoder.Decode(type, response, name => _delta!.AcceptedVersion(type, name))));
        else
            Client = _sotw = new SotwClient(config.Node, config.NodeOnFirstOnly, send, (type, response) => Apply(type, WithMissing(type, _decoder.Decode(type, response, _sotw!.AcceptedVersion(type)))));
    }

    /// <summary>What is asked for.</summary>
    public IDiscoveryClient Client { get; }

    public SubscriptionTable Subscriptions { get; }

    /// <summary>Null: nothing is saved.</summary>
    public SavedState? Saved { get; }

    /// <summary>A response has come.</summary>
    /// <exception cref="InvalidProtocolBufferException">It cannot be read.</exception>
    public void OnMessage(ReadOnlySpan<byte> message)
    {
        string typeUrl;
        bool isWanted;
        if (_delta is not null)
        {
            var response = ApiMessages.Parse<DeltaDiscoveryResponse>(message);
            Identify(response.ControlPlane);
            (typeUrl, isWanted) = (response.TypeUrl, _delta.OnResponse(response));
        }
        else
        {
            var response = ApiMessages.Parse<DiscoveryResponse>(message);
            Identify(response.ControlPlane);
            (typeUrl, isWanted) = (response.TypeUrl, _sotw!.OnResponse(response));
        }

        if (!isWanted)
            Log.Warning($"{_source}: ignoring the message for type URL {typeUrl} as it has no current subscribers");
    }

    public void Dispose()
    {
        _lifetimes.Dispose();
        Saved?.Dispose();
    }

    private void Identify(Envoy.Config.Core.V3.ControlPlane? server)
    {
        if (server is null || server.Identifier == _stats.Identifier)
            return;
        _stats.Identifier = server.Identifier;
        Log.Debug($"{_source}: receiving updates from {server.Identifier}");
    }

    /// <summary>Who asks for one resource by its name is told that there is none. A resource that cannot be read has no name, so nothing can be said to be missing then.</summary>
    private DiscoveryUpdate WithMissing(ResourceType type, DiscoveryUpdate update) =>
        !update.IsDelta && update.Resources.All(static resource => resource.Name.Length > 0) && _sotw!.Missing(type, update.Version, name => update.Find(name) is not null) is { Count: > 0 } missing
            ? new DiscoveryUpdate(update.Version, isDelta: false, update.Resources, missing)
            : update;

    private string? Apply(ResourceType type, DiscoveryUpdate update)
    {
        var fault = update.IsHeartbeat ? null : Subscriptions.Deliver(type, update);
        _lifetimes.OnUpdate(type, update, isAccepted: fault is null);
        Saved?.OnAnswer(type, update, fault);
        update.TellWarnings(_options.WarningFound);
        return fault;
    }

    /// <summary>Of incremental discovery the server tells only what has changed since.</summary>
    private void OnServed(ResourceType type, DiscoveryUpdate update)
    {
        _lifetimes.OnUpdate(type, update, isAccepted: true);
        foreach (var resource in update.Resources)
            _delta?.Know(type, resource.Name, resource.Version);
    }

    /// <summary>As if the server had removed them, in a response without a version.</summary>
    private void OnExpired(ResourceType type, IReadOnlyList<string> names)
    {
        var more = names.Count > MaxNamesLogged ? $" and {names.Count - MaxNamesLogged} more" : "";
        Log.Info($"{_source}: the ttl of {type} resources has passed, they count as removed: {string.Join(", ", names.Take(MaxNamesLogged))}{more}");
        foreach (var name in names)
            Client.Forget(type, name);
        var update = new DiscoveryUpdate("", isDelta: true, [], names);
        Subscriptions.Deliver(type, update);
        Saved?.OnExpired(type, update);
    }
}
