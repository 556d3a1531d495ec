using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient.Saving;
using Weft.Xds;
using Weft.Xds.Client;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>
/// A management server reached by gRPC through a cluster, on one stream (ADS, or one type). When the stream is lost everything stays as it
/// is. Main thread.
/// </summary>
internal sealed class GrpcSource : IResourceSource, IManagementStreamUser, IDisposable
{
    private static readonly Logger Log = Logger.Get("config");

    private readonly GrpcSourceConfig _config;
    private readonly Worker _worker;
    private readonly ResponseDecoder _decoder;
    private readonly SubscriptionTable _subscriptions;
    private readonly SotwClient? _sotw;
    private readonly DeltaClient? _delta;
    private readonly IDiscoveryClient _client;
    private readonly ManagementStream _stream;
    private readonly RequestLimit? _limit;
    private readonly Gauge _connected;
    private readonly SavedState? _saved;
    private bool _isFlushPosted;
    private bool _isConnected;
    private bool _isOver;

    /// <param name="savedTo">Where what was accepted is kept for the next start; null: nowhere.</param>
    public GrpcSource(GrpcSourceConfig config, Worker worker, FactoryContext context, ReadOptions options, string? savedTo = null)
    {
        (_config, _worker) = (config, worker);
        _decoder = new ResponseDecoder(options);
        _subscriptions = new SubscriptionTable(config.Name, _decoder);
        _saved = savedTo is null ? null : new SavedState(savedTo, config.Name, worker.Loop, _decoder, _subscriptions, OnServed);
        var scope = context.Stats.Scope("control_plane.");
        _connected = scope.Gauge("connected_state");
        _stream = new ManagementStream(config, worker, context, this, ReconnectDelay.Of(config.Services[0], context));
        if (config.RateLimit is { } limit)
            _limit = new RequestLimit(limit, worker.Loop, scope, request => _stream.Send(request));
        if (config.IsDelta)
            _client = _delta = new DeltaClient(config.Node, config.NodeOnFirstOnly, Send, (type, response) => Apply(type, _decoder!.Decode(type, response)));
        else
            _client = _sotw = new SotwClient(config.Node, config.NodeOnFirstOnly, Send, (type, response) => Apply(type, _decoder!.Decode(type, response)));
    }

    public void Add(Subscription subscription)
    {
        _client.Watch(subscription.Type, subscription.Name);
        _subscriptions.Add(subscription);
        _saved?.OnAdded(subscription);
        Changed();
    }

    public void Remove(Subscription subscription)
    {
        _client.Unwatch(subscription.Type, subscription.Name);
        _subscriptions.Remove(subscription);
        if (_subscriptions.IsEmpty && _config.IsOfOneSubscription)
            Dispose();
        Changed();
    }

    public void Ask(Subscription subscription, string name)
    {
        _client.Watch(subscription.Type, name);
        Changed();
    }

    public void Unask(Subscription subscription, string name)
    {
        _client.Unwatch(subscription.Type, name);
        Changed();
    }

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        _saved?.Dispose();
        _stream.Dispose();
        _limit?.Clear();
        Disconnected();
    }

    void IManagementStreamUser.OnOpening() => _saved?.OnAsking();

    void IManagementStreamUser.OnOpened()
    {
        _isConnected = true;
        _connected.Add(1);
        _client.OnOpened();
    }

    void IManagementStreamUser.OnMessage(ReadOnlySpan<byte> message)
    {
        var typeUrl = "";
        bool isWanted;
        try
        {
            if (_delta is not null)
            {
                var response = DeltaDiscoveryResponse.Parser.ParseFrom(message);
                (typeUrl, isWanted) = (response.TypeUrl, _delta.OnResponse(response));
            }
            else
            {
                var response = DiscoveryResponse.Parser.ParseFrom(message);
                (typeUrl, isWanted) = (response.TypeUrl, _sotw!.OnResponse(response));
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            Log.Warning($"{_config.Name}: a response cannot be read and is ignored: {e.Message}");
            return;
        }

        if (!isWanted)
            Log.Warning($"{_config.Name}: ignoring the message for type URL {typeUrl} as it has no current subscribers");
    }

    void IManagementStreamUser.OnLost()
    {
        Disconnected();
        // They belong to the stream that is gone; the next one begins with what is wanted then.
        _limit?.Clear();
        _client.OnClosed();
        foreach (var subscription in _subscriptions.All)
            subscription.Stats.UpdateFailure.Inc();
        _saved?.StandIn();
    }

    private void Disconnected()
    {
        if (_isConnected)
            _connected.Add(-1);
        _isConnected = false;
    }

    private string? Apply(ResourceType type, DiscoveryUpdate update)
    {
        var fault = _subscriptions.Deliver(type, update);
        _saved?.OnAnswer(type, update, fault);
        return fault;
    }

    /// <summary>Of incremental discovery the server tells only what has changed since.</summary>
    private void OnServed(ResourceType type, DiscoveryUpdate update)
    {
        foreach (var resource in update.Resources)
            _delta?.Know(type, resource.Name, resource.Version);
    }

    private void Send(IMessage request)
    {
        if (_limit is not null)
            _limit.Send(request);
        else
            _stream.Send(request);
    }

    /// <summary>What is asked for has changed: said once for all changes of a turn.</summary>
    private void Changed()
    {
        if (_isFlushPosted || _isOver)
            return;
        _isFlushPosted = true;
        _worker.Loop.Post(() =>
        {
            _isFlushPosted = false;
            if (_isConnected)
                _client.Flush();
            else if (!_subscriptions.IsEmpty && !_isOver)
                _stream.Start();
        });
    }
}
