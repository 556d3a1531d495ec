using Weft.Http;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;

namespace Weft.Proxy.Clusters.HealthChecking.HttpCheck;

/// <summary>What the HTTP/2 connections of one health checker share. Main thread.</summary>
/// <param name="scope">The scope <c>cluster.NAME.</c></param>
internal sealed class Http2CheckParts(EventLoop loop, Base.Stats.StatsScope scope)
{
    public Http2StreamPool Streams { get; } = new(loop.Buffers);

    public Http2CodecStats Stats { get; } = new(scope);

    public Http2Options Options { get; } = new();
}

/// <summary>An HTTP/2 connection for checks. Main thread.</summary>
internal sealed class Http2CheckClient : HttpCheckClient, IConnectionHandler, IHttp2ConnectionHandler, IHttp2StreamHandler, ITurnEndWork
{
    private readonly EventLoop _loop;
    private readonly Connection _socket;
    private readonly Http2Connection _codec;
    private bool _isAtTurnEnd;

    public Http2CheckClient(HealthChecker checker, Http2CheckParts parts, Endpoint endpoint, IHttpCheckHandler handler)
        : base(handler)
    {
        _loop = checker.Loop;
        _socket = checker.Connect(endpoint, this);
        _codec = new Http2Connection(isServer: false, parts.Options, parts.Stats, parts.Streams, _socket.Output, this);
        _codec.Start();
    }

    protected override bool CanReuse => !_codec.IsGoingAway && !_socket.ReadEnded;

    public override bool CanSend => !IsClosed && _codec.FreeStreams > 0;

    public override void Send(HeaderMap headers, ReadOnlySpan<byte> body)
    {
        IsWaiting = true;
        NoteSent();
        var stream = _codec.OpenStream();
        Http2Connection.Attach(stream, this);
        stream.WriteHeaders(headers, endStream: body.IsEmpty);
        if (!body.IsEmpty)
            stream.WriteData(body, endStream: true);
    }

    public override void Close()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        _codec.CloseStreams(Http2ErrorCode.Cancel);
        _socket.Close(CloseMode.Now);
    }

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        NoteSent();
        _codec.Decode(data);
    }

    void IConnectionHandler.OnReadEnd() => End();

    void IConnectionHandler.OnClosed(CloseReason reason) => End();

    void IConnectionHandler.OnAboveHighWatermark()
    {
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
    }

    IHttp2StreamHandler IHttp2ConnectionHandler.OnStreamOpened(Http2Stream stream) => this;

    void IHttp2ConnectionHandler.OnOutput()
    {
        if (!IsClosed)
            _socket.ScheduleFlush();
    }

    void IHttp2ConnectionHandler.OnTurnEndWork()
    {
        if (_isAtTurnEnd)
            return;
        _isAtTurnEnd = true;
        _loop.AtTurnEnd(this);
    }

    void IHttp2ConnectionHandler.OnSettings()
    {
    }

    /// <summary>An orderly end lets the check that runs finish; the next takes another connection.</summary>
    void IHttp2ConnectionHandler.OnGoAway(Http2ErrorCode code)
    {
        if (!IsWaiting || code != Http2ErrorCode.NoError)
            End();
    }

    void IHttp2ConnectionHandler.OnPingAck(ulong opaque)
    {
    }

    void IHttp2ConnectionHandler.OnConnectionError(Http2Fault fault) => End();

    void ITurnEndWork.OnTurnEnd()
    {
        _isAtTurnEnd = false;
        _codec.DeliverHeld();
        _codec.ReturnClosedStreams();
    }

    void IHttp2StreamHandler.OnReset(Http2ErrorCode code) => End();

    void IHttp2StreamHandler.OnBackedUp()
    {
    }

    void IHttp2StreamHandler.OnDrained()
    {
    }

    void IHttp2StreamHandler.OnClosed()
    {
    }

    private void NoteSent() => _codec.OnSent(_socket.BytesSent, _socket.Output.Length, isBlocked: false);
}
