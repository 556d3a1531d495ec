using System.Text;
using Weft.Http.Http2;

namespace Weft.Http.Tests.Http2;

/// <summary>Two ends of the codec talk to each other.</summary>
public sealed class ExchangeTests
{
    private const string Get = ":method=GET :scheme=http :authority=a.example :path=/x";
    private const string Post = ":method=POST :scheme=http :authority=a.example :path=/x";

    [Fact]
    public void A_request_and_its_response_with_trailers()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        server.AtHeaders = call =>
        {
            call.Stream.WriteHeaders(Http2Peer.Map(":status=200 server=weft"), endStream: false);
            call.Stream.WriteData("hello"u8, endStream: false);
            call.Stream.WriteTrailers(Http2Peer.Map("grpc-status=0"));
        };
        var call = client.Request(Get);
        Http2Peer.Exchange(client, server);
        Assert.Equal("begin\nheaders. [:method=GET][:scheme=http][:authority=a.example][:path=/x]", server.Streams[0].Log());
        Assert.Equal("begin\nheaders [:status=200][server=weft]\ndata hello\ntrailers [grpc-status=0]", call.Log());
        Assert.True(call.IsClosed && server.Streams[0].IsClosed);
        Assert.Equal(0, client.Connection.ActiveStreams + server.Connection.ActiveStreams);
        Assert.Equal(1, client.Stats.Trailers.Value);
    }

    [Theory]
    [InlineData("TLSv1.3 ", "TLSv1.3")]
    [InlineData("\t a  b \t", "a  b")]
    [InlineData("  ", "")]
    public void Spaces_around_a_value_are_not_sent(string value, string expected)
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        var head = Http2Peer.Map(":status=200");
        head.Add("x-facts"u8, Encoding.ASCII.GetBytes(value));
        server.AtHeaders = call => call.Stream.WriteHeaders(head, endStream: true);
        var call = client.Request(Get);
        Http2Peer.Exchange(client, server);
        Assert.Equal($"begin\nheaders. [:status=200][x-facts={expected}]", call.Log());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stream_that_is_over_but_for_a_body_that_nobody_wants_yet_is_in_a_gauge(bool isReset)
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        server.AtHeaders = call =>
        {
            call.Stream.Pause();
            call.Stream.WriteHeaders(Http2Peer.Map(":status=200"), endStream: true);
        };
        client.Request(Post, "body");
        Http2Peer.Exchange(client, server);
        Assert.Equal(1, server.Stats.DeferredStreamClose.Value);
        if (isReset) server.Streams[0].Stream.Reset(Http2ErrorCode.Cancel);
        else server.Streams[0].Stream.Resume();
        server.EndTurn();
        Assert.Equal((0, true), (server.Stats.DeferredStreamClose.Value, server.Streams[0].IsClosed));
    }

    [Fact]
    public void Every_split_of_the_bytes_gives_the_same_events()
    {
        using var client = new Http2Peer(isServer: false);
        client.Request(Post + " x-long=" + new string('v', 300), "some body");
        client.Request(Get);
        var bytes = client.TakeOutput();
        string? expected = null;
        for (var size = bytes.Length; size > 0; size--)
        {
            using var server = new Http2Peer(isServer: true);
            for (var at = 0; at < bytes.Length; at += size)
                server.Connection.Decode(bytes.AsSpan(at, Math.Min(size, bytes.Length - at)));
            Assert.Null(server.Fault);
            var log = server.Streams[0].Log() + "\n" + server.Streams[1].Log();
            expected ??= log;
            Assert.Equal(expected, log);
        }
    }

    [Fact]
    public void Streams_are_interleaved_and_answered_in_any_order()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        var calls = Enumerable.Range(0, 50).Select(i => client.Request($"{Get} x-number={i}")).ToArray();
        Http2Peer.Exchange(client, server);
        foreach (var call in server.Streams.AsEnumerable().Reverse())
            call.Stream.WriteHeaders(Http2Peer.Map($":status=200 x-number={Encoding.ASCII.GetString(call.Headers.Get(new HeaderName("x-number")))}"), endStream: true);
        Http2Peer.Exchange(client, server);
        for (var i = 0; i < calls.Length; i++) Assert.Equal($"begin\nheaders. [:status=200][x-number={i}]", calls[i].Log());
    }

    [Fact]
    public void Answers_to_many_requests_that_were_given_up_meanwhile_are_passed_over()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        var calls = Enumerable.Range(0, 90).Select(_ => client.Request(Get)).ToArray();
        Http2Peer.Exchange(client, server);
        for (var round = 0; round < 3; round++)
        {
            // Given up before the server's answers arrive; the next ones take their places.
            foreach (var call in calls) call.Stream.Reset(Http2ErrorCode.Cancel);
            client.EndTurn();
            calls = [.. Enumerable.Range(0, 90).Select(_ => client.Request(Get))];
        }

        foreach (var call in server.Streams.ToArray()) call.Stream.WriteHeaders(Http2Peer.Map(":status=200"), endStream: true);
        client.Connection.Decode(server.TakeOutput());
        Assert.Null(client.Fault);
        Assert.Equal(90, client.Stats.HeadersCbNoStream.Value);
        server.AtHeaders = call => call.Stream.WriteHeaders(Http2Peer.Map(":status=200"), endStream: true);
        Http2Peer.Exchange(client, server);
        Assert.Equal("begin\nheaders. [:status=200]", calls[0].Log());
    }

    [Fact]
    public void A_head_larger_than_a_frame_is_continued()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        var value = string.Concat(Enumerable.Range(0, 10_000).Select(i => i.ToString("x4")));
        client.Request($"{Get} x-large={value}");
        Http2Peer.Exchange(client, server);
        Assert.Null(server.Fault);
        Assert.Equal(value, Encoding.ASCII.GetString(server.Streams[0].Headers.Get(new HeaderName("x-large"))));
    }

    [Fact]
    public void Body_beyond_the_window_waits_and_says_so()
    {
        using var client = new Http2Peer(isServer: false, new Http2Options { StreamBufferBytes = 100_000 });
        using var server = new Http2Peer(isServer: true, new Http2Options { StreamWindowBytes = 70_000, ConnectionWindowBytes = 70_000 });
        Http2Peer.Exchange(client, server);
        server.AtHeaders = call => call.Stream.Pause();
        var call = client.Request(Post, new string('x', 200_000));
        Assert.True(call.Stream.IsBackedUp);
        Http2Peer.Exchange(client, server);
        Assert.Equal(130_000, call.Stream.WaitingBytes);
        server.Streams[0].Stream.Resume();
        server.EndTurn();
        Http2Peer.Exchange(client, server);
        Assert.Equal(0, call.Stream.WaitingBytes);
        Assert.Equal($"begin\nheaders {Recorder.Text(Http2Peer.Map(Post))}\ndata {new string('x', 200_000)}\nend", server.Streams[0].Log());
        Assert.Equal("backed up\ndrained", call.Log());
        Assert.Equal(0, client.Stats.PendingSendBytes.Value);
    }

    [Fact]
    public void Trailers_wait_behind_body_that_waits()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true, new Http2Options { StreamWindowBytes = 65_535 });
        Http2Peer.Exchange(client, server);
        server.AtHeaders = call => call.Stream.Pause();
        var call = client.Request(Post, new string('x', 100_000), endStream: false);
        call.Stream.WriteTrailers(Http2Peer.Map("x-end=1"));
        Http2Peer.Exchange(client, server);
        server.Streams[0].Stream.Resume();
        server.EndTurn();
        Http2Peer.Exchange(client, server);
        Assert.EndsWith("x\ntrailers [x-end=1]", server.Streams[0].Log());
    }

    [Fact]
    public void A_smaller_window_while_data_is_on_its_way_is_made_up_for()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        client.Connection.Decode(server.TakeOutput());
        var call = client.Request(Post, new string('x', 60_000), endStream: false);
        // SETTINGS_INITIAL_WINDOW_SIZE 1,000: the stream's window is then 1,000 - 60,000.
        client.Connection.Decode(Frames.Settings((4, 1000)));
        call.Stream.WriteData("y"u8, endStream: true);
        Assert.Equal(1, call.Stream.WaitingBytes);
        client.Connection.Decode(Frames.WindowUpdate(1, 59_000));
        Assert.Equal(1, call.Stream.WaitingBytes);
        client.Connection.Decode(Frames.WindowUpdate(1, 1));
        Assert.Equal(0, call.Stream.WaitingBytes);
    }

    [Fact]
    public void Streams_beyond_the_limit_are_refused_and_the_others_served()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true, new Http2Options { MaxConcurrentStreams = 2 });
        var calls = Enumerable.Range(0, 3).Select(_ => client.Request(Get)).ToArray();
        Http2Peer.Exchange(client, server);
        Assert.Equal("reset RefusedStream", calls[2].Log());
        Assert.Equal(2, server.Streams.Count);
        Assert.Equal(0, client.Connection.FreeStreams);
        server.Streams[0].Stream.WriteHeaders(Http2Peer.Map(":status=204"), endStream: true);
        Http2Peer.Exchange(client, server);
        Assert.Equal(1, client.Connection.FreeStreams);
    }

    [Fact]
    public void Streams_above_the_last_of_a_goaway_are_told_that_they_were_not_begun()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        var first = client.Request(Get);
        Http2Peer.Exchange(client, server);
        server.Connection.GoAway();
        var second = client.Request(Get);
        Http2Peer.Exchange(client, server);
        Assert.Equal("reset RefusedStream", second.Log());
        Assert.Equal(0, client.Connection.FreeStreams);
        server.Streams[0].Stream.WriteHeaders(Http2Peer.Map(":status=200"), endStream: true);
        Http2Peer.Exchange(client, server);
        Assert.Equal("begin\nheaders. [:status=200]", first.Log());
    }

    [Fact]
    public void Requests_on_their_way_after_a_shutdown_notice_are_served()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        Http2Peer.Exchange(client, server);
        server.Connection.ShutdownNotice();
        client.Request(Get);
        Http2Peer.Exchange(client, server);
        Assert.Single(server.Streams);
        Assert.Contains("goaway NoError", client.Events);
    }

    [Fact]
    public void A_reset_reaches_the_other_side_and_late_frames_do_no_harm()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        var call = client.Request(Post, "begin", endStream: false);
        Http2Peer.Exchange(client, server);
        server.Streams[0].Stream.Reset(Http2ErrorCode.Cancel);
        call.Stream.WriteData("late"u8, endStream: false);
        call.Stream.WriteTrailers(Http2Peer.Map("x=1"));
        Http2Peer.Exchange(client, server);
        Assert.Equal("reset Cancel", call.Log());
        Assert.Null(server.Fault);
    }

    [Fact]
    public void A_response_before_the_request_is_complete_ends_with_a_reset_without_error()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        server.AtHeaders = call =>
        {
            call.Stream.WriteHeaders(Http2Peer.Map(":status=413"), endStream: true);
            call.Stream.StopReading();
        };
        var call = client.Request(Post, "some", endStream: false);
        Http2Peer.Exchange(client, server);
        Assert.Equal("begin\nheaders. [:status=413]\nreset NoError", call.Log());
        Assert.True(server.Streams[0].IsClosed);
    }

    [Fact]
    public void Informational_responses_come_before_the_final_one()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        server.AtHeaders = call =>
        {
            call.Stream.WriteHeaders(Http2Peer.Map(":status=103 link=x"), endStream: false);
            call.Stream.WriteHeaders(Http2Peer.Map(":status=200"), endStream: true);
        };
        var call = client.Request(Get);
        Http2Peer.Exchange(client, server);
        Assert.Equal("begin\ninformational [:status=103][link=x]\nbegin\nheaders. [:status=200]", call.Log());
    }

    [Fact]
    public void A_ping_is_answered()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        client.Connection.SendPing(42);
        Http2Peer.Exchange(client, server);
        Assert.Contains("pong 42", client.Events);
    }

    [Fact]
    public void While_the_socket_is_blocked_body_waits_and_heads_go_out()
    {
        using var client = new Http2Peer(isServer: false);
        using var server = new Http2Peer(isServer: true);
        Http2Peer.Exchange(client, server);
        client.Connection.OnSent(0, 1, isBlocked: true);
        var call = client.Request(Post, "body");
        Assert.Equal(4, call.Stream.WaitingBytes);
        Http2Peer.Exchange(client, server);
        Assert.EndsWith("data body\nend", server.Streams[0].Log());
    }
}
