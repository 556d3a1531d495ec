using Weft.Base.Buffers;
using Weft.Http.Http1;
using Weft.Http.Urls;

namespace Weft.Http.Tests.Http1;

public sealed class AllocationTests : IMessageHandler
{
    private readonly HeaderMap _headers = new();
    private int _messages;

    [Theory]
    [InlineData("GET /a/b/c?d=e HTTP/1.1\r\nHost: example.com\r\nUser-Agent:curl\r\nX-Forwarded-For: 1\r\nX-Forwarded-For: 2\r\nConnection: keep-alive, foo\r\nFoo: x\r\n\r\n")]
    [InlineData("POST /%2e/%41 HTTP/1.1\r\nHost: example.com:80\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nTrailer-1: x\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nbad header\r\n\r\n")]
    public void Decoding_changing_and_encoding_a_request_allocates_nothing(string request)
    {
        using var pool = new BufferPool();
        var output = new ByteQueue(pool);
        var decoder = new Http1Decoder(isResponse: false, new Http1DecoderOptions { EnableTrailers = true }, this);
        var bytes = Wire.Bytes(request);
        for (var i = 0; i < 100; i++) Once(decoder, bytes, output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Once(decoder, bytes, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(_messages >= 200);
        output.Clear();
    }

    private void Once(Http1Decoder decoder, byte[] bytes, ByteQueue output)
    {
        decoder.Decode(bytes.AsSpan(0, 20));
        decoder.Decode(bytes.AsSpan(20));
        decoder.Reset();
        PathNormalization.Apply(_headers, true, true, EscapedSlashes.UnescapeAndForward);
        Authority.Apply(_headers, PortStripping.Any, 80, true);
        HopByHop.Strip(_headers, keepUpgrade: false);
        _headers.Set(KnownHeader.XRequestId, "0123456789"u8);
        _headers.Append(new HeaderName(KnownHeader.XForwardedFor), "3"u8, ","u8);
        _headers.Set(KnownHeader.XEnvoyExpectedRqTimeoutMs, 15000);
        Http1Encoder.WriteRequestHead(_headers, Http1Framing.Chunked, output);
        Http1Encoder.WriteChunk("hello"u8, output);
        Http1Encoder.WriteLastChunk(null, output);
        output.Drain(output.First.Length);
    }

    HeaderMap IMessageHandler.OnMessageBegin()
    {
        _messages++;
        return _headers;
    }

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream) { }

    void IMessageHandler.OnInformational(HeaderMap headers) { }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream) { }

    void IMessageHandler.OnTrailers(HeaderMap trailers) { }

    void IMessageHandler.OnProtocolError(CodecError error) { }
}
