using Weft.Http.Http1;

namespace Weft.Http.Tests.Http1;

/// <summary>How the input is cut must not show: the same events for every cut, and for single bytes.</summary>
public sealed class SplitTests
{
    public static TheoryData<bool, string> Messages => new()
    {
        { false, "GET /a HTTP/1.1\r\nHost: h\r\nAccept:*/*\r\nX-Empty:\r\nx:  y \t\r\n\r\nPOST / HTTP/1.1\r\nHost:h\r\nContent-Length: 3\r\n\r\nabc\r\nGET http://b?q HTTP/1.1\r\nHost: h\r\n\r\n" },
        { false, "\r\n\r\nPOST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\na;x=y\r\n0123456789\r\n3\r\nabc\r\n0\r\nTrail: 1\r\nt2:2\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: h\r\nbad value: \0\r\nfoo: bar\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: h\r\nfoo: b\u0001ar\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: h\r\nfoo: bar\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: h\r\nfoo: bar\rx\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n" },
        { false, "GET / HTTP/3.1\r\nHost: h\r\n\r\n" },
        { false, "GET /\r\nHost: h\r\n\r\n" },
        { false, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;\nabc" },
        { true, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nServer:x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\na:b\r\n\r\n" },
        { true, "HTTP/1.0 200\r\nX: y\r\n\r\nuntil the end" },
        { true, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_cut_gives_the_same_events(bool isResponse, string text)
    {
        var options = new Http1DecoderOptions { EnableTrailers = true };
        var expected = Wire.Run(text, isResponse, options).Log();
        for (var first = 0; first <= text.Length; first++)
        {
            Assert.Equal(expected, Wire.Run(text, isResponse, options, cuts: [first]).Log());
            for (var second = first; second <= Math.Min(first + 40, text.Length); second++)
                Assert.Equal(expected, Wire.Run(text, isResponse, options, cuts: [first, second]).Log());
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Single_bytes_give_the_same_events(bool isResponse, string text)
    {
        var options = new Http1DecoderOptions { EnableTrailers = true };
        var whole = Wire.Run(text, isResponse, options);
        var bytes = Wire.Run(text, isResponse, options, cuts: [.. Enumerable.Range(1, text.Length - 1)]);
        Assert.Equal(whole.Log(), bytes.Log());
        Assert.Equal(whole.Decoder.HeadBytes, bytes.Decoder.HeadBytes);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(200)]
    public void Limit_is_met_at_the_same_place_in_every_cut(int limit)
    {
        const string text = "GET /aaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\nHost: h\r\nfoo:bar\r\nlong: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nbad\u0001: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n";
        var options = new Http1DecoderOptions { MaxHeadersBytes = limit };
        var expected = Wire.Run(text, false, options).Log();
        Assert.EndsWith(limit < 150 ? "http1.headers_too_large" : "http1.codec_error", expected, StringComparison.Ordinal);
        for (var cut = 0; cut <= text.Length; cut++) Assert.Equal(expected, Wire.Run(text, false, options, cuts: [cut]).Log());
        Assert.Equal(expected, Wire.Run(text, false, options, cuts: [.. Enumerable.Range(1, text.Length - 1)]).Log());
    }

    [Theory]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: h\r\nfoo: bar\n")]
    [InlineData(false, "GET / HTTP/1.1\n")]
    [InlineData(false, "PUR\nGE")]
    [InlineData(true, "HTTP/1.1 200 OK\n")]
    [InlineData(true, "HTTP/1.1 200 OK\r\nfoo\n")]
    public void Bare_line_feed_is_refused_when_it_comes(bool isResponse, string text)
        => Assert.Equal("http1.codec_error", Wire.Run(text, isResponse).Error?.Details);

    [Fact]
    public void Long_line_in_single_bytes_is_not_scanned_again_and_again()
    {
        // Sixty thousand bytes one by one: with a scan from the start of the line at each, this would be two thousand million steps.
        var text = $"GET / HTTP/1.1\r\nHost: h\r\nx: {new string('a', 60_000)}\r\n\r\n";
        Assert.Equal(Wire.Request(text).Log(), Wire.Run(text, false, cuts: [.. Enumerable.Range(1, text.Length - 1)]).Log());
    }

    [Fact]
    public void Many_short_lines_without_space_are_brought_to_normal_form_in_any_cut()
    {
        var text = $"GET / HTTP/1.1\r\nHost: h\r\n{string.Concat(Enumerable.Range(0, 90).Select(i => $"n{i}:{i}{(i % 3 == 0 ? "  " : "")}\r\n"))}\r\n";
        var expected = Wire.Request(text).Log();
        Assert.Contains("[n89=89]", expected, StringComparison.Ordinal);
        for (var cut = 1; cut < text.Length; cut++) Assert.Equal(expected, Wire.Run(text, false, cuts: [cut]).Log());
    }
}
