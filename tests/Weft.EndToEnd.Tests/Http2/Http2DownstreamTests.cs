using System.Net;
using System.Net.Http.Headers;
using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Harness.Http2Frames;

namespace Weft.EndToEnd.Tests.Http2;

/// <summary>Clients that speak HTTP/2 in clear text, before an upstream that speaks HTTP/1.1.</summary>
public sealed class Http2DownstreamTests
{
    private const string Get = ":method=GET :scheme=http :authority=a :path=/";

    [Fact]
    public async Task A_client_is_recognised_by_its_preface_and_answered_in_its_protocol()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = Http2Client.Create(await weft.Port("web"));

        using var response = await client.GetAsync("/");

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        await weft.ExpectStat("http.web.downstream_cx_http2_total", 1);
        await weft.ExpectStat("http.web.downstream_rq_http2_total", 1);
        Assert.Equal(0, await weft.Stat("http.web.downstream_cx_http1_total"));
    }

    [Fact]
    public async Task A_preface_in_single_bytes_is_recognised_too()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        foreach (var c in Preface + Head(1, Get))
            await client.SendAsync(c.ToString());

        await client.ReadUntilAsync("hello");
    }

    [Fact]
    public async Task A_method_that_begins_like_the_preface_is_HTTP_1()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("P");
        await client.SendAsync("UT / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadUntilAsync("hello"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_requests_share_one_connection()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = Http2Client.Create(await weft.Port("web"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 90).Select(i => client.GetStringAsync($"/{i}")));

        Assert.All(answers, answer => Assert.Equal("hello", answer));
        await weft.ExpectStat("http.web.downstream_cx_total", 1);
        await weft.ExpectStat("http.web.downstream_rq_2xx", 90);
    }

    [Fact]
    public async Task A_large_body_goes_up_and_another_comes_down()
    {
        var large = new string('x', 3_000_000);
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync(3_000_001);
            await peer.SendAsync(ScriptedUpstream.Ok(large));
            await peer.ReadToEndAsync();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = Http2Client.Create(await weft.Port("web"));

        using var response = await client.PostAsync("/", new StringContent(large));

        Assert.Equal(large, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Curl_reads_a_large_body()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok(new string('y', 2_000_000)));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));

        var output = Shell.Run("curl", ["-s", "--http2-prior-knowledge", $"http://127.0.0.1:{await weft.Port("web")}/", "-w", "%{http_version} %{http_code}"]);

        Assert.Equal(2_000_000 + "2 200".Length, output.Length);
        Assert.EndsWith("2 200", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_local_reply_to_a_grpc_client_is_a_grpc_status()
    {
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(1, routes: "              - { match: { path: /nothing }, route: { cluster: backend } }"));
        using var client = Http2Client.Create(await weft.Port("web"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/a.B/C") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
        request.Headers.TE.ParseAdd("trailers");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_malformed_request_ends_the_connection_and_never_reaches_the_upstream()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        var log = Path.GetTempFileName();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: LogTo(log)));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync(Preface + Head(1, Get + " connection=close"));

        Assert.Equal(1, GoAwayCode(await client.ReadToEndAsync()));
        Assert.Equal(0, upstream.Connections);
        await weft.ExpectStat("http2.rx_messaging_error", 1);
        await weft.ExpectStat("http.web.downstream_cx_protocol_error", 1);
        Assert.Equal(0, await weft.StopAsync());
        Assert.Equal("0 DPE http2.invalid.header.field\n", await File.ReadAllTextAsync(log));
        File.Delete(log);
    }

    [Fact]
    public async Task With_stream_errors_a_malformed_request_ends_its_stream_only()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(
            upstream.Port, manager: "          http2_protocol_options: { override_stream_error_on_invalid_http_message: true }"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync(Preface + Head(1, Get + " connection=close") + Head(3, Get));

        var received = await client.ReadUntilAsync("hello");
        Assert.Contains(In(received), frame => frame is { Type: Reset, Stream: 1 });
    }

    [Fact]
    public async Task When_the_process_stops_clients_are_told_and_what_runs_is_finished()
    {
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            arrived.SetResult();
            await answer.Task;
            await peer.SendAsync(ScriptedUpstream.Ok("late"));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: "          drain_timeout: 0.1s"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Preface + Head(1, Get));
        await arrived.Task;

        weft.Signal("TERM");
        await client.ReadUntilAsync(text => In(text).Count(frame => frame.Type == GoAway) == 2, "both GOAWAYs");
        answer.SetResult();

        var received = await client.ReadToEndAsync();
        var lastStreams = In(received).Where(frame => frame.Type == GoAway).Select(frame => (int)frame.Payload[3] | (frame.Payload[0] << 24)).ToArray();
        Assert.Equal(0x7F0000FF, lastStreams[0]);
        Assert.Equal(1, lastStreams[1]);
        Assert.Contains(In(received), frame => frame is { Type: Data, Stream: 1, Payload: "late" });
        Assert.Equal(0, await weft.WaitForExitAsync());
    }

    [Theory]
    [InlineData("", "3=1024 4=16777216", 24 * 1024 * 1024 - 65_535)]
    [InlineData("hpack_table_size: 0, max_concurrent_streams: 7, initial_stream_window_size: 65535, initial_connection_window_size: 100000, allow_connect: true", "1=0 3=7 8=1", 100_000 - 65_535)]
    [InlineData("initial_stream_window_size: 2147483647, initial_connection_window_size: 65535, custom_settings_parameters: [ { identifier: 17, value: 5 } ]", "3=1024 4=2147483647 17=5", 0)]
    public async Task What_is_configured_is_what_the_settings_say(string options, string settings, int window)
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: $"          http2_protocol_options: {{ {options} }}"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Preface + Head(1, Get));

        var frames = In(await client.ReadUntilAsync("hello")).ToArray();
        var said = frames.First(frame => frame is { Type: Settings, Flags: 0 }).Payload;
        Assert.Equal(settings, string.Join(' ', Enumerable.Range(0, said.Length / 6).Select(i => $"{Number(said, 6 * i, 2)}={Number(said, (6 * i) + 2, 4)}")));
        Assert.Equal(window, frames.Where(frame => frame is { Type: WindowUpdate, Stream: 0 }).Select(frame => (int)Number(frame.Payload, 0, 4)).FirstOrDefault());

        static long Number(string bytes, int at, int count) => bytes.Substring(at, count).Aggregate(0L, (number, next) => (number << 8) | next);
    }

    private static string LogTo(string path) => $$"""
                  access_log:
                  - name: file
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                      path: {{path}}
                      log_format: { text_format_source: { inline_string: "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%\n" } }
        """;
}
