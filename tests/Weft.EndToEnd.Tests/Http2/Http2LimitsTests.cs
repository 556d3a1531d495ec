using System.Net.Sockets;
using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Harness.Http2Frames;

namespace Weft.EndToEnd.Tests.Http2;

/// <summary>How much a connection of HTTP/2 may ask for: streams, pings, requests of a turn and of its life, bytes that nobody takes.</summary>
public sealed class Http2LimitsTests
{
    private const string Get = ":method=GET :scheme=http :authority=a :path=/";
    private const string OneInATurn = "\nlayered_runtime: { layers: [ { name: static, static_layer: { http.max_requests_per_io_cycle: 1 } } ] }\n";

    [Fact]
    public async Task Streams_that_are_opened_only_to_be_reset_end_the_connection_at_the_250th()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.ReadToEndAsync());
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Preface);

        try
        {
            for (var streams = 0; streams < 10_000; streams++)
                await client.SendAsync(Head(2 * streams + 1, Get) + Frame(Reset, 0, 2 * streams + 1, "\0\0\0\x8"));
        }
        catch (SocketException)
        {
        }

        await weft.WaitForStat("http.web.downstream_rq_too_many_premature_resets", 1);
        await weft.ExpectStat("http.web.downstream_rq_total", 250);
    }

    [Fact]
    public async Task Pings_whose_answers_nobody_reads_end_the_connection()
    {
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(1));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Preface + string.Concat(Enumerable.Repeat(Frame(Ping, 0, 0, "12345678"), 2000)));

        await weft.WaitForStat("http2.outbound_control_flood", 1);
        await weft.WaitForStat("http.web.downstream_cx_destroy_local", 1);
    }

    [Fact]
    public async Task A_client_that_answers_no_ping_is_given_up()
    {
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(
            1, manager: "          http2_protocol_options: { connection_keepalive: { interval: 0.05s, timeout: 0.05s } }"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Preface);

        await client.ReadUntilAsync(text => In(text).Any(frame => frame is { Type: Ping, Flags: 0 }), "a PING");

        await weft.WaitForStat("http2.keepalive_timeout", 1);
        await weft.WaitForStat("http.web.downstream_cx_destroy_local", 1);
    }

    [Fact]
    public async Task Requests_beyond_those_of_a_turn_wait_and_when_they_are_given_up_no_upstream_sees_them()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                seen.Enqueue((await peer.ReadUntilAsync("\r\n\r\n")).Split(' ')[1]);
                peer.Forget();
                await peer.SendAsync(ScriptedUpstream.Ok("done"));
            }
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port) + OneInATurn);
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        // In one piece, so that they come with one read.
        await client.SendAsync(Preface + Head(1, Get + "one") + Head(3, Get + "given-up") + Frame(Reset, 0, 3, "\0\0\0\x08") + Head(5, Get + "five") + Head(7, Get + "seven"));

        await client.ReadUntilAsync(text => In(text).Count(frame => frame is { Type: Data, Payload: "done" }) == 3, "three answers");
        Assert.Equal(["/five", "/one", "/seven"], seen.Order());
        await weft.ExpectStat("http.web.downstream_rq_total", 4);
        await weft.ExpectStat("cluster.backend.upstream_rq_total", 3);
    }

    [Fact]
    public async Task Requests_that_wait_for_their_turn_lose_no_body()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                var request = await peer.ReadUntilAsync(text => text.Length > 10 && text[^9..^1] == "body of ", "the body");
                peer.Forget();
                await peer.SendAsync(ScriptedUpstream.Ok("got " + request[^9..]));
            }
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port) + OneInATurn);
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        const string Post = ":method=POST :scheme=http :authority=a :path=/ content-length=9";

        int[] streams = [1, 3, 5, 7];
        await client.SendAsync(Preface + string.Concat(streams.Select(stream => Head(stream, Post, endStream: false))) + string.Concat(streams.Select(stream => Frame(Data, EndStream, stream, $"body of {stream}"))));

        var received = await client.ReadUntilAsync(text => In(text).Count(frame => frame.Type == Data && frame.Payload.StartsWith("got ", StringComparison.Ordinal)) == 4, "four answers");
        foreach (var stream in streams)
            Assert.Contains(In(received), frame => frame.Type == Data && frame.Stream == stream && frame.Payload == $"got body of {stream}");
    }

    [Fact]
    public async Task Requests_that_have_begun_count_towards_the_most_of_a_connection_and_those_on_their_way_are_served()
    {
        var answer = new TaskCompletionSource();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await answer.Task;
            await peer.SendAsync(ScriptedUpstream.Ok("late"));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: "          drain_timeout: 0.1s\n          common_http_protocol_options: { max_requests_per_connection: 2 }"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Preface + Head(1, Get) + Head(3, Get) + Head(5, Get));

        await client.ReadUntilAsync(text => In(text).Count(frame => frame.Type == GoAway) == 2, "both GOAWAYs, before any answer");
        answer.SetResult();

        var frames = In(await client.ReadToEndAsync()).ToArray();
        Assert.Equal(5, frames.Last(frame => frame.Type == GoAway).Payload[3]);
        Assert.Equal([1, 3, 5], frames.Where(frame => frame is { Type: Data, Payload: "late" }).Select(frame => frame.Stream).Order());
        await weft.ExpectStat("http.web.downstream_cx_max_requests_reached", 2);
    }

    [Fact]
    public async Task The_last_request_that_a_connection_may_carry_is_answered_with_its_close()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: "          common_http_protocol_options: { max_requests_per_connection: 2 }"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.DoesNotContain("connection: close", await client.ReadUntilAsync("hello"), StringComparison.Ordinal);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.Contains("connection: close", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await weft.ExpectStat("http.web.downstream_cx_max_requests_reached", 1);
    }

    [Fact]
    public async Task A_response_that_nobody_takes_pauses_its_upstream()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 30000000\r\n\r\n" + new string('z', 30_000_000));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Preface + Head(1, Get));

        await weft.WaitForStat("cluster.backend.upstream_flow_control_paused_reading_total", 1);
        await client.SendAsync(Frame(WindowUpdate, 0, 0, "\x10\0\0\0") + Frame(WindowUpdate, 0, 1, "\x10\0\0\0"));

        await client.ReadUntilAsync(30_000_001);
        await weft.WaitForStat("http.web.downstream_rq_2xx", 1);
    }
}
