using System.Text;
using Weft.Base.Buffers;
using Weft.Http.Http1;

namespace Weft.Http.Tests.Http1;

public sealed class Http1EncoderTests : IDisposable
{
    private readonly BufferPool _pool = new();
    private readonly ByteQueue _output;

    public Http1EncoderTests() => _output = new ByteQueue(_pool);

    public void Dispose()
    {
        _output.Clear();
        _pool.Dispose();
    }

    [Fact]
    public void Request_head_begins_with_the_host_and_keeps_the_order_of_headers()
        => Assert.Equal(
            "GET /a HTTP/1.1\r\nhost: h:1\r\nx: 1\r\naccept: */*\r\ny: 2\r\n\r\n",
            Request("GET /a HTTP/1.1\r\nX: 1\r\nAccept:*/*\r\nHost: h:1\r\ny:  2 \r\n\r\n", Http1Framing.AsHeaders));

    [Fact]
    public void What_concerns_one_connection_is_not_written()
        => Assert.Equal(
            "GET / HTTP/1.1\r\nhost: h\r\na: 1\r\nb: 2\r\n\r\n",
            Request("GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\na: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nb: 2\r\nUpgrade: h2c\r\n\r\n", Http1Framing.AsHeaders));

    [Fact]
    public void Chunked_framing_replaces_a_content_length()
        => Assert.Equal(
            "POST / HTTP/1.1\r\nhost: h\r\na: 1\r\ntransfer-encoding: chunked\r\n\r\n",
            Request("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\na: 1\r\n\r\n", Http1Framing.Chunked));

    [Theory]
    [InlineData("POST", true)]
    [InlineData("PUT", true)]
    [InlineData("GET", false)]
    [InlineData("HEAD", false)]
    [InlineData("DELETE", false)]
    [InlineData("TRACE", false)]
    public void Request_without_body_says_so_when_it_could_have_one(string method, bool says)
        => Assert.Equal(
            $"{method} / HTTP/1.1\r\nhost: h\r\n{(says ? "content-length: 0\r\n" : "")}\r\n",
            Request($"{method} / HTTP/1.1\r\nHost: h\r\n\r\n", Http1Framing.AsHeaders));

    [Fact]
    public void Content_length_of_a_request_is_kept()
        => Assert.Equal(
            "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\n",
            Request("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", Http1Framing.AsHeaders));

    [Fact]
    public void Connect_names_its_authority()
        => Assert.Equal("CONNECT h:443 HTTP/1.1\r\nhost: h:443\r\n\r\n", Request("CONNECT h:443 HTTP/1.1\r\n\r\n", Http1Framing.UntilClose));

    [Fact]
    public void Upgrade_is_written_with_its_headers_and_without_framing()
    {
        var headers = Wire.Request("GET /chat HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nKeep-Alive: 3\r\n\r\n").Headers;
        Assert.True(HopByHop.Strip(headers, keepUpgrade: true));
        Http1Encoder.WriteRequestHead(headers, Http1Framing.AsHeaders, _output);
        Assert.Equal("GET /chat HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", SortedTail(Written()));
    }

    [Fact]
    public void Switching_protocols_is_written_with_its_headers_and_without_close()
    {
        var headers = Map((":status", "101"), ("connection", "upgrade"), ("upgrade", "websocket"));
        Assert.Equal("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", Response(headers, Http1Framing.UntilClose, close: true));
    }

    [Theory]
    [InlineData(200, "AsHeaders", "HTTP/1.1 200 OK\r\nserver: weft\r\n\r\n")]
    [InlineData(200, "Chunked", "HTTP/1.1 200 OK\r\nserver: weft\r\ntransfer-encoding: chunked\r\n\r\n")]
    [InlineData(200, "UntilClose", "HTTP/1.1 200 OK\r\nserver: weft\r\n\r\n")]
    [InlineData(204, "AsHeaders", "HTTP/1.1 204 No Content\r\nserver: weft\r\n\r\n")]
    [InlineData(204, "Chunked", "HTTP/1.1 204 No Content\r\nserver: weft\r\n\r\n")]
    [InlineData(304, "AsHeaders", "HTTP/1.1 304 Not Modified\r\nserver: weft\r\n\r\n")]
    [InlineData(304, "Chunked", "HTTP/1.1 304 Not Modified\r\nserver: weft\r\n\r\n")]
    [InlineData(103, "AsHeaders", "HTTP/1.1 103 Unknown\r\nserver: weft\r\n\r\n")]
    [InlineData(100, "Chunked", "HTTP/1.1 100 Continue\r\nserver: weft\r\n\r\n")]
    [InlineData(599, "AsHeaders", "HTTP/1.1 599 Unknown\r\nserver: weft\r\n\r\n")]
    public void Framing_of_a_response_follows_its_status(int status, string framing, string expected)
        => Assert.Equal(expected, Response(Map((":status", $"{status}"), ("server", "weft")), Enum.Parse<Http1Framing>(framing)));

    [Theory]
    [InlineData(HttpProtocol.Http11, false, "")]
    [InlineData(HttpProtocol.Http11, true, "connection: close\r\n")]
    [InlineData(HttpProtocol.Http10, false, "connection: keep-alive\r\n")]
    [InlineData(HttpProtocol.Http10, true, "connection: close\r\n")]
    public void Connection_header_is_the_encoders(HttpProtocol protocol, bool close, string line)
        => Assert.Equal(
            $"HTTP/1.{(protocol == HttpProtocol.Http10 ? 0 : 1)} 200 OK\r\ncontent-length: 2\r\n{line}\r\n",
            Response(Map((":status", "200"), ("connection", "foo"), ("content-length", "2")), Http1Framing.AsHeaders, protocol, close));

    [Fact]
    public void Http10_gets_no_chunks()
        => Assert.Equal("HTTP/1.0 200 OK\r\nconnection: close\r\n\r\n", Response(Map((":status", "200")), Http1Framing.Chunked, HttpProtocol.Http10, close: true));

    [Fact]
    public void Changed_headers_are_written_in_their_place()
    {
        var headers = Wire.Request("GET / HTTP/1.1\r\nHost: h\r\na: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n\r\n").Headers;
        headers.Set(new HeaderName("b"), "longer than before"u8);
        headers.Set(new HeaderName("d"), ""u8);
        headers.Remove(new HeaderName("c"));
        headers.Add(KnownHeader.XRequestId, "id"u8);
        headers.Set(KnownHeader.Path, "/rewritten"u8);
        headers.Set(KnownHeader.Authority, "other"u8);
        Http1Encoder.WriteRequestHead(headers, Http1Framing.AsHeaders, _output);
        Assert.Equal("GET /rewritten HTTP/1.1\r\nhost: other\r\na: 1\r\nb: longer than before\r\nd: \r\nx-request-id: id\r\n\r\n", Written());
    }

    [Fact]
    public void Head_larger_than_a_block_is_written_whole()
    {
        var value = new string('v', 40_000);
        var text = Request($"GET / HTTP/1.1\r\nHost: h\r\nConnection: x\r\na: {value}\r\nKeep-Alive: x\r\nb: {value[..100]}\r\n\r\n", Http1Framing.AsHeaders);
        Assert.Equal($"GET / HTTP/1.1\r\nhost: h\r\na: {value}\r\nb: {value[..100]}\r\n\r\n", text);
    }

    [Theory]
    [InlineData(1, "1")]
    [InlineData(15, "f")]
    [InlineData(16, "10")]
    [InlineData(65536, "10000")]
    [InlineData(int.MaxValue, "7fffffff")]
    public void Chunk_size_is_hexadecimal(int size, string digits)
    {
        Http1Encoder.WriteChunkStart(size, _output);
        Assert.Equal(digits + "\r\n", Written());
    }

    [Fact]
    public void Chunks_and_trailers_are_framed()
    {
        Http1Encoder.WriteChunk("hello"u8, _output);
        Http1Encoder.WriteChunk(default, _output);
        Http1Encoder.WriteLastChunk(Map(("grpc-status", "0"), ("content-length", "1"), ("x", "y")), _output);
        Http1Encoder.WriteLastChunk(null, _output);
        Assert.Equal("5\r\nhello\r\n0\r\ngrpc-status: 0\r\nx: y\r\n\r\n0\r\n\r\n", Written());
    }

    private string Request(string received, Http1Framing framing)
    {
        var recorder = Wire.Request(received);
        Assert.Null(recorder.Error);
        Http1Encoder.WriteRequestHead(recorder.Headers, framing, _output);
        return Written();
    }

    private string Response(HeaderMap headers, Http1Framing framing, HttpProtocol protocol = HttpProtocol.Http11, bool close = false)
    {
        Http1Encoder.WriteResponseHead(headers, framing, protocol, close, _output);
        return Written();
    }

    private string Written()
    {
        var text = new StringBuilder();
        while (!_output.IsEmpty)
        {
            text.Append(Encoding.Latin1.GetString(_output.First));
            _output.Drain(_output.First.Length);
        }

        return text.ToString();
    }

    private static HeaderMap Map(params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        foreach (var (name, value) in headers) map.Add(new HeaderName(name), Wire.Bytes(value));
        return map;
    }

    /// <summary>The order of the two upgrade headers among themselves is of no interest.</summary>
    private static string SortedTail(string head)
    {
        var lines = head.Split("\r\n");
        Array.Sort(lines, 2, 2, StringComparer.Ordinal);
        return string.Join("\r\n", lines);
    }
}
