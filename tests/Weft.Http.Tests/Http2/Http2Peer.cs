using System.Text;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;

namespace Weft.Http.Tests.Http2;

/// <summary>One end of a connection in memory, which writes down what happens to it.</summary>
internal sealed class Http2Peer : IHttp2ConnectionHandler, IDisposable
{
    private readonly BufferPool _buffers = new();
    private readonly Http2StreamPool _pool;

    public Http2Peer(bool isServer, Http2Options? options = null)
    {
        _pool = new Http2StreamPool(_buffers);
        Output = new ByteQueue(_buffers);
        Stats = new Http2CodecStats(new StatsStore().Scope("test."));
        Connection = new Http2Connection(isServer, options ?? new Http2Options(), Stats, _pool, Output, this);
        Connection.Start();
    }

    public Http2Connection Connection { get; }

    public Http2CodecStats Stats { get; }

    public ByteQueue Output { get; }

    public List<string> Events { get; } = [];

    public List<Http2Call> Streams { get; } = [];

    public Http2Fault? Fault { get; private set; }

    /// <summary>Called at each complete request or response head.</summary>
    public Action<Http2Call>? AtHeaders { get; set; }

    public byte[] TakeOutput()
    {
        var bytes = new byte[Output.Length];
        Output.CopyTo(bytes);
        Output.Clear();
        Connection.OnSent(0, 0, isBlocked: false);
        return bytes;
    }

    /// <summary>Hands over what each has to say until both are silent.</summary>
    public static void Exchange(Http2Peer a, Http2Peer b)
    {
        for (var i = 0; i < 100; i++)
        {
            var fromA = a.TakeOutput();
            var fromB = b.TakeOutput();
            if (fromA.Length + fromB.Length == 0) return;
            b.Connection.Decode(fromA);
            a.Connection.Decode(fromB);
            a.EndTurn();
            b.EndTurn();
        }

        Assert.Fail("the peers do not fall silent");
    }

    public Http2Call Open()
    {
        var stream = Connection.OpenStream();
        var call = new Http2Call(this, stream);
        Http2Connection.Attach(stream, call);
        Streams.Add(call);
        return call;
    }

    public Http2Call Request(string fields, string? body = null, bool endStream = true)
    {
        var call = Open();
        call.Stream.WriteHeaders(Map(fields), endStream && body is null);
        if (body is not null) call.Stream.WriteData(Encoding.ASCII.GetBytes(body), endStream);
        return call;
    }

    public void EndTurn()
    {
        Connection.DeliverHeld();
        Connection.ReturnClosedStreams();
    }

    /// <summary><c>:method=GET x=y</c> as a map.</summary>
    public static HeaderMap Map(string fields)
    {
        var map = new HeaderMap();
        foreach (var field in fields.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = field.IndexOf('=', 1);
            map.Add(Encoding.ASCII.GetBytes(field[..equals]), Encoding.ASCII.GetBytes(field[(equals + 1)..]));
        }

        return map;
    }

    public void Dispose()
    {
        Output.Clear();
        _buffers.Dispose();
    }

    IHttp2StreamHandler IHttp2ConnectionHandler.OnStreamOpened(Http2Stream stream)
    {
        var call = new Http2Call(this, stream);
        Streams.Add(call);
        return call;
    }

    void IHttp2ConnectionHandler.OnOutput() { }

    void IHttp2ConnectionHandler.OnTurnEndWork() { }

    void IHttp2ConnectionHandler.OnSettings() => Events.Add("settings");

    void IHttp2ConnectionHandler.OnGoAway(Http2ErrorCode code) => Events.Add($"goaway {code}");

    void IHttp2ConnectionHandler.OnPingAck(ulong opaque) => Events.Add($"pong {opaque}");

    void IHttp2ConnectionHandler.OnConnectionError(Http2Fault fault)
    {
        Assert.Null(Fault);
        Fault = fault;
        Connection.CloseStreams(fault.Code);
    }
}

/// <summary>One stream of a <see cref="Http2Peer"/>.</summary>
internal sealed class Http2Call(Http2Peer peer, Http2Stream stream) : IHttp2StreamHandler
{
    private readonly Recorder _recorder = new();

    public Http2Stream Stream => stream;

    public bool IsClosed { get; private set; }

    public HeaderMap Headers => _recorder.Headers;

    public List<byte[]> Metadata { get; } = [];

    public string Log() => _recorder.Log();

    public void OnMetadata(ReadOnlySpan<byte> block) => Metadata.Add(block.ToArray());

    public void OnReset(Http2ErrorCode code) => _recorder.Events.Add($"reset {code}");

    public void OnBackedUp() => _recorder.Events.Add("backed up");

    public void OnDrained() => _recorder.Events.Add("drained");

    public void OnClosed()
    {
        Assert.False(IsClosed);
        IsClosed = true;
    }

    public HeaderMap OnMessageBegin() => _recorder.OnMessageBegin();

    public void OnHeaders(HeaderMap headers, bool endStream)
    {
        _recorder.OnHeaders(headers, endStream);
        peer.AtHeaders?.Invoke(this);
    }

    public void OnInformational(HeaderMap headers) => _recorder.OnInformational(headers);

    public void OnData(ReadOnlySpan<byte> data, bool endStream) => _recorder.OnData(data, endStream);

    public void OnTrailers(HeaderMap trailers) => _recorder.OnTrailers(trailers);

    public void OnProtocolError(CodecError error) => _recorder.OnProtocolError(error);
}
