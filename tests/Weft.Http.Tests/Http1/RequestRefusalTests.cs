using Weft.Http.Http1;

namespace Weft.Http.Tests.Http1;

/// <summary>The HTTP/1 request rows of the list of bad inputs that a codec answers, one line per input.</summary>
public sealed class RequestRefusalTests
{
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\n";
    private const string ChunkedPost = Post + "Transfer-Encoding: chunked\r\n\r\n";

    public static TheoryData<string, string, int, string> Framing => new()
    {
        { "content-length before chunked", Post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "http1.content_length_and_chunked_not_allowed" },
        { "content-length 0 behind chunked", Post + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", 400, "http1.content_length_and_chunked_not_allowed" },
        { "trailing space in chunked, and length", Post + "Transfer-Encoding: chunked \r\nContent-Length: 5\r\n\r\n", 400, "http1.content_length_and_chunked_not_allowed" },
        { "identity, chunked, and length", Post + "Transfer-Encoding: identity,chunked\r\nContent-Length: 5\r\n\r\n", 400, "http1.content_length_and_chunked_not_allowed" },
        { "identity, then chunked", Post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n", 501, "http1.invalid_transfer_encoding" },
        { "gzip, chunked", Post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "http1.invalid_transfer_encoding" },
        { "unknown coding", Post + "Transfer-Encoding: blegh\r\n\r\n", 501, "http1.invalid_transfer_encoding" },
        { "empty coding", Post + "Transfer-Encoding:\r\n\r\n", 501, "http1.invalid_transfer_encoding" },
        { "comma, chunked", Post + "Transfer-Encoding: ,chunked\r\n\r\n", 501, "http1.invalid_transfer_encoding" },
        { "chunked twice in one word", Post + "Transfer-Encoding: chunkedchunked\r\n\r\n", 501, "http1.invalid_transfer_encoding" },
        { "chunked, chunked in one value", Post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 501, "http1.invalid_transfer_encoding" },
        { "chunked twice", Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "http1.invalid_transfer_encoding" },
        { "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "http1.invalid_transfer_encoding" },
        { "two lengths", Post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, "http1.codec_error" },
        { "the same length twice", Post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400, "http1.codec_error" },
        { "length +1", Post + "Content-Length: +1\r\n\r\n", 400, "http1.codec_error" },
        { "length 0x10", Post + "Content-Length: 0x10\r\n\r\n", 400, "http1.codec_error" },
        { "length 1_0", Post + "Content-Length: 1_0\r\n\r\n", 400, "http1.codec_error" },
        { "length -1", Post + "Content-Length: -1\r\n\r\n", 400, "http1.codec_error" },
        { "length 1Z", Post + "Content-Length: 1Z\r\n\r\n", 400, "http1.codec_error" },
        { "length empty", Post + "Content-Length: \r\n\r\n", 400, "http1.codec_error" },
        { "length list", Post + "Content-Length: 1, 1\r\n\r\n", 400, "http1.codec_error" },
        { "length 2^63", Post + "Content-Length: 9223372036854775808\r\n\r\n", 400, "http1.codec_error" },
        { "length beyond 64 bits", Post + "Content-Length: 99999999999999999999\r\n\r\n", 400, "http1.codec_error" },
        { "chunk size 0_2e", ChunkedPost + "0_2e\r\n", 400, "http1.codec_error" },
        { "chunk size +5", ChunkedPost + "+5\r\nhello\r\n", 400, "http1.codec_error" },
        { "chunk size 0x5", ChunkedPost + "0x5\r\nhello\r\n", 400, "http1.codec_error" },
        { "chunk size with space before", ChunkedPost + " 5\r\nhello\r\n", 400, "http1.codec_error" },
        { "chunk size with space behind", ChunkedPost + "5 \r\nhello\r\n", 400, "http1.codec_error" },
        { "chunk size empty", ChunkedPost + "\r\n", 400, "http1.codec_error" },
        { "chunk size of extension alone", ChunkedPost + ";a\r\n", 400, "http1.codec_error" },
        { "chunk size of 17 digits", ChunkedPost + "00000000000000005\r\nhello\r\n", 400, "http1.codec_error" },
        { "chunk size 2^63", ChunkedPost + "8000000000000000\r\n", 400, "http1.codec_error" },
        { "chunk size by line feed alone", ChunkedPost + "5\nhello\r\n", 400, "http1.codec_error" },
        { "chunk size by return alone", ChunkedPost + "5\rhello\r\n", 400, "http1.codec_error" },
        { "lone line feed in extension", ChunkedPost + "5;a\nX\r\nhello\r\n", 400, "http1.codec_error" },
        { "lone return in extension", ChunkedPost + "5;a\rX\r\nhello\r\n", 400, "http1.codec_error" },
        { "NUL in extension", ChunkedPost + "5;a\0\r\nhello\r\n", 400, "http1.codec_error" },
        { "no CRLF behind data", ChunkedPost + "5\r\nhelloX\r\n", 400, "http1.codec_error" },
        { "line feed behind data", ChunkedPost + "5\r\nhello\n", 400, "http1.codec_error" },
        { "extra byte behind the last chunk", ChunkedPost + "0\r\nX\r\n", 400, "http1.codec_error" },
        { "malformed trailer", ChunkedPost + "0\r\nfoo bar\r\n\r\n", 400, "http1.codec_error" },
        { "folded trailer", ChunkedPost + "0\r\na: b\r\n c\r\n\r\n", 400, "http1.codec_error" },
        { "NUL in a trailer", ChunkedPost + "0\r\na: b\0\r\n\r\n", 400, "http1.invalid_characters" },
        { "large chunk extensions", ChunkedPost + $"1;{new string('x', 20000)}\r\na\r\n", 400, "http1.codec_error" },
        { "many chunk extensions", ChunkedPost + string.Concat(Enumerable.Repeat($"1;{new string('x', 1000)}\r\na\r\n", 20)), 400, "http1.codec_error" },
        { "large trailers", ChunkedPost + $"0\r\na: {new string('x', 62000)}\r\n\r\n", 431, "http1.headers_too_large" },
        { "many trailers", ChunkedPost + $"0\r\n{string.Concat(Enumerable.Repeat("a: b\r\n", 101))}\r\n", 431, "http1.too_many_headers" },
    };

    public static TheoryData<string, string, int, string> Lines => new()
    {
        { "folded header", Post + "Foo: bar\r\n\tTransfer-Encoding: chunked\r\n\r\n", 400, "http1.codec_error" },
        { "folded first header", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, "http1.codec_error" },
        { "space before colon", Post + "Content-Length : 5\r\n\r\n", 400, "http1.codec_error" },
        { "space before name", "GET / HTTP/1.1\r\nHost: h\r\n Content-Length: 5\r\n\r\n", 400, "http1.codec_error" },
        { "empty name", Post + ": x\r\n\r\n", 400, "http1.codec_error" },
        { "pseudo-header", Post + ":path: /x\r\n\r\n", 400, "http1.codec_error" },
        { "missing colon", Post + "foo bar\r\n\r\n", 400, "http1.codec_error" },
        { "name alone", Post + "foo\r\n\r\n", 400, "http1.codec_error" },
        { "control in name", Post + "fo\u0001o: x\r\n\r\n", 400, "http1.codec_error" },
        { "NUL in name", Post + "fo\0o: x\r\n\r\n", 400, "http1.codec_error" },
        { "obs-text in name", Post + "fo\u00e4: x\r\n\r\n", 400, "http1.codec_error" },
        { "separator in name", Post + "fo@o: x\r\n\r\n", 400, "http1.codec_error" },
        { "tab before colon", Post + "foo\t: x\r\n\r\n", 400, "http1.codec_error" },
        { "bare line feed behind value", Post + "foo: x\nbar: y\r\n\r\n", 400, "http1.codec_error" },
        { "bare line feed behind request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "bare line feed ends the head", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400, "http1.codec_error" },
        { "bare return in value", Post + "foo: x\ry\r\n\r\n", 400, "http1.codec_error" },
        { "return at the end of value", Post + "foo: x\r\r\n\r\n", 400, "http1.codec_error" },
        { "bare return ends the head", Post + "\rX\r\n\r\n", 400, "http1.codec_error" },
        { "bare return in request line", "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "NUL in value", Post + "foo: x\0y\r\n\r\n", 400, "http1.invalid_characters" },
        { "NUL before value", Post + "foo: \0\r\n\r\n", 400, "http1.invalid_characters" },
        { "DEL in value", Post + "foo: x\u007f\r\n\r\n", 400, "http1.invalid_characters" },
        { "vertical tab in value", Post + "foo: x\u000b\r\n\r\n", 400, "http1.invalid_characters" },
    };

    public static TheoryData<string, string, int, string> RequestLines => new()
    {
        { "HTTP/1.01", "GET / HTTP/1.01\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "HTTP/1.32", "GET / HTTP/1.32\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "http1.codec_error" },
        { "HTTP/4294967295.255", "GET / HTTP/4294967295.255\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "http/1.1", "GET / http/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "HTTP/1.1 and space", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "no version", "GET / \r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "HTTP/0.9", "GET /\r\n", 400, "http1.codec_error" },
        { "HTTP/0.9 in words", "GET / HTTP/0.9\r\n\r\n", 400, "http1.codec_error" },
        { "HTTP/1.0 when not accepted", "GET / HTTP/1.0\r\nHost: h\r\n\r\n", 426, "low_version" },
        { "two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "tab for space", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "space first", " GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "lower-case method", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "unknown method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "a TLS hello", "\u0016\u0003\u0001\u0002\u0000", 400, "http1.codec_error" },
        { "no host", "GET / HTTP/1.1\r\n\r\n", 400, "missing_host_header" },
        { "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "http.invalid_authority" },
        { "two hosts and an authority", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "http.invalid_authority" },
        { "host with space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "http.invalid_authority" },
        { "host with tab", "GET / HTTP/1.1\r\nHost: a\tb\r\n\r\n", 400, "http.invalid_authority" },
        { "host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "http.invalid_authority" },
        { "host with comma", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400, "http.invalid_authority" },
        { "host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "http.invalid_authority" },
        { "host with bad port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "http.invalid_authority" },
        { "host with port too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400, "http.invalid_authority" },
        { "host with two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400, "http.invalid_authority" },
        { "host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "http.invalid_authority" },
        { "host with obs-text", "GET / HTTP/1.1\r\nHost: \u00e4\r\n\r\n", 400, "http.invalid_authority" },
        { "unknown scheme", "GET hps://x HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_scheme" },
        { "https in plaintext", "GET https://x/ HTTP/1.1\r\nHost: h\r\n\r\n", 403, "http1.https_url_on_plaintext_connection" },
        { "URL without host", "GET http:/// HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "URL with user", "GET http://u@x/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "URL with port too large", "GET http://x:1000000/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "asterisk of GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "asterisk and path", "OPTIONS */x HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "path without slash", "GET admin HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "authority of GET", "GET host:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "fragment alone", "GET #a HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "space in path", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "obs-text in path", "GET /\u00e4 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "NUL in path", "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.codec_error" },
        { "CONNECT of a path", "CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "CONNECT without port", "CONNECT host HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "CONNECT with empty port", "CONNECT host: HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "CONNECT of a URL", "CONNECT http://h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http1.invalid_url" },
        { "CONNECT with length", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n", 400, "http1.body_disallowed" },
        { "CONNECT with chunks", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 501, "http1.invalid_transfer_encoding" },
        { "underscore", "GET / HTTP/1.1\r\nHost: h\r\nfoo_bar: x\r\n\r\n", 400, "http1.unexpected_underscore" },
        { "long URL", $"GET /{new string('a', 61 * 1024)} HTTP/1.1\r\nHost: h\r\n\r\n", 431, "http1.headers_too_large" },
        { "long URL without end", $"GET /{new string('a', 61 * 1024)}", 431, "http1.headers_too_large" },
        { "long value", $"GET / HTTP/1.1\r\nHost: h\r\nx: {new string('a', 61 * 1024)}\r\n\r\n", 431, "http1.headers_too_large" },
        { "long name", $"GET / HTTP/1.1\r\nHost: h\r\n{new string('a', 61 * 1024)}: x\r\n\r\n", 431, "http1.headers_too_large" },
        { "many bytes of headers", $"GET / HTTP/1.1\r\nHost: h\r\n{string.Concat(Enumerable.Repeat($"x: {new string('a', 1000)}\r\n", 62))}\r\n", 431, "http1.headers_too_large" },
        { "101 headers", $"GET / HTTP/1.1\r\nHost: h\r\n{string.Concat(Enumerable.Repeat("a: b\r\n", 100))}\r\n", 431, "http1.too_many_headers" },
    };

    [Theory]
    [MemberData(nameof(Framing))]
    [MemberData(nameof(Lines))]
    [MemberData(nameof(RequestLines))]
    public void Bad_request_is_refused_once_and_nothing_behind_it_is_read(string what, string request, int status, string details)
    {
        var options = new Http1DecoderOptions { Underscores = UnderscoreAction.RejectRequest, RefuseHttpsUrl = true, AcceptHttp10 = what.Contains("in HTTP/1.0", StringComparison.Ordinal) };
        var recorder = Wire.Request(request + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n", options);
        Assert.Equal((status, details), (recorder.Error?.Status ?? 0, recorder.Error?.Details));
        Assert.Equal("begin", recorder.Events[0]);
        Assert.Single(recorder.Events, e => e == "begin");
        Assert.StartsWith("error", recorder.Events[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("smuggled", recorder.Log(), StringComparison.Ordinal);
        Assert.False(recorder.Decoder.KeepAlive);
        Assert.Equal(3, recorder.Decoder.Decode("abc"u8));
        recorder.Decoder.DecodeEnd();
        Assert.StartsWith("error", recorder.Events[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_up_to_the_limits_are_taken()
    {
        var hundred = Wire.Request($"GET / HTTP/1.1\r\nHost: h\r\n{string.Concat(Enumerable.Repeat("a: b\r\n", 99))}\r\n");
        Assert.Null(hundred.Error);
        Assert.Equal(102, hundred.Headers.Count);

        const string rest = "GET / HTTP/1.1\r\nHost: h\r\nx: \r\n\r\n";
        var exact = Wire.Request(rest.Replace("x: ", "x: " + new string('a', (60 * 1024) - rest.Length), StringComparison.Ordinal));
        Assert.Null(exact.Error);
        Assert.Equal(60 * 1024, exact.Decoder.HeadBytes);
    }

    [Fact]
    public void Valid_request_is_told_before_the_invalid_one_behind_it()
        => Assert.Equal(
            "begin\nheaders. [:method=GET][:path=/][:authority=h]\nbegin\nerror 400 http1.codec_error",
            Wire.Request("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nbad header\r\n\r\n").Log());

    [Fact]
    public void Length_and_chunks_are_told_as_chunks_when_allowed()
        => Assert.EndsWith(
            "headers [:method=POST][:path=/][:authority=h][transfer-encoding=chunked]\ndata a\nend",
            Wire.Request(Post + "Content-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", new Http1DecoderOptions { AllowChunkedLength = true }).Log(),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("GET / HT")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab")]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n")]
    public void End_of_the_connection_inside_a_request_is_an_error(string start)
    {
        var recorder = Wire.Request(start);
        Assert.Null(recorder.Error);
        recorder.Decoder.DecodeEnd();
        Assert.Equal("http1.codec_error", recorder.Error?.Details);
    }

    [Fact]
    public void End_of_the_connection_between_requests_is_none()
    {
        var recorder = Wire.Request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        recorder.Decoder.DecodeEnd();
        Assert.Null(recorder.Error);
    }
}
