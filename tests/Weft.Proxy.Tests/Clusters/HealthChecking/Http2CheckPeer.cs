using System.Net.Sockets;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;

namespace Weft.Proxy.Tests.Clusters.HealthChecking;

/// <summary>The endpoint's end of an HTTP/2 connection: takes one request after another and answers as the test says.</summary>
internal sealed class Http2CheckPeer : IHttp2ConnectionHandler, IHttp2StreamHandler, IDisposable
{
    private readonly CheckedCluster _cluster;
    private readonly Socket _socket;
    private readonly BufferPool _buffers = new();
    private readonly ByteQueue _output;
    private readonly Http2Connection _codec;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Http2Stream? _stream;
    private bool _isRequestComplete;

    public Http2CheckPeer(CheckedCluster cluster, Socket socket)
    {
        (_cluster, _socket) = (cluster, socket);
        _output = new ByteQueue(_buffers);
        _codec = new Http2Connection(isServer: true, new Http2Options(), new Http2CodecStats(new StatsStore().Scope("")), new Http2StreamPool(_buffers), _output, this);
        _codec.Start();
    }

    public HeaderMap Request { get; } = new();

    public List<byte> Body { get; } = [];

    /// <summary>Waits for a request.</summary>
    public void Read()
    {
        _cluster.Loop.Until(() =>
        {
            Pump();
            return _isRequestComplete;
        });
        _isRequestComplete = false;
    }

    public void Answer(int status, string headers = "", byte[]? body = null, string? trailers = null)
    {
        Read();
        var head = Map(headers);
        head.Set(KnownHeader.Status, status);
        var stream = _stream!;
        stream.WriteHeaders(head, endStream: body is null && trailers is null);
        if (body is not null)
            stream.WriteData(body, endStream: trailers is null);
        if (trailers is not null)
            stream.WriteTrailers(Map(trailers));
        Pump();
    }

    public void Reset()
    {
        Read();
        _stream!.Reset(Http2ErrorCode.InternalError);
        Pump();
    }

    public void GoAway()
    {
        _codec.GoAway();
        Pump();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _output.Clear();
        _buffers.Dispose();
    }

    IHttp2StreamHandler IHttp2ConnectionHandler.OnStreamOpened(Http2Stream stream)
    {
        _stream = stream;
        Body.Clear();
        return this;
    }

    HeaderMap IMessageHandler.OnMessageBegin() => Request;

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream) => _isRequestComplete = endStream;

    void IMessageHandler.OnInformational(HeaderMap headers)
    {
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        Body.AddRange(data);
        _isRequestComplete = endStream;
    }

    void IMessageHandler.OnTrailers(HeaderMap trailers) => _isRequestComplete = true;

    void IMessageHandler.OnProtocolError(CodecError error) => Assert.Fail(error.Details);

    void IHttp2ConnectionHandler.OnOutput()
    {
    }

    void IHttp2ConnectionHandler.OnTurnEndWork()
    {
    }

    void IHttp2ConnectionHandler.OnSettings()
    {
    }

    void IHttp2ConnectionHandler.OnGoAway(Http2ErrorCode code)
    {
    }

    void IHttp2ConnectionHandler.OnPingAck(ulong opaque)
    {
    }

    void IHttp2ConnectionHandler.OnConnectionError(Http2Fault fault) => Assert.Fail(fault.ToString());

    void IHttp2StreamHandler.OnReset(Http2ErrorCode code)
    {
    }

    void IHttp2StreamHandler.OnBackedUp()
    {
    }

    void IHttp2StreamHandler.OnDrained()
    {
    }

    void IHttp2StreamHandler.OnClosed()
    {
    }

    private static HeaderMap Map(string fields)
    {
        var map = new HeaderMap();
        foreach (var field in fields.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = field.Split('=', 2);
            map.Add(new HeaderName(parts[0]), System.Text.Encoding.ASCII.GetBytes(parts[1]));
        }

        return map;
    }

    private void Pump()
    {
        while (_socket.Available > 0)
            _codec.Decode(_buffer.AsSpan(0, _socket.Receive(_buffer)));
        _codec.DeliverHeld();
        _codec.ReturnClosedStreams();
        if (_output.IsEmpty)
            return;
        var bytes = new byte[_output.Length];
        _output.CopyTo(bytes);
        _output.Clear();
        _socket.Send(bytes);
        _codec.OnSent(0, 0, isBlocked: false);
    }
}
