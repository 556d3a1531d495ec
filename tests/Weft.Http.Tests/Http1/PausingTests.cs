using System.Text;
using Weft.Http.Http1;

namespace Weft.Http.Tests.Http1;

public sealed class PausingTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Upgrade = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n";

    [Fact]
    public void Pipelined_requests_wait_for_resume()
    {
        var recorder = Wire.New(isResponse: false);
        var bytes = Wire.Bytes(Get + Get);
        Assert.Equal(Get.Length, recorder.Decoder.Decode(bytes));
        Assert.True(recorder.Decoder.IsPaused);
        Assert.True(recorder.Decoder.IsIdle);
        Assert.Equal(0, recorder.Decoder.Decode(bytes.AsSpan(Get.Length)));
        recorder.Decoder.Resume();
        Assert.Equal(Get.Length, recorder.Decoder.Decode(bytes.AsSpan(Get.Length)));
        Assert.Equal(4, recorder.Events.Count);
    }

    [Fact]
    public void Request_that_is_answered_at_once_lets_the_next_one_in_without_waiting()
    {
        var recorder = Wire.New(isResponse: false);
        recorder.AtEnd = () => recorder.Decoder.Resume();
        Assert.Equal(3 * Get.Length, recorder.Decoder.Decode(Wire.Bytes(Get + Get + Get)));
        Assert.Equal(6, recorder.Events.Count);
    }

    [Fact]
    public void Pause_in_the_head_keeps_the_body_outside()
    {
        var recorder = Wire.New(isResponse: false);
        recorder.AtHeaders = _ => recorder.Decoder.Pause();
        const string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n";
        Assert.Equal(head.Length, recorder.Decoder.Decode(Wire.Bytes(head + "body")));
        Assert.Equal(0, recorder.Decoder.Decode("body"u8));
        recorder.Decoder.Resume();
        Assert.Equal(4, recorder.Decoder.Decode("body"u8));
        Assert.EndsWith("data body\nend", recorder.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pause_in_a_chunk_takes_no_further_one()
    {
        var recorder = Wire.New(isResponse: true);
        recorder.AtData = () => recorder.Decoder.Pause();
        var bytes = Wire.Bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
        var calls = 0;
        for (var taken = 0; taken < bytes.Length; calls++)
        {
            taken += recorder.Decoder.Decode(bytes.AsSpan(taken));
            Assert.True(recorder.Decoder.IsPaused);
            recorder.Decoder.Resume();
        }

        Assert.Equal(3, calls);
        Assert.EndsWith("data ab\nend", recorder.Log(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Upgrade)]
    [InlineData("CONNECT h:1 HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT h:1 HTTP/1.1\r\nContent-Length: 0\r\nHost: x\r\n\r\n")]
    public void Upgrade_or_connect_waits_for_a_verdict(string request)
    {
        var recorder = Wire.New(isResponse: false);
        var bytes = Wire.Bytes(request + "tunnel");
        Assert.Equal(request.Length, recorder.Decoder.Decode(bytes));
        Assert.True(recorder.Decoder.IsPaused);
        Assert.False(recorder.Decoder.IsIdle);
        Assert.Equal(0, recorder.Decoder.Decode("tunnel"u8));
        Assert.DoesNotContain("content-length", recorder.Log(), StringComparison.Ordinal);
        recorder.Decoder.SwitchToTunnel();
        Assert.Equal(6, recorder.Decoder.Decode("tunnel"u8));
        recorder.Decoder.DecodeEnd();
        Assert.EndsWith("data tunnel\nend", recorder.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public void Upgrade_accepted_within_the_call_goes_on_at_once()
    {
        var recorder = Wire.New(isResponse: false);
        recorder.AtHeaders = _ => recorder.Decoder.SwitchToTunnel();
        Assert.Equal(Upgrade.Length + 6, recorder.Decoder.Decode(Wire.Bytes(Upgrade + "tunnel")));
        Assert.EndsWith("data tunnel", recorder.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public void Upgrade_that_is_not_accepted_is_an_ordinary_request()
    {
        var recorder = Wire.New(isResponse: false);
        recorder.Decoder.Decode(Wire.Bytes(Upgrade));
        recorder.Decoder.Resume();
        Assert.Equal(0, recorder.Decoder.Decode(default));
        Assert.EndsWith("\nend", recorder.Log(), StringComparison.Ordinal);
        Assert.True(recorder.Decoder.IsPaused);
        Assert.True(recorder.Decoder.IsIdle);

        recorder = Wire.New(isResponse: false);
        recorder.AtHeaders = _ => recorder.Decoder.Resume();
        recorder.Decoder.Decode(Wire.Bytes(Upgrade.Replace("Host", "Content-Length: 3\r\nHost", StringComparison.Ordinal) + "abc"));
        Assert.EndsWith("data abc\nend", recorder.Log(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: foo\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n")]
    public void What_is_no_upgrade_is_an_ordinary_request(string request)
        => Assert.StartsWith("headers. ", Wire.Request(request, new Http1DecoderOptions { AcceptHttp10 = true }).Events[1], StringComparison.Ordinal);

    [Theory]
    [InlineData("HTTP/1.1", "Upgrade: h2c\r\nHTTP2-Settings: AA\r\n")]
    [InlineData("HTTP/1.1", "upgrade:\tH2C \r\nHTTP2-Settings: AA\r\nHTTP2-Settings: AB\r\n")]
    [InlineData("HTTP/1.1", "Upgrade: h2c\r\n")]
    [InlineData("HTTP/1.0", "Upgrade: h2c\r\nHTTP2-Settings: AA\r\n")]
    [InlineData("HTTP/1.0", "Upgrade: websocket\r\n")]
    public void Upgrade_that_is_not_heard_leaves_nothing_of_itself(string version, string upgrade)
    {
        var recorder = Wire.Request(
            $"POST / {version}\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n{upgrade}Content-Length: 3\r\n\r\nabc", new Http1DecoderOptions { AcceptHttp10 = true });

        Assert.Equal("[:method=POST][:path=/][:authority=h][connection=Upgrade, HTTP2-Settings][content-length=3]", Recorder.Text(recorder.Headers));
        Assert.EndsWith("data abc\nend", recorder.Log(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upgrade: tls/1.2\r\n", "")]
    [InlineData("Upgrade: TLS/1.2 , tls/1.3,\r\n", "")]
    [InlineData("Upgrade: tls/1.2, websocket,tls/1.3, other\r\n", "[upgrade=websocket,other]")]
    [InlineData("Upgrade: websocket\r\n", "[upgrade=websocket]")]
    public void Upgrades_that_are_to_be_ignored_are(string upgrade, string left)
    {
        var ignored = new Http1DecoderOptions { IgnoresUpgrade = static member => Encoding.ASCII.GetString(member).StartsWith("tls/", StringComparison.OrdinalIgnoreCase) };
        var recorder = Wire.New(isResponse: false, ignored);
        recorder.Decoder.Decode(Wire.Bytes($"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n{upgrade}\r\n"));
        Assert.Equal($"[:method=GET][:path=/][:authority=h][connection=Upgrade]{left}", Recorder.Text(recorder.Headers));
        // Only a head that still asks for one waits for a verdict.
        Assert.StartsWith(left.Length > 0 ? "headers " : "headers. ", recorder.Events[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upgrade: h2c, websocket\r\n")]
    [InlineData("Upgrade: websocket\r\nUpgrade: h2c\r\n")]
    [InlineData("Upgrade: h2c\r\nUpgrade: h2c\r\n")]
    public void H2c_among_others_waits_for_a_verdict(string upgrade)
    {
        var recorder = Wire.New(isResponse: false);
        recorder.Decoder.Decode(Wire.Bytes($"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n{upgrade}\r\nPRI * HTTP/2.0\r\n\r\n"));
        Assert.True(recorder.Decoder.IsPaused);
        Assert.Equal(2, recorder.Events.Count);
        Assert.StartsWith("headers ", recorder.Events[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1", "h2c", "")]
    [InlineData("HTTP/1.0", "websocket", "[upgrade=websocket]")]
    public void Answer_to_an_upgrade_says_nothing_of_h2c(string version, string upgrade, string left)
    {
        var recorder = Wire.New(isResponse: true);
        recorder.Decoder.ExpectResponseTo("GET"u8, upgrade: true);
        recorder.Decoder.Decode(Wire.Bytes($"{version} 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: {upgrade}\r\n\r\n"));
        Assert.Equal("[:status=101][connection=upgrade]" + left, Recorder.Text(recorder.Headers));
    }

    [Fact]
    public void Reset_within_a_call_ends_the_decoding()
    {
        var recorder = Wire.New(isResponse: false);
        recorder.AtHeaders = _ => recorder.Decoder.Reset();
        Assert.Equal(Get.Length, recorder.Decoder.Decode(Wire.Bytes(Get + Get)));
        Assert.True(recorder.Decoder.IsIdle);
        recorder.AtHeaders = null;
        Assert.Equal(Get.Length, recorder.Decoder.Decode(Wire.Bytes(Get)));
        Assert.Equal(4, recorder.Events.Count);
    }

    [Fact]
    public void Reset_makes_a_failed_decoder_usable()
    {
        var recorder = Wire.New(isResponse: true);
        recorder.Decoder.ExpectResponseTo("HEAD"u8);
        recorder.Decoder.Decode("x"u8);
        Assert.NotNull(recorder.Error);
        recorder.Decoder.Reset();
        Assert.True(recorder.Decoder.KeepAlive);
        recorder.Decoder.Decode("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"u8);
        Assert.EndsWith("data a\nend", recorder.Log(), StringComparison.Ordinal);
    }
}
