using Weft.Http;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>HTTP/2 on an upstream connection: feeds the codec, sends its output once a turn, puts requests on streams. Worker thread.</summary>
internal sealed class Http2Client : IUpstreamCodec, IHttp2ConnectionHandler, IUnsentHandler, ITurnEndWork
{
    private readonly Http2Connection _codec;
    private readonly Http2Keepalive? _keepalive;
    private bool _turnEndScheduled;

    public Http2Client(UpstreamConnection connection)
    {
        Connection = connection;
        var cluster = connection.Cluster;
        var worker = connection.Pool.Worker;
        _codec = new Http2Connection(isServer: false, cluster.Http2.Options, cluster.Http2Stats!, worker.UpstreamStreams, connection.Socket.Output, this);
        connection.Socket.UnsentHandler = this;
        _codec.PeerMaxStreams = connection.Pool.PeerMaxStreams;
        if (cluster.Http2.Keepalive is { } keepalive)
            _keepalive = new Http2Keepalive(keepalive, worker.Loop, worker.Random, _codec, OnKeepaliveTimeout);
    }

    public UpstreamConnection Connection { get; }

    public HttpProtocol Protocol => HttpProtocol.Http2;

    public int ActiveStreams => _codec.ActiveStreams;

    public int FreeStreams => _codec.FreeStreams;

    public bool IsSocketBackedUp { get; private set; }

    /// <summary>What ended the connection, for the streams that end with it.</summary>
    public ResetReason? GoneReason { get; private set; }

    /// <summary>What the upstream did wrong; null when it was nothing.</summary>
    public CodecError? Error { get; private set; }

    public void Begin(IUpstreamHandler handler)
    {
        _keepalive?.OnStream();
        var stream = _codec.OpenStream();
        var upstream = (Http2UpstreamStream?)stream.Handler ?? new Http2UpstreamStream(stream);
        Http2Connection.Attach(stream, upstream);
        upstream.Begin(this, handler);
    }

    public void OnConnected()
    {
        _codec.Start();
        _keepalive?.Start();
    }

    public void OnData(ReadOnlySpan<byte> data)
    {
        NoteSent();
        _keepalive?.OnReceived();
        _codec.Decode(data);
        if (!Connection.IsGone && !Connection.Socket.Output.IsEmpty)
            Connection.Socket.ScheduleFlush();
    }

    public void OnReadEnd() => Connection.CloseAfterPeer();

    public void OnGone(ResetReason reason)
    {
        GoneReason = reason;
        _keepalive?.Stop();
        _codec.CloseStreams(Http2ErrorCode.Cancel);
        ScheduleTurnEnd();
    }

    // What is on it goes on; nobody puts more on it.
    public void OnDrain()
    {
    }

    public void OnAboveHighWatermark() => SetBackedUp(true);

    public void OnBelowLowWatermark() => SetBackedUp(false);

    /// <summary>A stream has left the codec.</summary>
    public void OnStreamClosed() => Connection.OnCapacity();

    void ITurnEndWork.OnTurnEnd()
    {
        _turnEndScheduled = false;
        _codec.DeliverHeld();
        _codec.ReturnClosedStreams();
    }

    IHttp2StreamHandler IHttp2ConnectionHandler.OnStreamOpened(Http2Stream stream) =>
        throw new InvalidOperationException("servers open no streams: push is not enabled");

    void IHttp2ConnectionHandler.OnOutput()
    {
        if (Connection.IsGone)
            return;
        NoteSent();
        Connection.Socket.ScheduleFlush();
    }

    void IHttp2ConnectionHandler.OnTurnEndWork() => ScheduleTurnEnd();

    // It may take fewer streams than was thought, so that others are needed for those that wait.
    void IHttp2ConnectionHandler.OnSettings()
    {
        Connection.Pool.PeerMaxStreams = _codec.PeerMaxStreams;
        Connection.OnCapacity();
        Connection.Pool.ConnectIfNeeded();
    }

    void IHttp2ConnectionHandler.OnGoAway(Http2ErrorCode code)
    {
        Connection.Cluster.Stats.UpstreamCxCloseNotify.Inc();
        Connection.Drain();
    }

    void IHttp2ConnectionHandler.OnPingAck(ulong opaque) => _keepalive?.OnAck(opaque);

    void IHttp2ConnectionHandler.OnConnectionError(Http2Fault fault)
    {
        if (Connection.IsGone)
            return;
        Connection.Cluster.Stats.UpstreamCxProtocolError.Inc();
        Error = fault.Error;
        Connection.Close(ResetReason.ProtocolError);
    }

    private void SetBackedUp(bool isBackedUp)
    {
        IsSocketBackedUp = isBackedUp;
        NoteSent();
        foreach (var stream in _codec.OpenStreams)
            (stream?.Handler as Http2UpstreamStream)?.OnBackedUpChanged();
    }

    void IUnsentHandler.OnUnsentChanged() => _codec.ShowUnsent(Connection.Socket.BytesSent, Connection.Socket.Output.Length);

    private void NoteSent()
    {
        var socket = Connection.Socket;
        _codec.OnSent(socket.BytesSent, socket.Output.Length, socket.IsAboveHighWatermark);
    }

    private void ScheduleTurnEnd()
    {
        if (_turnEndScheduled)
            return;
        _turnEndScheduled = true;
        Connection.Pool.Worker.Loop.AtTurnEnd(this);
    }

    private void OnKeepaliveTimeout()
    {
        Connection.Cluster.Http2Stats!.KeepaliveTimeout.Inc();
        Connection.Close();
    }
}
