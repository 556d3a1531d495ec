using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;
using Weft.Proxy.Streams;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>HTTP/2 on a downstream connection: feeds the codec, sends its output once a turn, ends the connection in order. Worker thread.</summary>
internal sealed class Http2ServerConnection : IServerCodec, IHttp2ConnectionHandler, IUnsentHandler, ITurnEndWork
{
    private readonly Connection _socket;
    private readonly Http2Keepalive? _keepalive;
    private LoopTimer? _drainTimer;
    private (string Details, ResponseFlags Flags)? _end;
    private PrematureResets _resets;
    private bool _turnEndScheduled;
    private bool _lastStreamTold;

    public Http2ServerConnection(HttpConnectionManager manager, Connection socket)
    {
        Manager = manager;
        _socket = socket;
        var config = manager.Config;
        Codec = new Http2Connection(isServer: true, config.Http2.Options, config.Http2Stats, manager.Worker.Http2Streams, socket.Output, this);
        socket.UnsentHandler = this;
        if (config.Http2.Keepalive is { } keepalive)
            _keepalive = new Http2Keepalive(keepalive, socket.Loop, manager.Worker.Worker.Random, Codec, OnKeepaliveTimeout);
    }

    public HttpConnectionManager Manager { get; }

    public Http2Connection Codec { get; }

    public bool IsSocketBackedUp { get; private set; }

    public bool IsServing => Codec.ActiveStreams > 0;

    public bool IsIdle => Codec.ActiveStreams == 0;

    public void Start()
    {
        Codec.Start();
        _keepalive?.Start();
    }

    public void OnData(ReadOnlySpan<byte> data)
    {
        NoteSent();
        _keepalive?.OnReceived();
        Codec.Decode(data);
        if (Manager.IsOpen && !_socket.Output.IsEmpty)
            _socket.ScheduleFlush();
    }

    // HTTP/2 has no half-closed connections.
    public void OnReadEnd() => Manager.CloseConnection(CloseMode.Now, remote: true);

    public void OnAboveHighWatermark()
    {
        IsSocketBackedUp = true;
        NoteSent();
        foreach (var stream in Codec.OpenStreams)
            (stream?.Handler as Http2ServerStream)?.OnBackedUpChanged();
    }

    public void OnBelowLowWatermark()
    {
        IsSocketBackedUp = false;
        NoteSent();
        foreach (var stream in Codec.OpenStreams)
            (stream?.Handler as Http2ServerStream)?.OnBackedUpChanged();
    }

    /// <summary>Tells the client to stop, serves what it sends until drain_timeout, then what has begun, then closes (RFC 9113 section 6.8).</summary>
    public void Drain()
    {
        if (_drainTimer is not null)
            return;
        Codec.ShutdownNotice();
        _drainTimer = new LoopTimer(_socket.Loop, OnDrainTimer);
        _drainTimer.Arm(Manager.Config.DrainTimeoutMs);
    }

    public void OnIdleTimeout() => Drain();

    public void OnClosed(bool remote)
    {
        _keepalive?.Stop();
        _drainTimer?.Cancel();
        _end ??= (remote ? "downstream_remote_disconnect" : "downstream_local_disconnect", ResponseFlags.DownstreamConnectionTermination);
        Codec.CloseStreams(Http2ErrorCode.Cancel);
        ScheduleTurnEnd();
    }

    /// <summary>Why streams end that end with the connection; null while it does not.</summary>
    public (string Details, ResponseFlags Flags)? ConnectionEnd => _end;

    /// <summary>A stream has left the codec.</summary>
    public void OnStreamClosed(long lifetimeUs, bool isAnswered)
    {
        if (!Manager.IsOpen)
            return;
        if (_resets.OnStreamClosed(Manager.Config.Runtime.Current, lifetimeUs, isAnswered))
        {
            Manager.Config.Stats.DownstreamRqTooManyPrematureResets.Inc();
            Manager.CloseConnection(CloseMode.Abort);
        }
    }

    void ITurnEndWork.OnTurnEnd()
    {
        _turnEndScheduled = false;
        Codec.DeliverHeld();
        Codec.ReturnClosedStreams();
        if (_lastStreamTold && Codec.ActiveStreams == 0)
            Manager.CloseConnection(CloseMode.Flush);
    }

    IHttp2StreamHandler IHttp2ConnectionHandler.OnStreamOpened(Http2Stream stream)
    {
        var handler = (Http2ServerStream?)stream.Handler ?? new Http2ServerStream(stream, _socket.Loop);
        handler.Begin(this);
        return handler;
    }

    void IHttp2ConnectionHandler.OnOutput()
    {
        if (!Manager.IsOpen)
            return;
        NoteSent();
        _socket.ScheduleFlush();
    }

    void IHttp2ConnectionHandler.OnTurnEndWork() => ScheduleTurnEnd();

    void IHttp2ConnectionHandler.OnSettings()
    {
    }

    void IHttp2ConnectionHandler.OnGoAway(Http2ErrorCode code)
    {
    }

    void IHttp2ConnectionHandler.OnPingAck(ulong opaque) => _keepalive?.OnAck(opaque);

    void IHttp2ConnectionHandler.OnConnectionError(Http2Fault fault)
    {
        _end = (fault.Error.Details, ResponseFlags.DownstreamProtocolError);
        Manager.OnProtocolError();
        if (!Manager.IsOpen)
            return;

        // Who does not read does not read a GOAWAY either.
        if (fault == Http2Fault.OutboundFlood)
        {
            Manager.CloseConnection(CloseMode.Abort);
            return;
        }

        _socket.ScheduleFlush();
        Codec.CloseStreams(fault.Code);
        Manager.CloseConnection(CloseMode.Flush);
    }

    void IUnsentHandler.OnUnsentChanged() => Codec.ShowUnsent(_socket.BytesSent, _socket.Output.Length);

    private void NoteSent() => Codec.OnSent(_socket.BytesSent, _socket.Output.Length, _socket.IsAboveHighWatermark);

    private void ScheduleTurnEnd()
    {
        if (_turnEndScheduled)
            return;
        _turnEndScheduled = true;
        _socket.Loop.AtTurnEnd(this);
    }

    private void OnDrainTimer()
    {
        _lastStreamTold = true;
        Codec.GoAway();
        ScheduleTurnEnd();
    }

    private void OnKeepaliveTimeout()
    {
        Manager.Config.Http2Stats.KeepaliveTimeout.Inc();
        _end = ("http2.ping_timeout", ResponseFlags.DownstreamConnectionTermination);
        Manager.CloseConnection(CloseMode.Abort);
    }
}
