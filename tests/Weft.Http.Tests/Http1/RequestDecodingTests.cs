using Weft.Http.Http1;

namespace Weft.Http.Tests.Http1;

public sealed class RequestDecodingTests
{
    [Fact]
    public void Get_without_body_ends_with_its_head()
        => Assert.Equal(
            "begin\nheaders. [:method=GET][:path=/a?b=c][:authority=example.com][accept=*/*]",
            Wire.Request("GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n").Log());

    [Fact]
    public void Names_become_lower_case_and_values_stay()
        => Assert.Equal(
            "[:method=GET][:path=/][:authority=H.Example][x-a-very-long-header-name-indeed=VaLuE]",
            Head("GET / HTTP/1.1\r\nHOST: H.Example\r\nX-A-Very-Long-HEADER-Name-Indeed: VaLuE\r\n\r\n"));

    [Theory]
    [InlineData("a:b", "a: b\r\n")]
    [InlineData("a: b", "a: b\r\n")]
    [InlineData("a:   b", "a: b\r\n")]
    [InlineData("a:\tb", "a: b\r\n")]
    [InlineData("a: b \t ", "a: b\r\n")]
    [InlineData("a:", "a: \r\n")]
    [InlineData("a: ", "a: \r\n")]
    [InlineData("a:    ", "a: \r\n")]
    [InlineData("a: b\t c", "a: b\t c\r\n")]
    [InlineData("a:                                   a longer value than the room that the spaces leave behind it", "a: a longer value than the room that the spaces leave behind it\r\n")]
    [InlineData("a: \u00e4\u00ff", "a: \u00e4\u00ff\r\n")]
    public void Lines_are_kept_in_normal_form(string line, string stored)
    {
        var headers = Wire.Request($"GET / HTTP/1.1\r\nHost: h\r\n{line}\r\nnext: 1\r\n\r\n").Headers;
        Assert.Equal("1"u8, headers.Get(new HeaderName("next")));
        var entry = headers.Entries[headers.IndexOf(new HeaderName("a"))];
        Assert.Equal(Wire.Bytes(stored), headers.Store[entry.Line..entry.End]);
    }

    [Fact]
    public void Body_by_content_length_ends_with_its_last_byte()
        => Assert.Equal(
            "begin\nheaders [:method=POST][:path=/][:authority=h][content-length=5]\ndata hello\nend",
            Wire.Request("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello").Log());

    [Fact]
    public void Leading_zeros_of_a_content_length_count_as_decimal()
        => Assert.EndsWith("data hellohello\nend", Wire.Request("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 010\r\n\r\nhellohello").Log(), StringComparison.Ordinal);

    [Fact]
    public void Chunked_body_is_joined_and_extensions_are_skipped()
        => Assert.Equal(
            "begin\nheaders [:method=POST][:path=/][:authority=h][transfer-encoding=Chunked]\ndata hello world\nend",
            Wire.Request("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n006;a=b;\"c\"\r\n world\r\n0;x\r\n\r\n").Log());

    [Fact]
    public void Trailers_are_dropped_by_default()
        => Assert.EndsWith("data a\nend", Wire.Request(Chunked("1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n")).Log(), StringComparison.Ordinal);

    [Fact]
    public void Trailers_are_told_when_enabled_without_those_that_could_mislead()
        => Assert.EndsWith(
            "data a\ntrailers [x-sum=1][y=2]",
            Wire.Request(
                Chunked("1\r\na\r\n0\r\nX-Sum: 1\r\nHost: evil\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\ny:2\r\n\r\n"),
                new Http1DecoderOptions { EnableTrailers = true }).Log(),
            StringComparison.Ordinal);

    [Fact]
    public void Trailers_of_nothing_but_misleading_fields_are_a_plain_end()
        => Assert.EndsWith("data a\nend", Wire.Request(Chunked("1\r\na\r\n0\r\nHost: evil\r\n\r\n"), new Http1DecoderOptions { EnableTrailers = true }).Log(), StringComparison.Ordinal);

    [Fact]
    public void Empty_lines_before_a_request_are_ignored_and_begin_no_message()
    {
        var recorder = Wire.New(isResponse: false);
        Wire.Feed(recorder, "\r\n\r\n"u8);
        Assert.True(recorder.Decoder.IsIdle);
        Assert.Empty(recorder.Events);
        Wire.Feed(recorder, "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"u8);
        Assert.Equal(2, recorder.Events.Count);
    }

    [Theory]
    [InlineData("http://a.example/p?q", "[:method=GET][:path=/p?q][:authority=a.example][:scheme=http]")]
    [InlineData("HTTP://a.example", "[:method=GET][:path=/][:authority=a.example][:scheme=http]")]
    [InlineData("http://a.example:81?q=/", "[:method=GET][:path=/?q=/][:authority=a.example:81][:scheme=http]")]
    [InlineData("HttpS://[::1]:443/", "[:method=GET][:path=/][:authority=[::1]:443][:scheme=https]")]
    public void Absolute_form_gives_scheme_and_authority_and_wins_over_host(string url, string expected)
        => Assert.Equal(expected + "[x=1]", Head($"GET {url} HTTP/1.1\r\nHost: other\r\nx: 1\r\n\r\n"));

    [Fact]
    public void Absolute_form_needs_no_host()
        => Assert.Equal("[:method=GET][:path=/][:authority=a][:scheme=http]", Head("GET http://a/ HTTP/1.1\r\n\r\n"));

    [Fact]
    public void Absolute_form_is_left_as_path_when_not_allowed()
        => Assert.Equal(
            "[:method=GET][:path=http://a/][:authority=h]",
            Recorder.Text(Wire.Request("GET http://a/ HTTP/1.1\r\nHost: h\r\n\r\n", new Http1DecoderOptions { AllowAbsoluteUrl = false }).Headers));

    [Fact]
    public void Asterisk_form_is_a_path_of_options()
        => Assert.Equal("[:method=OPTIONS][:path=*][:authority=h]", Head("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"));

    [Theory]
    [InlineData("HTTP/1.1", "", true)]
    [InlineData("HTTP/1.1", "Connection: close\r\n", false)]
    [InlineData("HTTP/1.1", "Connection: foo, CLOSE\r\n", false)]
    [InlineData("HTTP/1.1", "Connection: foo\r\nConnection: close\r\n", false)]
    [InlineData("HTTP/1.1", "Proxy-Connection: close\r\n", false)]
    [InlineData("HTTP/1.1", "Connection: keep-alive\r\n", true)]
    [InlineData("HTTP/1.0", "", false)]
    [InlineData("HTTP/1.0", "Connection: Keep-Alive\r\n", true)]
    [InlineData("HTTP/1.0", "Connection: keep-alive, close\r\n", false)]
    public void Keep_alive_follows_version_and_connection_header(string version, string header, bool keepAlive)
        => Assert.Equal(keepAlive, Wire.Request($"GET / {version}\r\nHost: h\r\n{header}\r\n", Http10).Decoder.KeepAlive);

    [Fact]
    public void Version_of_each_message_is_told()
    {
        var recorder = Wire.Request("GET / HTTP/1.0\r\nHost: h\r\n\r\n", Http10);
        Assert.Equal(HttpProtocol.Http10, recorder.Decoder.Protocol);
        Wire.Feed(recorder, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"u8);
        Assert.Equal(HttpProtocol.Http11, recorder.Decoder.Protocol);
    }

    [Fact]
    public void Http10_without_host_gets_the_default_one()
        => Assert.Equal(
            "[:method=GET][:path=/][:authority=default.example]",
            Recorder.Text(Wire.Request("GET / HTTP/1.0\r\n\r\n", Http10 with { DefaultHostForHttp10 = "default.example" }).Headers));

    [Fact]
    public void Head_bytes_are_those_of_the_wire()
    {
        const string head = "GET / HTTP/1.1\r\nHost:h\r\nA:   b  \r\nContent-Length: 3\r\n\r\n";
        Assert.Equal(head.Length, Wire.Request("\r\n" + head + "abc").Decoder.HeadBytes);
    }

    [Fact]
    public void Repeated_headers_that_the_proxy_knows_are_joined()
        => Assert.Equal(
            "[:method=GET][:path=/][:authority=h][x-forwarded-for=1.1.1.1,2.2.2.2,3.3.3.3][x=1][cookie=a; b][x=2]",
            Head("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1\r\nx: 1\r\nX-Forwarded-For: 2.2.2.2\r\nCookie: a\r\nx: 2\r\nX-Forwarded-For: 3.3.3.3\r\nCookie: b\r\n\r\n"));

    [Fact]
    public void Headers_with_underscores_are_dropped_when_asked()
    {
        var recorder = Wire.Request(
            "GET / HTTP/1.1\r\nHost: h\r\nfoo_bar:x\r\ny: 1\r\n_: 2\r\n\r\n",
            new Http1DecoderOptions { Underscores = UnderscoreAction.DropHeader, MaxHeadersCount = 2 });
        Assert.Equal("[:method=GET][:path=/][:authority=h][y=1]", Recorder.Text(recorder.Headers));
        Assert.Equal(2, recorder.Decoder.DroppedHeaders);
        Wire.Feed(recorder, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"u8);
        Assert.Equal(0, recorder.Decoder.DroppedHeaders);
    }

    [Fact]
    public void Custom_methods_are_taken_when_allowed()
        => Assert.StartsWith("[:method=x-MY_method]", Recorder.Text(
            Wire.Request("x-MY_method / HTTP/1.1\r\nHost: h\r\n\r\n", new Http1DecoderOptions { AllowCustomMethods = true }).Headers), StringComparison.Ordinal);

    private static Http1DecoderOptions Http10 => new() { AcceptHttp10 = true };

    private static string Head(string request)
    {
        var recorder = Wire.Request(request);
        Assert.Null(recorder.Error);
        return Recorder.Text(recorder.Headers);
    }

    private static string Chunked(string body) => "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}
