using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.TransportSockets;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>
/// One connection of a pool, whatever it speaks: how it is made, its limits of time, its statistics, how it ends. What is on it is
/// its codec's affair. Worker thread.
/// </summary>
internal sealed class UpstreamConnection : IConnectionHandler
{
    private static long _lastId;

    /// <summary>What TLS is to agree on (ALPN) unless the cluster says otherwise, by <see cref="UpstreamProtocol"/>.</summary>
    private static readonly UpstreamTransportOptions[] s_transportOptions =
    [
        new() { FallbackProtocols = [.. "\x08http/1.1"u8] },
        new() { FallbackProtocols = [.. "\x02h2"u8] },
        new() { FallbackProtocols = [.. "\x02h2\x08http/1.1"u8] },
    ];

    private readonly long _startUs;
    private IUpstreamCodec? _codec;
    private LoopTimer? _idleTimer;
    private LoopTimer? _durationTimer;
    private long _requests;
    private long _countedTxBytes;
    private long _idleSinceMs;
    private bool _connected;
    private bool _draining;
    private bool _gone;

    // Neighbours in the pool's list of connections that can take a stream.
    internal UpstreamConnection? PreviousReady;
    internal UpstreamConnection? FollowingReady;
    internal bool IsReady;

    public UpstreamConnection(HttpPool pool)
    {
        Pool = pool;
        var loop = pool.Worker.Loop;
        _startUs = loop.NowUs;
        Id = Interlocked.Increment(ref _lastId);
        Socket = Cluster.Connect(loop, pool.Endpoint, pool.Endpoint.Address, Cluster.ConnectTimeoutMs, this, s_transportOptions[(int)pool.Protocol].For(pool.Transport));
        Socket.UnsentBytes = Cluster.Stats.UpstreamCxTxBytesBuffered;
        if (Cluster.PerConnectionBufferLimitBytes is > 0 and var limit)
            Socket.HighWatermarkBytes = Socket.MaxReadBytes = limit;
        else
            Socket.HighWatermarkBytes = 0;
        if (pool.Protocol != UpstreamProtocol.Auto)
            _codec = Speak(pool.Protocol);
    }

    public HttpPool Pool { get; }

    public ClusterConfig Cluster => Pool.Cluster;

    public Connection Socket { get; }

    /// <summary>Its handshake; null in clear text.</summary>
    public TlsFacts? Tls => (Socket.Transport as TlsTransport)?.Facts;

    /// <summary>When it was begun, established, and secured, by the loop's clock; 0: it was not.</summary>
    internal (long BegunUs, long ConnectedUs, long SecuredUs) Moments => (_startUs, Socket.ConnectedUs, Socket.SecuredUs);

    /// <summary>A number for logs, unique in the process.</summary>
    public long Id { get; }

    /// <summary>Closed by either side.</summary>
    public bool IsGone => _gone;

    /// <summary>Streams it has carried, those on it included.</summary>
    public long Requests => _requests;

    public int ActiveStreams => _codec?.ActiveStreams ?? 0;

    /// <summary>Streams it could take now.</summary>
    public int FreeStreams
    {
        get
        {
            if (!_connected || _gone || _draining)
                return 0;
            var free = _codec!.FreeStreams;
            return Cluster.MaxRequestsPerConnection is > 0 and var limit ? (int)Math.Min(free, Math.Max(limit - _requests, 0)) : free;
        }
    }

    /// <summary>It has carried as many streams as it may.</summary>
    private bool IsExhausted => Cluster.MaxRequestsPerConnection is > 0 and var limit && _requests >= limit;

    /// <summary>Puts a request on the connection.</summary>
    internal void Begin(IUpstreamHandler handler)
    {
        _requests++;
        if (IsExhausted)
            Cluster.Stats.UpstreamCxMaxRequests.Inc();
        _codec!.Begin(handler);
    }

    /// <summary>A stream is over and its place free, or the number of places has changed.</summary>
    internal void OnCapacity()
    {
        if (_gone)
            return;
        CountSentBytes();
        if (ActiveStreams == 0 && (_draining || IsExhausted))
            Close();
        else
            Pool.OnCapacity(this);
    }

    /// <summary>It has no stream and the pool keeps it for later: the idle timer watches it.</summary>
    internal void OnIdle()
    {
        var timeoutMs = Cluster.IdleTimeoutMs;
        if (timeoutMs == 0)
            return;
        _idleSinceMs = Pool.Worker.Loop.NowMs;
        _idleTimer ??= new LoopTimer(Pool.Worker.Loop, OnIdleTimer);
        if (!_idleTimer.IsArmed)
            _idleTimer.Arm(timeoutMs);
    }

    /// <summary>Takes no new streams, and closes behind the last one.</summary>
    internal void Drain()
    {
        if (_gone || _draining)
            return;
        _draining = true;
        Pool.RemoveReady(this);
        if (ActiveStreams == 0)
            Close();
        else
            _codec!.OnDrain();
    }

    /// <summary>Closes it from this side. Streams that are on it are reset.</summary>
    internal void Close(ResetReason reason = ResetReason.ConnectionTermination)
    {
        if (_gone)
            return;
        Socket.Close(CloseMode.Now);
        Gone(local: true, reason);
    }

    /// <summary>Closes it after the peer has ended it.</summary>
    internal void CloseAfterPeer()
    {
        if (_gone)
            return;
        Socket.Close(CloseMode.Now);
        Gone(local: false, ResetReason.ConnectionTermination);
    }

    void IConnectionHandler.OnConnected()
    {
        _connected = true;
        var loop = Pool.Worker.Loop;
        Cluster.Stats.UpstreamCxConnectMs.Record((loop.NowUs - _startUs) / 1000);
        if (Cluster.MaxConnectionDurationMs > 0)
        {
            _durationTimer = new LoopTimer(loop, OnDurationTimer);
            _durationTimer.Arm(Cluster.MaxConnectionDurationMs);
        }

        _codec ??= Speak(Socket.ApplicationProtocol.SequenceEqual("h2"u8) ? UpstreamProtocol.Http2 : UpstreamProtocol.Http1);
        _codec.OnConnected();
        Pool.OnConnected();
        if (!_gone)
            Pool.OnCapacity(this);
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        Cluster.Stats.UpstreamCxRxBytesTotal.Add(data.Length);
        _codec!.OnData(data);
    }

    void IConnectionHandler.OnReadEnd() => _codec!.OnReadEnd();

    void IConnectionHandler.OnClosed(CloseReason reason)
    {
        if (_connected)
            Gone(local: false, ResetReason.ConnectionTermination);
        else
            OnConnectFailed(reason);
    }

    void IConnectionHandler.OnAboveHighWatermark()
    {
        Cluster.Stats.UpstreamFlowControlBackedUpTotal.Inc();
        _codec?.OnAboveHighWatermark();
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
        Cluster.Stats.UpstreamFlowControlDrainedTotal.Inc();
        _codec?.OnBelowLowWatermark();
    }

    private IUpstreamCodec Speak(UpstreamProtocol protocol)
    {
        if (protocol == UpstreamProtocol.Http2)
        {
            Cluster.Stats.UpstreamCxHttp2Total.Inc();
            return new Http2Client(this);
        }

        Cluster.Stats.ChargeHttp1Connection();
        return new Http1Client(this);
    }

    private void OnConnectFailed(CloseReason reason)
    {
        Cluster.Stats.UpstreamCxConnectFail.Inc();
        Pool.Endpoint.Stats.CxConnectFail.Inc();
        if (Socket.HasFailedToBind)
            Cluster.Stats.BindErrors.Inc();
        var timedOut = reason == CloseReason.ConnectTimeout;
        if (timedOut)
            Cluster.Stats.UpstreamCxConnectTimeout.Inc();
        Pool.OnConnectFailed(
            timedOut ? ResetReason.ConnectionTimeout : ResetReason.RemoteConnectionFailure,
            timedOut ? null : UpstreamConnect.FailureOf(Socket));
        Gone(local: timedOut, ResetReason.RemoteConnectionFailure);
    }

    private void Gone(bool local, ResetReason reason)
    {
        if (_gone)
            return;
        _gone = true;
        _idleTimer?.Cancel();
        _durationTimer?.Cancel();
        Pool.RemoveReady(this);
        var stats = Cluster.Stats;
        if (ActiveStreams > 0)
            CountWithActiveRequest(reason);
        _codec?.OnGone(reason);
        stats.UpstreamCxDestroy.Inc();
        if (local)
            stats.UpstreamCxDestroyLocal.Inc();
        else
            stats.UpstreamCxDestroyRemote.Inc();
        CountSentBytes();
        if (_requests > 0)
            stats.UpstreamRqPerCx.Record(_requests);
        stats.UpstreamCxLengthMs.Record((Pool.Worker.Loop.NowUs - _startUs) / 1000);
        Pool.OnConnectionGone();
    }

    /// <summary>It ends with a request on it.</summary>
    internal void CountWithActiveRequest(ResetReason reason)
    {
        Cluster.Stats.UpstreamCxDestroyWithActiveRq.Inc();
        if (reason == ResetReason.ConnectionTermination)
            Cluster.Stats.UpstreamCxDestroyRemoteWithActiveRq.Inc();
        else
            Cluster.Stats.UpstreamCxDestroyLocalWithActiveRq.Inc();
    }

    private void CountSentBytes()
    {
        var sent = Socket.BytesSent;
        Cluster.Stats.UpstreamCxTxBytesTotal.Add(sent - _countedTxBytes);
        _countedTxBytes = sent;
    }

    private void OnIdleTimer()
    {
        if (ActiveStreams > 0)
            return;
        var idleMs = Pool.Worker.Loop.NowMs - _idleSinceMs;
        if (idleMs < Cluster.IdleTimeoutMs)
        {
            _idleTimer!.Arm(Cluster.IdleTimeoutMs - idleMs);
            return;
        }

        Cluster.Stats.UpstreamCxIdleTimeout.Inc();
        Close();
    }

    private void OnDurationTimer()
    {
        Cluster.Stats.UpstreamCxMaxDurationReached.Inc();
        Drain();
    }
}
