using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;
using Weft.Proxy.Clusters.TcpConnections;
using Weft.Proxy.Formatting;
using Weft.Proxy.NetworkFilters.TcpProxy.Tunneling;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.NetworkFilters.TcpProxy;

/// <summary>
/// Connects a client with an endpoint and relays bytes both ways until both have ended. Terminal network filter; worker
/// thread.
/// </summary>
/// <remarks>
/// 1. A new connection picks a cluster and an endpoint; the client is not read before that endpoint has answered.
/// 2. An endpoint that does not answer is replaced by another, up to max_connect_attempts.
/// 3. Bytes go from the loop's scratch straight to the other socket; only what it does not take is kept, and above its limit the
///    other side is not read. (A relay by splice(2) would take over here, after a few full reads in a row.)
/// 4. The end of one direction is passed on as such; the other goes on.
/// 5. When the client is gone what it sent is still delivered; when the server is gone, what it sent.
/// </remarks>
internal sealed class TcpProxyFilter(TcpProxyConfig config, Worker worker) : NetworkFilter, ITcpUpstreamHandler
{
    /// <summary>How long the last bytes for a client may go without progress after the server is gone.</summary>
    private const int FlushLingerMs = 60_000;

    private ITcpUpstream? _upstream;
    private LoopTimer? _idleTimer;
    private LoopTimer? _durationTimer;
    private LoopTimer? _logTimer;
    private Endpoint? _failedEndpoint;
    private long _idleTimeoutMs;
    private long _activeMs;
    private long _sentBytesAtCheck;
    private long _countedSent;
    private int _attempts;

    private StreamInfo Info => Connection.Info;

    public override NetworkFilterStatus OnNewConnection()
    {
        config.Stats.DownstreamCxTotal.Inc();
        Connection.Socket.UnsentBytes = config.Stats.DownstreamCxTxBytesBuffered;
        Connection.Socket.PauseReading();
        if (config.MaxDownstreamConnectionDurationMs > 0)
        {
            _durationTimer = new LoopTimer(worker.Loop, OnMaxDuration);
            _durationTimer.Arm(config.ConnectionDurationMs(worker.Random));
        }
        if (config.AccessLogTimes.IntervalMs > 0)
        {
            _logTimer = new LoopTimer(worker.Loop, OnLogTimer);
            _logTimer.Arm(config.AccessLogTimes.IntervalMs);
        }
        ConnectUpstream();
        return NetworkFilterStatus.Stop;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        _activeMs = worker.Loop.NowMs;
        config.Stats.DownstreamCxRxBytesTotal.Add(data.Length);
        if (!data.IsEmpty)
            _upstream?.Write(data);
        if (endStream)
            _upstream?.ShutdownWrite();
        return NetworkFilterStatus.Stop;
    }

    public override void OnClosed(CloseReason reason)
    {
        _idleTimer?.Cancel();
        _durationTimer?.Cancel();
        _logTimer?.Cancel();
        if (reason == CloseReason.Local)
            _upstream?.Close();
        else
            _upstream?.CloseAfterFlush(config.Stats);
        _upstream = null;
        CountSent();
        WriteAccessLogs(AccessLogType.TcpConnectionEnd);
    }

    public override void OnAboveHighWatermark() => _upstream?.PauseReading();

    public override void OnBelowLowWatermark() => _upstream?.ResumeReading();

    void ITcpUpstreamHandler.OnUpstreamConnected()
    {
        (Info.UpstreamLocalAddress, Info.UpstreamRemoteAddress) = (_upstream!.LocalAddress, _upstream.RemoteAddress);
        Info.UpstreamConnectionId = _upstream.Id;
        Info.UpstreamTls = _upstream.Tls;
        _activeMs = worker.Loop.NowMs;
        _idleTimeoutMs = WellKnownState.FindNumber(Info.FilterState, WellKnownState.TcpProxyIdleTimeoutMs) is { } own ? (long)Math.Min(own, long.MaxValue) : config.IdleTimeoutMs;
        if (_idleTimeoutMs > 0)
        {
            _idleTimer = new LoopTimer(worker.Loop, OnIdleTimer);
            _idleTimer.Arm(_idleTimeoutMs);
        }
        Connection.Socket.ResumeReading();
        if (config.AccessLogTimes.OnBegin)
            WriteAccessLogs(AccessLogType.TcpUpstreamConnected);
    }

    void ITcpUpstreamHandler.OnUpstreamConnectFailed(ResetReason reason, string? failure)
    {
        Info.ResponseFlags |= ResponseFlags.UpstreamConnectionFailure;
        Info.UpstreamTransportFailureReason = failure;
        _failedEndpoint = _upstream!.Endpoint;
        _upstream = null;
        ConnectUpstream();
    }

    void ITcpUpstreamHandler.OnUpstreamData(ReadOnlySpan<byte> data)
    {
        _activeMs = worker.Loop.NowMs;
        Connection.Socket.Write(data);
        CountSent();
    }

    void ITcpUpstreamHandler.OnUpstreamReadEnd() => Connection.Socket.ShutdownWrite();

    void ITcpUpstreamHandler.OnUpstreamClosed(bool inOrder)
    {
        _upstream = null;
        // Both directions have ended: the client's socket closes by itself after its last byte, watched by the idle timer.
        if (inOrder && Connection.Socket.ReadEnded)
            return;
        Connection.Socket.LingerMs = FlushLingerMs;
        Connection.Close(CloseMode.Flush);
    }

    void ITcpUpstreamHandler.OnUpstreamAboveHighWatermark()
    {
        config.Stats.DownstreamFlowControlPausedReadingTotal.Inc();
        Connection.Socket.PauseReading();
    }

    void ITcpUpstreamHandler.OnUpstreamBelowLowWatermark()
    {
        config.Stats.DownstreamFlowControlResumedReadingTotal.Inc();
        Connection.Socket.ResumeReading();
    }

    /// <summary>One attempt; closes the client's connection when there is nowhere (left) to go.</summary>
    private void ConnectUpstream()
    {
        if (ChooseCluster(out var metadata) is not { } cluster)
        {
            config.Stats.DownstreamCxNoRoute.Inc();
            Refuse(ResponseFlags.NoClusterFound);
            return;
        }
        var stats = cluster.Config.Stats;
        Info.UpstreamCluster = cluster.Config;
        if (_attempts >= config.MaxConnectAttempts)
        {
            stats.UpstreamCxConnectAttemptsExceeded.Inc();
            Refuse(ResponseFlags.UpstreamRetryLimitExceeded);
        }
        else if (cluster.Pick(ContextFor(cluster.Config, metadata)) is not { } endpoint)
        {
            stats.UpstreamCxNoneHealthy.Inc();
            Refuse(ResponseFlags.NoHealthyUpstream);
        }
        else if (config.Tunneling is { } tunneling && !MayNotTunnel)
        {
            OnAttempt(endpoint);
            var tunnel = new HttpTunnel(tunneling, endpoint, this, Info);
            _upstream = tunnel;
            tunnel.Start(cluster);
        }
        else if (cluster.OwnerOf(endpoint) is var owner && TcpUpstream.TryAcquire(owner.Config))
        {
            OnAttempt(endpoint);
            _upstream = new TcpUpstream(worker, owner.Config, endpoint, this, Info, owner);
        }
        else
        {
            Refuse(ResponseFlags.UpstreamOverflow);
        }
    }

    private void OnAttempt(Endpoint endpoint)
    {
        Info.AttemptCount = ++_attempts;
        Info.UpstreamEndpoint = endpoint;
        Info.UpstreamLocalAddress = Info.UpstreamRemoteAddress = default;
    }

    /// <summary>That which a filter has chosen, else the configured one or one of them; null when it does not exist.</summary>
    private WorkerCluster? ChooseCluster(out MetadataCriteria? metadata)
    {
        metadata = config.DefaultMetadataMatch;
        if (ChosenCluster() is { } name)
            return config.ClusterNames?.Find(name) is { } named ? worker.Clusters.Find(named) : null;
        var picked = config.PickCluster(worker.Random);
        metadata = picked.MetadataMatch;
        return worker.Clusters.Find(picked.Cluster);
    }

    private bool MayNotTunnel => Info.FilterState.Find(WellKnownState.TcpProxyDisableTunneling)?.Text is { } text && text.AsSpan().SequenceEqual("true"u8);

    private byte[]? ChosenCluster() =>
        Info.TcpProxyCluster is { } name ? System.Text.Encoding.UTF8.GetBytes(name) : Info.FilterState.Find(WellKnownState.TcpProxyCluster)?.Text;

    private LoadBalancerContext ContextFor(ClusterConfig cluster, MetadataCriteria? metadata) => new(Info, null)
    {
        Avoid = _failedEndpoint,
        Hash = cluster.LoadBalancing.UsesHash ? config.HashPolicy?.Of(Info) : null,
        MetadataMatch = cluster.LoadBalancing.UsesMetadata ? MetadataCriteria.Of(Info, metadata) : null,
    };

    private void Refuse(ResponseFlags flag)
    {
        Info.ResponseFlags |= flag;
        Connection.Close(CloseMode.Now);
    }

    /// <summary>Armed once and looked at when it fires, so that a byte costs no timer operation.</summary>
    private void OnIdleTimer()
    {
        var sentBytes = Connection.Socket.BytesSent + (_upstream?.BytesSent ?? 0);
        if (sentBytes != _sentBytesAtCheck && worker.Loop.NowMs - _activeMs >= _idleTimeoutMs)
        {
            // Nothing was received, but what waited was taken: as alive as a byte.
            _activeMs = worker.Loop.NowMs;
        }
        _sentBytesAtCheck = sentBytes;
        var idleMs = worker.Loop.NowMs - _activeMs;
        if (idleMs < _idleTimeoutMs)
        {
            _idleTimer!.Arm(_idleTimeoutMs - idleMs);
            return;
        }
        config.Stats.IdleTimeout.Inc();
        Connection.Close(CloseMode.Now);
    }

    private void OnMaxDuration()
    {
        config.Stats.MaxDownstreamConnectionDuration.Inc();
        Info.ResponseFlags |= ResponseFlags.DurationTimeout;
        Connection.Close(CloseMode.Now);
    }

    private void CountSent()
    {
        var sent = Connection.Socket.BytesSent;
        config.Stats.DownstreamCxTxBytesTotal.Add(sent - _countedSent);
        _countedSent = sent;
    }

    private void OnLogTimer()
    {
        WriteAccessLogs(AccessLogType.TcpPeriodic);
        _logTimer!.Arm(config.AccessLogTimes.IntervalMs);
    }

    private void WriteAccessLogs(AccessLogType type)
    {
        Info.EndUs = worker.Loop.NowUs;
        Info.BytesReceived = Connection.Socket.BytesReceived;
        Info.BytesSent = Connection.Socket.BytesSent;
        foreach (var logger in config.AccessLogs)
            logger.Log(new FormatContext(Info) { LogType = type });
    }
}
