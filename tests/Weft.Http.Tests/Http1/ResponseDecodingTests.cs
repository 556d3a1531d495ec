using Weft.Http.Http1;

namespace Weft.Http.Tests.Http1;

public sealed class ResponseDecodingTests
{
    [Fact]
    public void Response_with_length_ends_with_its_last_byte()
        => Assert.Equal(
            "begin\nheaders [:status=200][content-length=5][server=x]\ndata hello\nend",
            Wire.Response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello").Log());

    [Fact]
    public void Response_with_length_0_ends_with_its_head()
        => Assert.Equal("begin\nheaders. [:status=503][content-length=0]", Wire.Response("HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n").Log());

    [Fact]
    public void Response_without_framing_ends_with_the_connection()
    {
        var recorder = Wire.Response("HTTP/1.1 200 OK\r\n\r\nhello");
        Assert.False(recorder.Decoder.KeepAlive);
        recorder.Decoder.DecodeEnd();
        Assert.Equal("begin\nheaders [:status=200]\ndata hello\nend", recorder.Log());
        Assert.True(recorder.Decoder.IsIdle);
    }

    [Fact]
    public void Chunked_response_has_trailers()
        => Assert.Equal(
            "begin\nheaders [:status=200][transfer-encoding=chunked]\ndata ab\ntrailers [grpc-status=0]",
            Wire.Response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\nGrpc-Status: 0\r\n\r\n", new Http1DecoderOptions { EnableTrailers = true }).Log());

    [Theory]
    [InlineData("HTTP/1.1 200 OK", "[:status=200]")]
    [InlineData("HTTP/1.1 200 ", "[:status=200]")]
    [InlineData("HTTP/1.1 200", "[:status=200]")]
    [InlineData("HTTP/1.0 404 No\tsuch \u00e4", "[:status=404]")]
    [InlineData("HTTP/1.1 999 x", "[:status=999]")]
    public void Reason_is_ignored(string line, string expected)
        => Assert.Equal(expected, Recorder.Text(Wire.Response(line + "\r\n\r\n").Headers));

    [Theory]
    [InlineData("HEAD", "200 OK\r\nContent-Length: 5")]
    [InlineData("HEAD", "200 OK\r\nTransfer-Encoding: chunked")]
    [InlineData("HEAD", "200 OK")]
    [InlineData("GET", "204 No Content")]
    [InlineData("GET", "304 Not Modified\r\nContent-Length: 5")]
    [InlineData("GET", "304 Not Modified")]
    public void Response_that_cannot_have_a_body_ends_with_its_head(string method, string head)
    {
        var recorder = Wire.Response($"HTTP/1.1 {head}\r\n\r\n", method: method);
        Assert.StartsWith("headers. ", recorder.Events[^1], StringComparison.Ordinal);
        Assert.True(recorder.Decoder.KeepAlive);
        Assert.True(recorder.Decoder.IsIdle);
    }

    [Fact]
    public void Answer_to_head_decides_one_response_only()
    {
        var recorder = Wire.Response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", method: "HEAD");
        Wire.Feed(recorder, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"u8);
        Assert.EndsWith("data a\nend", recorder.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public void Content_length_0_of_a_204_is_dropped()
        => Assert.Equal("[:status=204]", Recorder.Text(Wire.Response("HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n").Headers));

    [Fact]
    public void Informational_heads_come_before_the_final_one_in_the_same_map()
        => Assert.Equal(
            "begin\ninformational [:status=100]\ninformational [:status=103][link=</a>]\nheaders. [:status=200][content-length=0]",
            Wire.Response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").Log());

    [Fact]
    public void Accepted_upgrade_is_a_tunnel_to_the_end_of_the_connection()
    {
        var recorder = Wire.Response("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\nHTTP/1.1 \0", upgrade: true);
        Assert.False(recorder.Decoder.KeepAlive);
        recorder.Decoder.DecodeEnd();
        Assert.Equal("begin\nheaders [:status=101][connection=upgrade][upgrade=foo]\ndata HTTP/1.1 \0\nend", recorder.Log());
    }

    [Theory]
    [InlineData("200 Established", "data xyz")]
    [InlineData("200 Established\r\nContent-Length: 2", "data xyz")]
    [InlineData("407 No\r\nContent-Length: 3", "data xyz\nend")]
    public void Successful_connect_is_a_tunnel(string head, string rest)
        => Assert.EndsWith(rest, Wire.Response($"HTTP/1.1 {head}\r\n\r\nxyz", method: "CONNECT").Log(), StringComparison.Ordinal);

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false)]
    public void Keep_alive_follows_version_connection_and_framing(string response, bool keepAlive)
    {
        var recorder = Wire.Response(response);
        Assert.EndsWith("data ok\nend", recorder.Log(), StringComparison.Ordinal);
        Assert.Equal(keepAlive, recorder.Decoder.KeepAlive);
    }

    public static TheoryData<string, string, string> BadResponses => new()
    {
        { "status 99", "HTTP/1.1 99 x\r\n\r\n", "http1.codec_error" },
        { "status 099", "HTTP/1.1 099 x\r\n\r\n", "http1.codec_error" },
        { "status 1000", "HTTP/1.1 1000 x\r\n\r\n", "http1.codec_error" },
        { "status in words", "HTTP/1.1 abc x\r\n\r\n", "http1.codec_error" },
        { "no status", "HTTP/1.1\r\n\r\n", "http1.codec_error" },
        { "empty status", "HTTP/1.1  OK\r\n\r\n", "http1.codec_error" },
        { "no space behind status", "HTTP/1.1 200OK\r\n\r\n", "http1.codec_error" },
        { "not HTTP", "SSH-2.0-x\r\n", "http1.codec_error" },
        { "HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", "http1.codec_error" },
        { "HTTP/1.10", "HTTP/1.10 200 OK\r\n\r\n", "http1.codec_error" },
        { "empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", "http1.codec_error" },
        { "NUL in reason", "HTTP/1.1 200 O\0K\r\n\r\n", "http1.codec_error" },
        { "bare line feed", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "http1.codec_error" },
        { "length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "http1.content_length_and_chunked_not_allowed" },
        { "two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "http1.codec_error" },
        { "bad length", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "http1.codec_error" },
        { "unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "http1.invalid_transfer_encoding" },
        { "bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "http1.codec_error" },
        { "coding of a 204", "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n", "http1.transfer_encoding_not_allowed" },
        { "coding of a 100", "HTTP/1.1 100 x\r\nTransfer-Encoding: chunked\r\n\r\n", "http1.transfer_encoding_not_allowed" },
        { "length of a 204", "HTTP/1.1 204 x\r\nContent-Length: 1\r\n\r\n", "http1.content_length_not_allowed" },
        { "two lengths of a 204", "HTTP/1.1 204 x\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n", "http1.content_length_not_allowed" },
        { "length of a 101", "HTTP/1.1 101 x\r\nContent-Length: 1\r\n\r\n", "http1.content_length_not_allowed" },
        { "upgrade not asked for", "HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n", "http1.codec_error" },
        { "folded header", "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n", "http1.codec_error" },
        { "NUL in a value", "HTTP/1.1 200 OK\r\na: b\0\r\n\r\n", "http1.invalid_characters" },
        { "large head", $"HTTP/1.1 200 OK\r\na: {new string('x', 62000)}\r\n\r\n", "http1.headers_too_large" },
        { "large status line", $"HTTP/1.1 200 {new string('x', 62000)}", "http1.headers_too_large" },
        { "many headers", $"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Repeat("a: b\r\n", 101))}\r\n", "http1.too_many_headers" },
    };

    [Theory]
    [MemberData(nameof(BadResponses))]
    public void Bad_response_is_refused_once(string what, string response, string details)
    {
        var recorder = Wire.Response(response + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        Assert.True(details == recorder.Error?.Details, what);
        Assert.StartsWith("error", recorder.Events[^1], StringComparison.Ordinal);
        Assert.False(recorder.Decoder.KeepAlive);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [InlineData("HTTP/1.1 204 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 304 OK\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\r\n\r\n")]
    public void Bytes_behind_a_response_are_an_error_that_the_pool_knows_before_it_reuses_the_connection(string response)
    {
        var recorder = Wire.New(isResponse: true);
        var keepAliveAtEnd = true;
        recorder.AtEnd = () =>
        {
            keepAliveAtEnd = recorder.Decoder.KeepAlive;
            // As if the pool gave the connection to the next request at once.
            recorder.Decoder.ExpectResponseTo("GET"u8);
        };
        Wire.Feed(recorder, Wire.Bytes(response + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"));
        Assert.False(keepAliveAtEnd);
        Assert.StartsWith("error 502", recorder.Events[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("poison", recorder.Log(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    public void End_of_the_connection_inside_a_response_is_an_error(string start)
    {
        var recorder = Wire.Response(start);
        Assert.Null(recorder.Error);
        recorder.Decoder.DecodeEnd();
        Assert.NotNull(recorder.Error);
    }

    [Fact]
    public void End_of_the_connection_before_a_response_is_none_of_the_decoder()
    {
        var recorder = Wire.Response("");
        recorder.Decoder.DecodeEnd();
        Assert.Empty(recorder.Events);
    }
}
