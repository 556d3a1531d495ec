using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Harness.Http2Frames;

namespace Weft.EndToEnd.Tests.Http2;

/// <summary>Clients that ask over HTTP/1.1 to go on in HTTP/2 (<c>Upgrade: h2c</c>): they are served in HTTP/1.1, and upstreams hear nothing of it.</summary>
public sealed class H2cUpgradeTests
{
    private const string Asks = "host: a\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";
    private const string Enabled = "          upgrade_configs: [ { upgrade_type: h2c }, { upgrade_type: websocket } ]\n          http2_protocol_options: { allow_connect: true }\n";
    private const string Http10 = "          http_protocol_options: { accept_http_10: true }";

    [Fact]
    public async Task Curl_that_asks_for_HTTP_2_is_answered_in_HTTP_1()
    {
        var site = new Site();
        await using var weft = await site.StartAsync();

        var (exitCode, output, error) = await Shell.RunAsync(
            "curl", ["-sv", "--http2", "-d", "hello", "-w", " %{http_version} %{num_connects}", $"http://127.0.0.1:{await weft.Port("web")}/curl"]);

        Assert.True(exitCode == 0, error);
        Assert.Contains("> Upgrade: h2c", error, StringComparison.Ordinal);
        Assert.Equal("ok 1.1 1", output);
        Assert.StartsWith("POST /curl HTTP/1.1\r\n", site.OnlyHead(), StringComparison.Ordinal);
        AssertPlain(site.OnlyHead());
    }

    [Fact]
    public async Task Nghttp_that_insists_on_it_is_told_by_a_plain_answer()
    {
        var site = new Site();
        await using var weft = await site.StartAsync();

        var (_, _, error) = await Shell.RunAsync("nghttp", ["-u", "-v", $"http://127.0.0.1:{await weft.Port("web")}/"]);

        Assert.Contains("HTTP Upgrade failed", error, StringComparison.Ordinal);
        AssertPlain(site.OnlyHead());
        Assert.Equal(0, await weft.Stat("http.web.downstream_cx_http2_total"));
        Assert.Equal(0, await weft.Stat("http.web.downstream_cx_protocol_error"));
    }

    [Theory]
    [InlineData("1.1", "")]
    [InlineData("1.1", Enabled)]
    [InlineData("1.0", Http10)]
    [InlineData("1.0", Enabled + Http10)]
    public async Task Request_behind_it_is_the_next_one_whatever_is_enabled(string version, string manager)
    {
        var site = new Site();
        await using var weft = await site.StartAsync(manager);
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync($"POST /first HTTP/{version}\r\n{Asks}connection: keep-alive\r\ncontent-length: 5\r\n\r\nhelloGET /second HTTP/1.1\r\nhost: a\r\n\r\n");

        var answers = await client.ReadUntilAsync(text => text.Split("\r\n\r\nok").Length == 3, "two answers");
        Assert.DoesNotContain("101", answers, StringComparison.Ordinal);
        var heads = site.Heads();
        Assert.Equal(2, heads.Length);
        Assert.StartsWith("POST /first HTTP/1.1\r\n", heads[0], StringComparison.Ordinal);
        AssertPlain(heads[0]);
        Assert.StartsWith("helloGET /second HTTP/1.1\r\n", heads[1], StringComparison.Ordinal);
        Assert.Equal(0, await weft.Stat("http.web.downstream_cx_upgrades_total"));
    }

    [Fact]
    public async Task Preface_behind_it_is_a_bad_request()
    {
        var site = new Site();
        await using var weft = await site.StartAsync(Enabled);
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync($"GET /first HTTP/1.1\r\n{Asks}\r\n{Preface}{Head(1, ":method=GET :scheme=http :authority=a :path=/hidden")}");

        var answers = (await client.ReadToEndAsync()).Split("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answers[0], StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 4", answers[1], StringComparison.Ordinal);
        AssertPlain(site.OnlyHead());
        Assert.Equal(0, await weft.Stat("http.web.downstream_cx_http2_total"));
    }

    [Theory]
    [InlineData("upgrade: h2c, websocket\r\n")]
    [InlineData("upgrade: h2c\r\nupgrade: websocket\r\n")]
    [InlineData("upgrade: websocket\r\nUpgrade: H2C\r\n")]
    public async Task H2c_among_others_is_an_upgrade_that_is_not_enabled(string upgrade)
    {
        var site = new Site();
        await using var weft = await site.StartAsync(Enabled);
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n{upgrade}\r\nGET /hidden HTTP/1.1\r\nhost: a\r\n\r\n");

        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 403 Forbidden\r\n", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(site.Heads());
    }

    [Fact]
    public async Task Tunnel_of_h2c_over_HTTP_2_is_forbidden_like_any_that_is_not_enabled()
    {
        var site = new Site();
        await using var weft = await site.StartAsync("          http2_protocol_options: { allow_connect: true }");
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync(Preface + Head(1, ":method=CONNECT :protocol=h2c :scheme=http :authority=a :path=/", endStream: false) + Frame(Data, 0, 1, "tunnelled"));

        await weft.WaitForStat("http.web.downstream_rq_4xx", 1);
        Assert.Empty(site.Heads());
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nconnection: upgrade\r\nupgrade: h2,h2c\r\ncontent-length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\n")]
    public async Task Upstream_that_offers_it_is_not_followed(string response, string answer)
    {
        var site = new Site(response);
        await using var weft = await site.StartAsync(Enabled);
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync($"GET / HTTP/1.1\r\n{Asks}\r\n");

        var head = await client.ReadUntilAsync("\r\n\r\n");
        Assert.StartsWith(answer, head, StringComparison.Ordinal);
        Assert.DoesNotContain("upgrade", head, StringComparison.OrdinalIgnoreCase);
    }

    private static void AssertPlain(string head)
    {
        Assert.DoesNotContain("h2c", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("upgrade", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http2-settings", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\r\nconnection:", head, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>An upstream that keeps what it gets up to each end of a head, and a proxy before it with one worker.</summary>
    private sealed class Site(string? response = null)
    {
        private readonly List<string> _heads = [];

        public Task<WeftProcess> StartAsync(string manager = "")
        {
            var upstream = new ScriptedUpstream(async (peer, _) =>
            {
                while (true)
                {
                    var head = (await peer.ReadUntilAsync("\r\n\r\n"))[..(peer.Received.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)];
                    peer.Forget(head.Length);
                    lock (_heads)
                        _heads.Add(head);
                    await peer.SendAsync(response ?? ScriptedUpstream.Ok("ok"));
                }
            });
            return WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager), "--concurrency", "1");
        }

        public string[] Heads()
        {
            lock (_heads)
                return [.. _heads];
        }

        public string OnlyHead() => Assert.Single(Heads());
    }
}
