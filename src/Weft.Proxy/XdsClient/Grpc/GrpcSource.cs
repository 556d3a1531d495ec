using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient.Saving;
using Weft.Xds;
using Weft.Xds.Client;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>
/// A management server reached by gRPC through a cluster, on one stream (ADS, or one type). When the stream is lost everything stays as it
/// is, and another is opened after a moment. Main thread.
/// </summary>
internal sealed class GrpcSource : IResourceSource, IGrpcStreamHandler, IDisposable
{
    private static readonly Logger Log = Logger.Get("config");

    private readonly GrpcSourceConfig _config;
    private readonly Worker _worker;
    private readonly ClusterReferences _clusters;
    private readonly ResponseDecoder _decoder;
    private readonly ReconnectDelay _delay;
    private readonly LoopTimer _reconnect;
    private readonly SubscriptionTable _subscriptions;
    private readonly SotwClient? _sotw;
    private readonly DeltaClient? _delta;
    private readonly IDiscoveryClient _client;
    private readonly Gauge _connected;
    private readonly SavedState? _saved;
    private GrpcStream? _stream;
    private int _service;
    private bool _isFlushPosted;
    private bool _isConnected;
    private bool _isOver;

    /// <param name="savedTo">Where what was accepted is kept for the next start; null: nowhere.</param>
    public GrpcSource(GrpcSourceConfig config, Worker worker, FactoryContext context, ReadOptions options, string? savedTo = null)
    {
        (_config, _worker, _clusters) = (config, worker, context.Clusters);
        _decoder = new ResponseDecoder(options);
        _subscriptions = new SubscriptionTable(config.Name);
        _delay = DelayOf(config.Services[0], context);
        _reconnect = new LoopTimer(worker.Loop, Connect);
        _saved = savedTo is null ? null : new SavedState(savedTo, config.Name, worker.Loop, _decoder, _subscriptions, OnServed);
        _connected = context.Stats.Scope("control_plane.").Gauge("connected_state");
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
        _reconnect.Cancel();
        _stream?.Cancel();
        _stream = null;
        if (_isConnected)
            _connected.Add(-1);
        _isConnected = false;
    }

    void IGrpcStreamHandler.OnStreamOpened()
    {
        _isConnected = true;
        _connected.Add(1);
        _client.OnOpened();
    }

    void IGrpcStreamHandler.OnMessage(ReadOnlySpan<byte> message)
    {
        _delay.Reset();
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

    void IGrpcStreamHandler.OnStreamClosed(int status, string message)
    {
        _stream = null;
        if (_isConnected)
            _connected.Add(-1);
        _isConnected = false;
        _client.OnClosed();
        if (_isOver)
            return;
        foreach (var subscription in _subscriptions.All)
            subscription.Stats.UpdateFailure.Inc();
        var delayMs = _delay.NextMs();
        Log.Warning($"{_config.Name}: stream closed: {status}, {message}; what was accepted stays in use, next attempt in {delayMs} ms");
        _service = (_service + 1) % _config.Services.Count;
        _reconnect.Arm(delayMs);
        _saved?.StandIn();
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

    private void Send(IMessage request) => _stream?.Send(request);

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
            else if (_stream is null && !_reconnect.IsArmed && !_subscriptions.IsEmpty && !_isOver)
                Connect();
        });
    }

    private void Connect()
    {
        _saved?.OnAsking();
        var service = _config.Services[_service];
        var name = service.EnvoyGrpc.ClusterName;
        var stream = _stream = new GrpcStream(this, (int)(service.EnvoyGrpc.MaxReceiveMessageLength ?? GrpcSourceConfig.DefaultMaxMessageBytes));
        if (_worker.Clusters.Find(_clusters.Get(name)) is not { } cluster)
        {
            ((IGrpcStreamHandler)this).OnStreamClosed(14, $"there is no cluster '{name}'");
            return;
        }

        foreach (var header in service.InitialMetadata)
            stream.Headers.Add(Encoding.ASCII.GetBytes(header.Key.ToLowerInvariant()), Encoding.UTF8.GetBytes(header.Value));
        stream.Start(cluster, service.EnvoyGrpc.Authority.Length > 0 ? service.EnvoyGrpc.Authority : name, _config.Path);
    }

    private static ReconnectDelay DelayOf(GrpcService service, FactoryContext context)
    {
        var backOff = service.EnvoyGrpc.RetryPolicy?.RetryBackOff;
        var baseMs = (backOff?.BaseInterval).ToMs(ReconnectDelay.DefaultBaseMs);
        return new ReconnectDelay(context.Random, baseMs, (backOff?.MaxInterval).ToMs(Math.Max(ReconnectDelay.DefaultMaxMs, baseMs)));
    }
}
