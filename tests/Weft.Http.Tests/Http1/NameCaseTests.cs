using System.Text;
using Weft.Base.Buffers;
using Weft.Http.Http1;

namespace Weft.Http.Tests.Http1;

/// <summary>Capitals in header names: as the sender wrote them, or in Proper-Case.</summary>
public sealed class NameCaseTests : IDisposable
{
    private readonly BufferPool _pool = new();
    private readonly ByteQueue _output;

    public NameCaseTests() => _output = new ByteQueue(_pool);

    public void Dispose()
    {
        _output.Clear();
        _pool.Dispose();
    }

    [Fact]
    public void Proper_case_has_a_capital_behind_everything_that_is_no_letter_or_digit()
    {
        var map = new HeaderMap();
        map.Set(KnownHeader.Method, "POST"u8);
        map.Set(KnownHeader.Path, "/"u8);
        map.Set(KnownHeader.Authority, "h"u8);
        map.Add(new HeaderName("content-type"), "a-b"u8);
        map.Add(new HeaderName("foo$b#$are"), "1"u8);
        map.Add(new HeaderName("x2y-te"), "2"u8);
        map.Add(new HeaderName(new string('a', 70) + "-b"), "3"u8);
        Http1Encoder.WriteRequestHead(map, Http1Framing.Chunked, _output, new Http1WriteOptions(IsProperCase: true, IsFullUrl: false));
        Assert.Equal(
            $"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: a-b\r\nFoo$B#$Are: 1\r\nX2y-Te: 2\r\nA{new string('a', 69)}-B: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            Take());
    }

    [Fact]
    public void Responses_and_trailers_are_written_in_proper_case_too()
    {
        var options = new Http1WriteOptions(IsProperCase: true, IsFullUrl: false);
        var map = new HeaderMap();
        map.Set(KnownHeader.Status, 200);
        map.Add(new HeaderName("x-a"), "1"u8);
        Http1Encoder.WriteResponseHead(map, Http1Framing.Chunked, HttpProtocol.Http11, close: true, _output, options);
        Assert.Equal("HTTP/1.1 200 OK\r\nX-A: 1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n", Take());
        Http1Encoder.WriteLastChunk(map, _output, options);
        Assert.Equal("0\r\nX-A: 1\r\n\r\n", Take());
    }

    [Theory]
    [InlineData(false, "x-added")]
    [InlineData(true, "X-Added")]
    public void What_was_received_keeps_its_capitals_and_what_was_added_is_as_configured(bool isProper, string added)
    {
        var map = Decode("GET / HTTP/1.1\r\nHOST: h\r\nX-CuStOm-A-Name-That-Is-Long: v\r\ntrace:1\r\nTRACE: 2\r\n\r\n", isProper);
        Assert.Equal("v", Encoding.ASCII.GetString(map.Get(new HeaderName("x-custom-a-name-that-is-long"))));
        map.Add(new HeaderName("x-added"), "z"u8);
        Http1Encoder.WriteRequestHead(map, Http1Framing.AsHeaders, _output, new Http1WriteOptions(IsProperCase: true, IsFullUrl: false));
        Assert.Equal($"GET / HTTP/1.1\r\nHOST: h\r\nX-CuStOm-A-Name-That-Is-Long: v\r\ntrace: 1\r\ntrace: 2\r\n{added}: z\r\n\r\n", Take());
    }

    [Fact]
    public void A_copy_keeps_the_capitals_and_a_cleared_map_forgets_them()
    {
        var map = Decode("GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\n", isProper: false);
        var copy = new HeaderMap();
        copy.CopyFrom(map);
        map.Clear();
        Assert.Null(map.OriginalNames);
        Http1Encoder.WriteRequestHead(copy, Http1Framing.AsHeaders, _output);
        Assert.Equal("GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\n", Take());
    }

    [Fact]
    public void Names_in_pieces_are_kept_whole()
    {
        var recorder = new Map();
        var decoder = new Http1Decoder(isResponse: false, new Http1DecoderOptions { PreservesCase = true }, recorder);
        foreach (var b in "GET / HTTP/1.1\r\nHost: h\r\nX-LongerThanSixteenBytes: 1\r\n\r\n"u8)
            decoder.Decode([b]);
        Http1Encoder.WriteRequestHead(recorder.Headers, Http1Framing.AsHeaders, _output);
        Assert.Equal("GET / HTTP/1.1\r\nHost: h\r\nX-LongerThanSixteenBytes: 1\r\n\r\n", Take());
    }

    [Fact]
    public void The_full_URL_is_sent_when_asked()
    {
        var map = Decode("GET /a?b HTTP/1.1\r\nHost: h:81\r\n\r\n", isProper: false);
        map.Set(KnownHeader.Scheme, "https"u8);
        Http1Encoder.WriteRequestHead(map, Http1Framing.AsHeaders, _output, new Http1WriteOptions(IsProperCase: false, IsFullUrl: true));
        Assert.StartsWith("GET https://h:81/a?b HTTP/1.1\r\nHost: h:81\r\n", Take(), StringComparison.Ordinal);
    }

    private static HeaderMap Decode(string request, bool isProper)
    {
        var recorder = new Map();
        new Http1Decoder(isResponse: false, new Http1DecoderOptions { PreservesCase = true, IsProperCaseForOthers = isProper }, recorder).Decode(Encoding.ASCII.GetBytes(request));
        return recorder.Headers;
    }

    private string Take()
    {
        var bytes = new byte[_output.Length];
        _output.CopyTo(bytes);
        _output.Clear();
        return Encoding.ASCII.GetString(bytes);
    }

    private sealed class Map : IMessageHandler
    {
        public HeaderMap Headers { get; } = new();

        public HeaderMap OnMessageBegin() => Headers;

        public void OnHeaders(HeaderMap headers, bool endStream)
        {
        }

        public void OnInformational(HeaderMap headers)
        {
        }

        public void OnData(ReadOnlySpan<byte> data, bool endStream)
        {
        }

        public void OnTrailers(HeaderMap trailers)
        {
        }

        public void OnProtocolError(CodecError error) => Assert.Fail(error.Details);
    }
}
