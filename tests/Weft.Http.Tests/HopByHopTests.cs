namespace Weft.Http.Tests;

public sealed class HopByHopTests
{
    [Fact]
    public void Named_and_standard_hop_by_hop_headers_are_removed()
        => Assert.Equal(
            "[:method=GET][kept=1]",
            Stripped("connection=close, X-Secret,x-other ,kept2", "x-secret=1", "kept=1", "x-other=2", "x-other=3", "keep-alive=5", "proxy-connection=x", "transfer-encoding=chunked", "upgrade=h2c", "http2-settings=AA", "te=gzip"));

    [Theory]
    [InlineData("x-envoy-internal")]
    [InlineData("x-forwarded-client-cert")]
    [InlineData("x-request-id")]
    [InlineData("authorization")]
    [InlineData("cookie")]
    [InlineData("content-length")]
    [InlineData("host")]
    public void Sensitive_headers_cannot_be_removed_by_naming_them(string name)
    {
        var stored = name == "host" ? ":authority" : name;
        Assert.Equal($"[:method=GET][{stored}=1]", Stripped($"connection={name}", $"{stored}=1"));
    }

    [Theory]
    [InlineData("x-forwarded-for")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("x-forwarded-host")]
    [InlineData(":path")]
    [InlineData("a,b,c,d,e,f,g,h,i,j")]
    public void Request_that_names_what_it_must_not_is_refused(string connection)
        => Assert.False(HopByHop.Strip(HeaderMapTests.Of(":method=GET", ":path=/", $"connection={connection}", "x-forwarded-for=1"), keepUpgrade: false));

    [Fact]
    public void Response_that_does_so_keeps_its_headers()
    {
        var headers = HeaderMapTests.Of(":status=200", "connection=x-forwarded-for,a", "x-forwarded-for=1", "a=1");
        Assert.True(HopByHop.Strip(headers, keepUpgrade: false));
        Assert.Equal("[:status=200][x-forwarded-for=1]", Recorder.Text(headers));
    }

    [Theory]
    [InlineData("trailers", "[te=trailers]")]
    [InlineData("gzip, Trailers;q=1, trailers", "[te=trailers]")]
    [InlineData("gzip", "")]
    [InlineData("", "")]
    public void Only_trailers_are_left_of_te(string te, string left)
    {
        Assert.Equal("[:method=GET]" + left, Stripped("connection=te", $"te={te}"));
        Assert.Equal("[:method=GET]" + left, Stripped("connection=close", $"te={te}"));
    }

    [Theory]
    [InlineData("keep-alive, Upgrade", "WebSocket", true)]
    [InlineData("upgrade", "foo", true)]
    [InlineData("keep-alive", "websocket", false)]
    public void Upgrade_is_asked_by_both_headers(string connection, string upgrade, bool isUpgrade)
    {
        var headers = HeaderMapTests.Of(":method=GET", $"connection={connection}", $"upgrade={upgrade}");
        Assert.Equal(isUpgrade, HopByHop.IsUpgrade(headers));
        Assert.True(HopByHop.Strip(headers, keepUpgrade: true));
        Assert.Equal(isUpgrade ? $"[:method=GET][connection=upgrade][upgrade={upgrade}]" : "[:method=GET]", Recorder.Text(headers));
        Assert.True(HopByHop.Strip(headers, keepUpgrade: false));
        Assert.Equal("[:method=GET]", Recorder.Text(headers));
    }

    [Theory]
    [InlineData("\u00ff\u0080, x")]
    [InlineData("a b, x")]
    [InlineData("\"q\", x")]
    public void What_is_no_name_in_the_connection_header_names_nothing(string connection)
        => Assert.Equal("[:method=GET][y=1]", Stripped($"connection={connection}", "x=1", "y=1"));

    [Fact]
    public void Connection_cannot_remove_itself_half_way()
        => Assert.Equal("[:method=GET]", Stripped("connection=connection, x", "x=1"));

    private static string Stripped(params string[] headers)
    {
        var map = HeaderMapTests.Of([":method=GET", .. headers]);
        Assert.True(HopByHop.Strip(map, keepUpgrade: false));
        return Recorder.Text(map);
    }
}
