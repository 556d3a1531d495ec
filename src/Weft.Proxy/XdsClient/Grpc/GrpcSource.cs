using Google.Protobuf;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>
/// A management server reached by gRPC through a cluster, on one stream (ADS, or one type). When the stream is lost everything stays as it
/// is. Main thread.
/// </summary>
internal sealed class GrpcSource : IResourceSource, IManagementStreamUser, IDisposable
{
    private readonly GrpcSourceConfig _config;
    private readonly Worker _worker;
    private readonly DiscoverySession _session;
    private readonly ManagementStream _stream;
    private readonly RequestLimit? _limit;
    private readonly ControlPlaneStats _stats;
    private bool _isFlushPosted;
    private int _connectedTo;
    private bool _isOver;

    /// <param name="savedTo">Where what was accepted is kept for the next start; null: nowhere.</param>
    public GrpcSource(GrpcSourceConfig config, Worker worker, FactoryContext context, ReadOptions options, string? savedTo = null)
    {
        (_config, _worker) = (config, worker);
        _stats = config.IsAggregated ? ControlPlaneStats.OfMany(context.Stats) : ControlPlaneStats.OfOne(context.Stats);
        _session = new DiscoverySession(config, worker.Loop, options, _stats, Send, savedTo);
        _stream = new ManagementStream(config, worker, context, this, ReconnectDelay.Of(config.Services[0], context));
        if (config.RateLimit is { } limit)
            _limit = new RequestLimit(limit, worker.Loop, _stats, request => _stream.Send(request));
    }

    public bool IsPushed => true;

    public void ListStats(StatsScope subscription)
    {
        if (!_config.IsAggregated)
            _stats.ListIn(subscription);
    }

    public void Add(Subscription subscription)
    {
        _session.Client.Watch(subscription.Type, subscription.Name);
        _session.Subscriptions.Add(subscription);
        _session.Saved?.OnAdded(subscription);
        Changed();
    }

    public void Remove(Subscription subscription)
    {
        _session.Client.Unwatch(subscription.Type, subscription.Name);
        _session.Subscriptions.Remove(subscription);
        if (_session.Subscriptions.IsEmpty && _config.IsOfOneSubscription)
            Dispose();
        Changed();
    }

    public void Ask(Subscription subscription, string name)
    {
        _session.Client.Watch(subscription.Type, name);
        Changed();
    }

    public void Unask(Subscription subscription, string name)
    {
        _session.Client.Unwatch(subscription.Type, name);
        Changed();
    }

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        _session.Dispose();
        _stream.Dispose();
        _limit?.Clear();
        Disconnected();
    }

    void IManagementStreamUser.OnOpening() => _session.Saved?.OnAsking();

    void IManagementStreamUser.OnOpened()
    {
        _connectedTo = _stream.ServerNumber;
        _stats.Connected.Add(_connectedTo);
        _session.Client.OnOpened();
    }

    void IManagementStreamUser.OnOtherServer() => _session.Client.ForgetVersions();

    void IManagementStreamUser.OnMessage(ReadOnlySpan<byte> message) => _session.OnMessage(message);

    void IManagementStreamUser.OnLost()
    {
        Disconnected();
        // They belong to the stream that is gone; the next one begins with what is wanted then.
        _limit?.Clear();
        _session.Client.OnClosed();
        foreach (var subscription in _session.Subscriptions.All)
            subscription.OnUnreachable();
        _session.Saved?.StandIn();
    }

    private void Disconnected()
    {
        _stats.Connected.Add(-_connectedTo);
        _connectedTo = 0;
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
            _session.Subscriptions.ForgetLeft();
            if (_connectedTo > 0)
                _session.Client.Flush();
            else if (!_session.Subscriptions.IsEmpty && !_isOver)
                _stream.Start();
        });
    }
}
