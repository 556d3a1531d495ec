using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets;
using Weft.Proxy.Workers;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.UdpFilters.UdpProxy;

/// <summary>The datagrams between a client and an endpoint, until none has come for a while. One worker.</summary>
internal sealed class UdpSession : IUdpPeerHandler
{
    private static long _lastId;

    private readonly UdpProxyFilter _owner;
    private readonly UdpProxyFactory _config;
    private readonly Worker _worker;
    private readonly ClusterConfig _clusterConfig;
    private readonly UdpListenSocket _client;
    private readonly StreamInfo _info = new();
    private readonly LoopTimer _idleTimer;
    private readonly LoopTimer? _logTimer;
    private UdpPeerSocket? _socket;
    private long _lastMs;
    private long _datagramsReceived;
    private long _datagramsSent;
    private long _errorsSent;
    private bool _isOver;

    /// <summary>Begins; the caller has taken a connection of the circuit breaker. The socket is made when the first datagram goes.</summary>
    public UdpSession(UdpProxyFilter owner, UdpProxyFactory config, Worker worker, SessionKey key, WorkerCluster cluster, UdpTarget target, Endpoint endpoint, UdpListenSocket client)
    {
        (_owner, _config, _worker, Key, Cluster, Target, Endpoint, _client) = (owner, config, worker, key, cluster, target, endpoint, client);
        _clusterConfig = cluster.OwnerOf(endpoint).Config;
        _info.StartTime = worker.Loop.UtcNow;
        _info.StartUs = worker.Loop.NowUs;
        _info.ConnectionId = Interlocked.Increment(ref _lastId);
        _info.DownstreamRemoteAddress = _info.DownstreamDirectRemoteAddress = key.From;
        _info.DownstreamLocalAddress = _info.DownstreamDirectLocalAddress = key.To;
        _info.UpstreamEndpoint = endpoint;
        _info.UpstreamCluster = _clusterConfig;
        _idleTimer = new LoopTimer(worker.Loop, OnIdleTimer);
        if (config.LogIntervalMs > 0 && config.SessionLogs.Length > 0)
        {
            _logTimer = new LoopTimer(worker.Loop, OnLogTimer);
            _logTimer.Arm(config.LogIntervalMs);
        }

        config.Stats.Total.Inc();
        config.Stats.Active.Inc();
        Touch();
    }

    public SessionKey Key { get; }

    public WorkerCluster Cluster { get; }

    public UdpTarget Target { get; }

    public Endpoint Endpoint { get; }

    /// <summary>Its endpoint and its cluster are still there.</summary>
    public bool IsUsable => !Endpoint.IsRemoved && _worker.Clusters.Find(Target.Cluster) == Cluster;

    /// <summary>A datagram of the client.</summary>
    public void Send(ReadOnlySpan<byte> data)
    {
        Touch();
        _datagramsReceived++;
        _info.BytesReceived += data.Length;
        _config.Stats.RxBytes.Add(data.Length);
        _config.Stats.RxDatagrams.Inc();
        _socket ??= Connect();
        if (_socket is not null && _socket.Send(data))
        {
            Target.Stats.TxDatagrams.Inc();
            _clusterConfig.Stats.UpstreamCxTxBytesTotal.Add(data.Length);
        }
        else
        {
            Target.Stats.TxErrors.Inc();
        }
    }

    /// <summary>Ends it, once.</summary>
    public void End()
    {
        if (_isOver)
            return;
        _isOver = true;
        _owner.Remove(this);
        _idleTimer.Cancel();
        _logTimer?.Cancel();
        _socket?.Dispose();
        _clusterConfig.CircuitBreakers.Default.Connections.Release();
        _config.Stats.Active.Dec();
        Log(AccessLogType.UdpSessionEnd);
    }

    void IUdpPeerHandler.OnDatagram(ReadOnlySpan<byte> data)
    {
        if (_isOver)
            return;
        Touch();
        Target.Stats.RxDatagrams.Inc();
        _clusterConfig.Stats.UpstreamCxRxBytesTotal.Add(data.Length);
        _info.BytesSent += data.Length;
        if (_client.Send(Key.To, Key.From, data))
        {
            _datagramsSent++;
            _config.Stats.TxBytes.Add(data.Length);
            _config.Stats.TxDatagrams.Inc();
        }
        else
        {
            _errorsSent++;
            _config.Stats.TxErrors.Inc();
        }
    }

    void IUdpPeerHandler.OnDropped(long count) => Target.Stats.RxDropped.Add(count);

    void IUdpPeerHandler.OnReceiveError(int errno) => Target.Stats.RxErrors.Inc();

    private UdpPeerSocket? Connect()
    {
        var options = new ConnectOptions { Source = _clusterConfig.ConnectOptions.SourceFor(Endpoint.Address) };
        if (_config.UsesClientAddress && UpstreamSource.Of(Key.From, mark: 0, withPort: false) is { } source)
            options = source.Apply(options, Endpoint.Address);
        var socket = UdpPeerSocket.Connect(_worker.Loop, Endpoint.Address, options, _config.MaxDatagramBytes, this, out _);
        if (socket is not null)
            _info.UpstreamLocalAddress = socket.LocalAddress;
        return socket;
    }

    /// <summary>The timer is moved when it fires rather than with every datagram.</summary>
    private void Touch()
    {
        _lastMs = _worker.Loop.NowMs;
        if (!_idleTimer.IsArmed && _config.IdleTimeoutMs > 0)
            _idleTimer.Arm(_config.IdleTimeoutMs);
    }

    private void OnIdleTimer()
    {
        var leftMs = _config.IdleTimeoutMs - (_worker.Loop.NowMs - _lastMs);
        if (leftMs > 0)
        {
            _idleTimer.Arm(leftMs);
            return;
        }

        _config.Stats.IdleTimeout.Inc();
        End();
    }

    private void OnLogTimer()
    {
        Log(AccessLogType.UdpPeriodic);
        _logTimer!.Arm(_config.LogIntervalMs);
    }

    private void Log(AccessLogType type)
    {
        if (_config.SessionLogs.Length == 0)
            return;
        _info.EndUs = _worker.Loop.NowUs;
        UdpLogMetadata.NoteSession(_info, _clusterConfig.Name, _datagramsReceived, _datagramsSent, _errorsSent);
        var context = new FormatContext(_info) { LogType = type };
        foreach (var logger in _config.SessionLogs)
            logger.Log(context);
    }
}
