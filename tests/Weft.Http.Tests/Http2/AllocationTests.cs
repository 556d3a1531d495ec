using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;

namespace Weft.Http.Tests.Http2;

/// <summary>A client and a server with handlers as the proxy has them: kept with their pooled streams.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void A_request_and_its_response_allocate_nothing_once_everything_is_warm()
    {
        using var buffers = new BufferPool();
        var client = new Side(isServer: false, buffers);
        var server = new Side(isServer: true, buffers);
        var request = Http2Peer.Map(":method=POST :scheme=http :authority=a.example :path=/some/path x-request-id=1 user-agent=test content-type=text/plain");
        for (var i = 0; i < 300; i++) Once(client, server, request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 300; i++) Once(client, server, request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(600, client.Responses);
        client.Output.Clear();
        server.Output.Clear();
    }

    private static void Once(Side client, Side server, HeaderMap request)
    {
        var stream = client.Connection.OpenStream();
        Http2Connection.Attach(stream, stream.Handler ?? new Handler(client, stream));
        stream.WriteHeaders(request, endStream: false);
        stream.WriteData("body"u8, endStream: true);
        client.SendTo(server);
        server.SendTo(client);
    }

    private sealed class Side : IHttp2ConnectionHandler
    {
        public Side(bool isServer, BufferPool buffers)
        {
            Output = new ByteQueue(buffers);
            Connection = new Http2Connection(isServer, new Http2Options(), new Http2CodecStats(new StatsStore().Scope("x.")), new Http2StreamPool(buffers), Output, this);
            Connection.Start();
        }

        public Http2Connection Connection { get; }

        public ByteQueue Output { get; }

        public HeaderMap Response { get; } = Http2Peer.Map(":status=200 server=weft content-type=text/plain x-envoy-upstream-service-time=3");

        public int Responses { get; set; }

        public void SendTo(Side other)
        {
            while (!Output.IsEmpty)
            {
                var piece = Output.First;
                other.Connection.Decode(piece);
                Output.Drain(piece.Length);
            }

            Connection.OnSent(0, 0, isBlocked: false);
            Connection.ReturnClosedStreams();
            other.Connection.ReturnClosedStreams();
        }

        public IHttp2StreamHandler OnStreamOpened(Http2Stream stream) => stream.Handler ?? new Handler(this, stream);

        public void OnOutput() { }

        public void OnTurnEndWork() { }

        public void OnSettings() { }

        public void OnGoAway(Http2ErrorCode code) { }

        public void OnPingAck(ulong opaque) { }

        public void OnConnectionError(Http2Fault fault) => Assert.Fail(fault.Error.Text);
    }

    private sealed class Handler(Side side, Http2Stream stream) : IHttp2StreamHandler
    {
        private readonly HeaderMap _headers = new();

        public HeaderMap OnMessageBegin() => _headers;

        public void OnHeaders(HeaderMap headers, bool endStream) { }

        public void OnInformational(HeaderMap headers) { }

        public void OnData(ReadOnlySpan<byte> data, bool endStream)
        {
            if (!endStream) return;
            if (_headers.Has(KnownHeader.Status))
            {
                side.Responses++;
                return;
            }

            stream.WriteHeaders(side.Response, endStream: false);
            stream.WriteData(data, endStream: true);
        }

        public void OnTrailers(HeaderMap trailers) { }

        public void OnProtocolError(CodecError error) { }

        public void OnReset(Http2ErrorCode code) { }

        public void OnBackedUp() { }

        public void OnDrained() { }

        public void OnClosed() { }
    }
}
