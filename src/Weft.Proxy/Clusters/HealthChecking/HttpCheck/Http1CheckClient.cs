using Weft.Http;
using Weft.Http.Http1;
using Weft.Net;

namespace Weft.Proxy.Clusters.HealthChecking.HttpCheck;

/// <summary>An HTTP/1.1 connection for checks. Main thread.</summary>
internal sealed class Http1CheckClient : HttpCheckClient, IConnectionHandler
{
    private readonly Http1Decoder _decoder;
    private readonly Connection _socket;
    private readonly Http1WriteOptions _writing;

    public Http1CheckClient(HealthChecker checker, Endpoint endpoint, IHttpCheckHandler handler)
        : base(handler)
    {
        _decoder = new Http1Decoder(isResponse: true, checker.Cluster.Http1, this);
        _socket = checker.Connect(endpoint, this);
        _writing = checker.Cluster.Http1Write;
    }

    protected override bool CanReuse => _decoder.KeepAlive && !_socket.ReadEnded;

    public override bool CanSend => !IsClosed;

    public override void Send(HeaderMap headers, ReadOnlySpan<byte> body)
    {
        IsWaiting = true;
        _decoder.ExpectResponseTo(headers.Get(KnownHeader.Method));
        Http1Encoder.WriteRequestHead(headers, Http1Framing.AsHeaders, _socket.Output, _writing);
        _socket.Output.Append(body);
        _socket.ScheduleFlush();
    }

    public override void Close()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        _decoder.Pause();
        _socket.Close(CloseMode.Now);
    }

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        // Bytes that nobody asked for must not become the next check's answer.
        if (IsWaiting)
            _decoder.Decode(data);
        else
            End();
    }

    void IConnectionHandler.OnReadEnd()
    {
        if (IsWaiting)
            _decoder.DecodeEnd();
        End();
    }

    void IConnectionHandler.OnClosed(CloseReason reason) => End();

    void IConnectionHandler.OnAboveHighWatermark()
    {
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
    }
}
