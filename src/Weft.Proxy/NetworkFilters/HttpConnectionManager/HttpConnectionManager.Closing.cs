using Weft.Net;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <content>How the connection ends: by the client, by its time, because the listener drains.</content>
internal sealed partial class HttpConnectionManager
{
    /// <summary>How long a connection without a request may still bring one when it drains; what was under way has come by then.</summary>
    private const long DrainQuietMs = 250;

    private LoopTimer? _idleTimer;
    private LoopTimer? _durationTimer;
    private LoopTimer? _quietTimer;
    private bool _isSoft;
    private bool _closing;
    private bool _remoteClose;

    /// <summary>The connection is to end in order: what runs is finished, the client told that nothing more is taken.</summary>
    public bool IsDraining { get; private set; }

    public override void OnDrain()
    {
        if (IsDraining && !_isSoft)
            return;
        BeginDrain();
        if (_codec is null)
            CloseWhenQuiet();
    }

    public override void OnClosed(CloseReason reason)
    {
        var remote = reason != CloseReason.Local || _remoteClose;
        _closing = true;
        _idleTimer?.Cancel();
        _durationTimer?.Cancel();
        _quietTimer?.Cancel();
        if (_codec is { IsServing: true })
            CountWithActiveRequest(remote);
        _codec?.OnClosed(remote);
        CountClose(remote);
    }

    /// <summary>Closes the connection; the streams on it, if any, end.</summary>
    /// <param name="mode">How.</param>
    /// <param name="remote">The peer caused it.</param>
    public void CloseConnection(CloseMode mode, bool remote = false)
    {
        if (!Connection.IsOpen)
            return;
        _closing = true;
        _remoteClose = remote;
        Connection.Close(mode);
    }

    /// <summary>
    /// A client that has had its answer may be sending the next request already: it is served, and told that it was the last. Only who
    /// stays quiet loses the connection.
    /// </summary>
    public void CloseWhenQuiet()
    {
        _quietTimer ??= new LoopTimer(Connection.Worker.Loop, OnQuietTimer);
        _quietTimer.Arm(DrainQuietMs);
    }

    private void BeginDrain()
    {
        IsDraining = true;
        _codec?.Drain();
    }

    private void ArmTimers()
    {
        if (Config.IdleTimeoutMs > 0)
        {
            _idleTimer = new LoopTimer(Connection.Worker.Loop, OnIdleTimer);
            ArmIdleTimer(Config.IdleTimeoutMs);
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
        if (_codec is { IsServing: true })
        {
            ArmIdleTimer(Config.IdleTimeoutMs);
            return;
        }

        var limitMs = Config.Overload.ConnectionIdle.Limit(Config.IdleTimeoutMs);
        if (idleMs < limitMs)
        {
            ArmIdleTimer(limitMs - idleMs);
            return;
        }

        Config.Stats.DownstreamCxIdleTimeout.Inc();
        if (_codec is { } codec)
            codec.OnIdleTimeout();
        else
            CloseConnection(CloseMode.Flush);
    }

    private void ArmIdleTimer(long remainingMs) => _idleTimer!.Arm(Config.Overload.ConnectionIdle.StepMs(remainingMs, Config.IdleTimeoutMs));

    private void OnQuietTimer()
    {
        if (_codec is { IsIdle: false })
            return;
        Config.Stats.DownstreamCxDrainClose.Inc();
        CloseConnection(CloseMode.Flush);
    }

    private void OnDurationTimer()
    {
        Config.Stats.DownstreamCxMaxDurationReached.Inc();
        if (Config.Http1SafeMaxConnectionDuration && _codec is Http1ServerConnection && !IsDraining && !_isSoft)
            DrainSoftly();
        else
            OnDrain();
    }

    /// <summary>Only who sends another request is told that the connection ends (RFC 9112 section 9.6): one that is closed while a request is on its way would lose it.</summary>
    private void DrainSoftly()
    {
        _isSoft = true;
        Config.Stats.DownstreamCxHttp1SoftDrain.Inc();
    }

    private void CountWithActiveRequest(bool remote)
    {
        Config.Stats.DownstreamCxDestroyActiveRq.Inc();
        if (remote)
        {
            Config.Stats.DownstreamCxDestroyRemoteActiveRq.Inc();
            _userAgent?.DownstreamCxDestroyRemoteActiveRq.Inc();
        }
        else
        {
            Config.Stats.DownstreamCxDestroyLocalActiveRq.Inc();
        }
    }

    private void CountClose(bool remote)
    {
        var stats = Config.Stats;
        if (Connection.Socket.HasLingeredTooLong)
            stats.DownstreamCxDelayedCloseTimeout.Inc();
        stats.DownstreamCxActive.Dec();
        if (Connection.Chain.TransportSocket.IsSecure)
            stats.DownstreamCxSslActive.Dec();
        if (_codec is Http2ServerConnection)
            stats.DownstreamCxHttp2Active.Dec();
        else if (_codec is not null)
            stats.DownstreamCxHttp1Active.Dec();
        if (_isSoft)
            stats.DownstreamCxHttp1SoftDrain.Dec();
        stats.DownstreamCxDestroy.Inc();
        if (remote)
            stats.DownstreamCxDestroyRemote.Inc();
        else
            stats.DownstreamCxDestroyLocal.Inc();
        CountSentBytes();
        var lengthMs = (Connection.Worker.Loop.NowUs - Connection.Info.StartUs) / 1000;
        stats.DownstreamCxLengthMs.Record(lengthMs);
        _userAgent?.DownstreamCxLengthMs.Record(lengthMs);
    }
}
