using Weft.Http;
using Weft.Net;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// The HTTP connection manager of one downstream connection: makes a stream of every request, closes the connection when
/// its time has come. Worker thread.
/// </summary>
internal sealed class HttpConnectionManager : NetworkFilter
{
    /// <summary>How long a connection without a request may still bring one when it drains; what was under way has come by then.</summary>
    private const long DrainQuietMs = 250;

    private readonly HttpConnectionManagerWorker _worker;
    private Http1ServerConnection _codec = null!;
    private LoopTimer? _idleTimer;
    private LoopTimer? _durationTimer;
    private LoopTimer? _quietTimer;
    private long _lastActiveMs;
    private long _requests;
    private long _countedTxBytes;
    private bool _closing;
    private bool _remoteClose;
    private bool _drainAfterStream;

    public HttpConnectionManager(HttpConnectionManagerWorker worker) => _worker = worker;

    public HttpConnectionManagerConfig Config => _worker.Config;

    /// <summary>What filters keep for the connection; null while they keep nothing.</summary>
    public Dictionary<object, object>? Values { get; set; }

    public bool IsOpen => Connection.IsOpen && !_closing;

    /// <summary>The current stream is the connection's last one: its response says <c>connection: close</c>.</summary>
    public bool ClosesAfterStream => _drainAfterStream || !_codec.KeepAlive;

    public override NetworkFilterStatus OnNewConnection()
    {
        var stats = Config.Stats;
        stats.DownstreamCxTotal.Inc();
        stats.DownstreamCxActive.Inc();
        stats.DownstreamCxHttp1Total.Inc();
        stats.DownstreamCxHttp1Active.Inc();
        _codec = new Http1ServerConnection(this, Connection.Socket, Config.Http1);
        Connection.Socket.LingerMs = Config.DelayedCloseTimeoutMs;
        _lastActiveMs = Connection.Worker.Loop.NowMs;
        ArmTimers();
        return NetworkFilterStatus.Stop;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_closing)
            return NetworkFilterStatus.Stop;
        Config.Stats.DownstreamCxRxBytesTotal.Add(data.Length);
        if (data.Length > 0)
            _codec.OnData(data);
        if (!endStream || !IsOpen)
            return NetworkFilterStatus.Stop;

        // An opaque stream keeps its other half; HTTP does not go on after the client's FIN.
        if (_codec.Stream is { IsTunnel: true } tunnel)
            tunnel.OnRequestData([], endStream: true);
        else
            CloseConnection(CloseMode.Now, remote: true);
        return NetworkFilterStatus.Stop;
    }

    public override void OnAboveHighWatermark()
    {
        Config.Stats.DownstreamFlowControlPausedReadingTotal.Inc();
        _codec.Stream?.OnResponseBackedUp();
    }

    public override void OnBelowLowWatermark()
    {
        Config.Stats.DownstreamFlowControlResumedReadingTotal.Inc();
        _codec.Stream?.OnResponseDrained();
    }

    public override void OnDrain()
    {
        _drainAfterStream = true;
        if (_codec.Stream is null)
            CloseWhenQuiet();
    }

    public override void OnClosed(CloseReason reason)
    {
        var remote = reason != CloseReason.Local || _remoteClose;
        _closing = true;
        _idleTimer?.Cancel();
        _durationTimer?.Cancel();
        _quietTimer?.Cancel();
        _codec.Stream?.OnDownstreamGone(remote);
        _codec.OnClosed();
        CountClose(remote);
    }

    /// <summary>Closes the connection; the stream on it, if any, ends.</summary>
    /// <param name="remote">The peer caused it.</param>
    public void CloseConnection(CloseMode mode, bool remote = false)
    {
        if (!Connection.IsOpen)
            return;
        _closing = true;
        _remoteClose = remote;
        Connection.Close(mode);
    }

    /// <summary>A request begins.</summary>
    public HttpStream BeginStream(Http1ServerConnection codec)
    {
        var stream = _worker.RentStream();
        if (Connection.IsDraining)
            _drainAfterStream = true;
        stream.Begin(this, codec);
        return stream;
    }

    /// <summary>The client broke the protocol: one answer where it still can be given, then the connection closes.</summary>
    public void OnProtocolError(CodecError error, HttpStream? stream)
    {
        Config.Stats.DownstreamCxProtocolError.Inc();
        _drainAfterStream = true;
        stream ??= BeginStream(_codec);
        stream.OnProtocolError(error);
    }

    /// <summary>A stream is over in both directions.</summary>
    public void OnStreamDone(HttpStream stream)
    {
        _lastActiveMs = Connection.Worker.Loop.NowMs;
        _requests++;
        CountSentBytes();
        if (!Connection.IsOpen)
            return;
        if (ClosesAfterStream || stream.MustClose)
            CloseConnection(CloseMode.Flush);
        _codec.OnStreamDone();
    }

    /// <summary>Called before a response head is written: may decide that it is the connection's last.</summary>
    public void OnResponseHead(HttpStream stream)
    {
        if (stream.MustClose)
            _drainAfterStream = true;
        if (Config.MaxRequestsPerConnection > 0 && _requests + 1 >= Config.MaxRequestsPerConnection && !_drainAfterStream)
        {
            _drainAfterStream = true;
            Config.Stats.DownstreamCxMaxRequestsReached.Inc();
        }

        if (Connection.IsDraining && !_drainAfterStream)
        {
            _drainAfterStream = true;
            Config.Stats.DownstreamCxDrainClose.Inc();
        }
    }

    private void ArmTimers()
    {
        if (Config.IdleTimeoutMs > 0)
        {
            _idleTimer = new LoopTimer(Connection.Worker.Loop, OnIdleTimer);
            _idleTimer.Arm(Config.IdleTimeoutMs);
        }

        if (Config.MaxConnectionDurationMs > 0)
        {
            _durationTimer = new LoopTimer(Connection.Worker.Loop, OnDurationTimer);
            _durationTimer.Arm(Config.MaxConnectionDurationMs);
        }
    }

    // The timer is not re-armed by every request: when it fires it looks at the time of the last one.
    private void OnIdleTimer()
    {
        var idleMs = Connection.Worker.Loop.NowMs - _lastActiveMs;
        if (_codec.Stream is not null)
        {
            _idleTimer!.Arm(Config.IdleTimeoutMs);
            return;
        }

        if (idleMs < Config.IdleTimeoutMs)
        {
            _idleTimer!.Arm(Config.IdleTimeoutMs - idleMs);
            return;
        }

        Config.Stats.DownstreamCxIdleTimeout.Inc();
        CloseConnection(CloseMode.Flush);
    }

    /// <summary>
    /// A client that has had its answer may be sending the next request already: it is served, and told that it was the last. Only who
    /// stays quiet loses the connection.
    /// </summary>
    private void CloseWhenQuiet()
    {
        _quietTimer ??= new LoopTimer(Connection.Worker.Loop, OnQuietTimer);
        _quietTimer.Arm(DrainQuietMs);
    }

    private void OnQuietTimer()
    {
        if (!_codec.IsIdle)
            return;
        Config.Stats.DownstreamCxDrainClose.Inc();
        CloseConnection(CloseMode.Flush);
    }

    private void OnDurationTimer()
    {
        Config.Stats.DownstreamCxMaxDurationReached.Inc();
        OnDrain();
    }

    private void CountSentBytes()
    {
        var sent = Connection.Socket.BytesSent;
        Config.Stats.DownstreamCxTxBytesTotal.Add(sent - _countedTxBytes);
        _countedTxBytes = sent;
    }

    private void CountClose(bool remote)
    {
        var stats = Config.Stats;
        stats.DownstreamCxActive.Dec();
        stats.DownstreamCxHttp1Active.Dec();
        stats.DownstreamCxDestroy.Inc();
        if (remote)
            stats.DownstreamCxDestroyRemote.Inc();
        else
            stats.DownstreamCxDestroyLocal.Inc();
        CountSentBytes();
        stats.DownstreamCxLengthMs.Record((Connection.Worker.Loop.NowUs - Connection.Info.StartUs) / 1000);
    }
}
