using System.Buffers.Binary;
using Weft.Http.Http2;
using static Weft.Http.Tests.Http2.Frames;

namespace Weft.Http.Tests.Http2;

/// <summary>What a client must not send, and what it gets: each connection error with its code in GOAWAY.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Get = ":method=GET :scheme=http :authority=a.example :path=/";
    private readonly Http2Peer _server = new(isServer: true);

    public static TheoryData<string, byte[], Http2ErrorCode> ConnectionErrors => new()
    {
        { "a frame above 16,384 bytes", Frame(Headers, EndHeaders, 1, new byte[16385]), Http2ErrorCode.FrameSizeError },
        { "DATA on an idle stream", Frame(Data, 0, 1, 1), Http2ErrorCode.ProtocolError },
        { "DATA on stream 0", Frame(Data, 0, 0, 1), Http2ErrorCode.ProtocolError },
        { "HEADERS on stream 0", Request(0, Get), Http2ErrorCode.ProtocolError },
        { "an even stream", Request(2, Get), Http2ErrorCode.ProtocolError },
        { "a stream id that goes down", [.. Request(5, Get), .. Request(3, Get)], Http2ErrorCode.StreamClosed },
        { "HEADERS on a half-closed stream", [.. Request(1, Get), .. Request(1, Get)], Http2ErrorCode.StreamClosed },
        { "DATA on a half-closed stream", [.. Request(1, Get), .. Frame(Data, 0, 1, 1)], Http2ErrorCode.StreamClosed },
        { "WINDOW_UPDATE on an idle stream", WindowUpdate(1, 1), Http2ErrorCode.ProtocolError },
        { "WINDOW_UPDATE of nothing", WindowUpdate(0, 0), Http2ErrorCode.ProtocolError },
        { "a connection window above 2^31-1", WindowUpdate(0, int.MaxValue), Http2ErrorCode.FlowControlError },
        { "WINDOW_UPDATE of another length", Frame(Window, 0, 0, 1), Http2ErrorCode.FrameSizeError },
        { "RST_STREAM on an idle stream", Frame(Reset, 0, 1, 0, 0, 0, 0), Http2ErrorCode.ProtocolError },
        { "RST_STREAM of another length", Frame(Reset, 0, 1, 0), Http2ErrorCode.FrameSizeError },
        { "PING of another length", Frame(Ping, 0, 0, 1), Http2ErrorCode.FrameSizeError },
        { "PING on a stream", Frame(Ping, 0, 1, new byte[8]), Http2ErrorCode.ProtocolError },
        { "SETTINGS of another length", Frame(SettingsType, 0, 0, 1), Http2ErrorCode.FrameSizeError },
        { "SETTINGS on a stream", Frame(SettingsType, 0, 1), Http2ErrorCode.ProtocolError },
        { "an acknowledgement with settings", Frame(SettingsType, Ack, 0, new byte[6]), Http2ErrorCode.FrameSizeError },
        { "an initial window above 2^31-1", Settings((4, 1u << 31)), Http2ErrorCode.FlowControlError },
        { "a frame size below 16,384", Settings((5, 100)), Http2ErrorCode.ProtocolError },
        { "ENABLE_PUSH of 2", Settings((2, 2)), Http2ErrorCode.ProtocolError },
        { "a hundred settings", Settings(new (int, uint)[100]), Http2ErrorCode.EnhanceYourCalm },
        { "PUSH_PROMISE", Frame(Push, 0, 1, new byte[4]), Http2ErrorCode.ProtocolError },
        { "CONTINUATION without HEADERS", Frame(Continuation, 0, 1, 1), Http2ErrorCode.ProtocolError },
        { "another frame inside a header block", [.. Frame(Headers, 0, 1, Block(Get)), .. Frame(Ping, 0, 0, new byte[8])], Http2ErrorCode.ProtocolError },
        { "padding larger than the frame", Frame(Headers, EndHeaders | Padded, 1, 200, 0), Http2ErrorCode.ProtocolError },
        { "padding larger than DATA", [.. Request(1, Get, endStream: false), .. Frame(Data, Padded, 1, 2, 0)], Http2ErrorCode.ProtocolError },
        { "PRIORITY of another length", Frame(Priority, 0, 1, 1), Http2ErrorCode.FrameSizeError },
        { "HPACK index 0", Frame(Headers, EndHeaders, 1, 0x80), Http2ErrorCode.CompressionError },
        { "HPACK index out of range", Frame(Headers, EndHeaders, 1, 0xFE), Http2ErrorCode.CompressionError },
        { "HPACK table size above the setting", Frame(Headers, EndHeaders, 1, 0x3F, 0xFF, 0xFF, 0x03), Http2ErrorCode.CompressionError },
        { "HPACK in a block nobody wants", [.. Request(1, Get), .. Frame(Reset, 0, 1, 0, 0, 0, 0), .. Frame(Headers, EndHeaders, 3, 0x80)], Http2ErrorCode.CompressionError },
    };

    [Theory]
    [MemberData(nameof(ConnectionErrors))]
    public void The_connection_ends(string what, byte[] frames, Http2ErrorCode code)
    {
        Begin();
        _server.Connection.Decode(frames);
        Assert.True(_server.Fault is not null, what);
        Assert.Equal(code, LastGoAway(_server.TakeOutput()));
    }

    [Fact]
    public void A_smaller_table_counts_from_when_the_client_has_acknowledged_it()
    {
        using var server = new Http2Peer(isServer: true, new Http2Options { HpackTableBytes = 0 });
        // The second request refers to a field that the first one has put into the table.
        byte[] keep = [.. Block(Get), 0x40, 1, (byte)'x', 1, (byte)'y'], refer = [.. Block(Get), 0xBE];
        server.Connection.Decode([.. Preface, .. Settings(), .. Frame(Headers, EndHeaders | EndStream, 1, keep), .. Frame(Headers, EndHeaders | EndStream, 3, refer)]);
        Assert.Null(server.Fault);
        Assert.Equal(2, server.Streams.Count);
        server.Connection.Decode([.. Frame(SettingsType, Ack, 0), .. Frame(Headers, EndHeaders | EndStream, 5, [0x20, .. Block(Get)])]);
        Assert.Null(server.Fault);
        server.Connection.Decode(Frame(Headers, EndHeaders | EndStream, 7, [0x3F, 0xE1, 0x1F, .. Block(Get)]));
        Assert.Equal(Http2Fault.Compression, server.Fault);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")]
    public void Another_preface_ends_the_connection(string bytes)
    {
        _server.Connection.Decode(Wire.Bytes(bytes));
        Assert.Equal(Http2Fault.BadPreface, _server.Fault);
    }

    [Fact]
    public void A_first_frame_other_than_SETTINGS_ends_the_connection()
    {
        _server.Connection.Decode([.. Preface, .. Frame(Ping, 0, 0, new byte[8])]);
        Assert.Equal(Http2Fault.NoSettings, _server.Fault);
    }

    [Theory]
    [InlineData(":scheme=http :path=/ :authority=a")]
    [InlineData(":method=GET :path=/ :authority=a")]
    [InlineData(":method=GET :scheme=http :authority=a")]
    [InlineData(":method=GET :method=GET :scheme=http :path=/ :authority=a")]
    [InlineData(":method=GET :scheme=http :path=/ x=y :authority=a")]
    [InlineData(":method=GET :scheme=http :path=/ :authority=a :foo=bar")]
    [InlineData(":method=GET :scheme=http :path=/ :authority=a :status=200")]
    [InlineData(":method=GET :scheme=http :path= :authority=a")]
    [InlineData(":method=GET :scheme=http :path=x :authority=a")]
    [InlineData(":method=GET :scheme=http :path=/a~b :authority=a")]
    [InlineData(":method=GET :scheme=ftp :path=/ :authority=a")]
    [InlineData(":method=G~T :scheme=http :path=/ :authority=a")]
    [InlineData(":method=GET :scheme=http :path=/ :authority=user@a")]
    [InlineData(":method=GET :scheme=http :path=/ host=a host=b")]
    [InlineData(":method=CONNECT :scheme=http :path=/ :authority=a:80")]
    [InlineData(":method=CONNECT")]
    [InlineData(":method=CONNECT :protocol=websocket :scheme=http :path=/ :authority=a")]
    [InlineData(Get + " Upper=x")]
    [InlineData(Get + " connection=close")]
    [InlineData(Get + " transfer-encoding=chunked")]
    [InlineData(Get + " te=gzip")]
    [InlineData(Get + " x=~y")]
    [InlineData(Get + " x=a\r\nb")]
    [InlineData(Get + " content-length=x")]
    [InlineData(Get + " content-length=0 content-length=0")]
    [InlineData(Get + " content-length=5")]
    public void A_malformed_request_ends_the_connection_or_where_configured_its_stream(string fields)
    {
        Begin();
        _server.Connection.Decode(Request(1, fields));
        Assert.NotNull(_server.Fault);
        Assert.Equal(Http2ErrorCode.ProtocolError, LastGoAway(_server.TakeOutput()));

        using var lenient = new Http2Peer(isServer: true, new Http2Options { StreamErrorOnInvalidMessage = true });
        lenient.Connection.Decode([.. Preface, .. Settings(), .. Request(1, fields), .. Request(3, Get)]);
        Assert.Null(lenient.Fault);
        Assert.Matches("error 400 http2\\.(violation\\.of\\.messaging\\.rule|invalid\\.header\\.field)", lenient.Streams[0].Log());
        Assert.Contains("headers. ", lenient.Streams[1].Log());
        Assert.Equal(1, lenient.Stats.RxMessagingError.Value);
        Assert.Equal(1, lenient.Stats.TxReset.Value);
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(3, 4)]
    public void Content_length_other_than_the_data_ends_the_message(int length, int sent)
    {
        Begin();
        _server.Connection.Decode(Request(1, $"{Get} content-length={length}", endStream: false));
        _server.Connection.Decode(Frame(Data, EndStream, 1, new byte[sent]));
        Assert.Equal(Http2Fault.Messaging, _server.Fault);
    }

    [Fact]
    public void A_stream_window_out_of_range_ends_its_stream_only()
    {
        Begin();
        _server.Connection.Decode([.. Request(1, Get, endStream: false), .. WindowUpdate(1, int.MaxValue), .. Request(3, Get)]);
        Assert.Null(_server.Fault);
        Assert.Contains("headers. ", _server.Streams[1].Log());
        Assert.Equal(1, _server.Stats.TxReset.Value);
    }

    [Fact]
    public void Custom_settings_are_sent_behind_the_others()
    {
        using var server = new Http2Peer(isServer: true, new Http2Options { CustomSettings = [(0xF000, 7)] });
        server.Connection.Start();
        Assert.Contains("F00000000007", Convert.ToHexString(server.TakeOutput()), StringComparison.Ordinal);
    }

    [Fact]
    public void Trailers_must_end_the_stream()
    {
        Begin();
        _server.Connection.Decode([.. Request(1, Get, endStream: false), .. Request(1, "x=y", endStream: false)]);
        Assert.Equal(Http2Fault.Messaging, _server.Fault);
    }

    [Fact]
    public void The_authority_wins_over_a_host()
    {
        Begin();
        _server.Connection.Decode(Request(1, Get + " host=evil.example"));
        Assert.Equal("begin\nheaders. [:method=GET][:scheme=http][:authority=a.example][:path=/]", _server.Streams[0].Log());
    }

    [Fact]
    public void A_scheme_in_capitals_is_the_same_scheme()
    {
        Begin();
        _server.Connection.Decode(Request(1, ":method=GET :scheme=HttpS :authority=a :path=/"));
        Assert.Equal("https", System.Text.Encoding.ASCII.GetString(_server.Streams[0].Headers.Get(KnownHeader.Scheme)));
    }

    [Fact]
    public void Heads_beyond_the_limits_end_their_stream_only()
    {
        Begin();
        _server.Connection.Decode(Request(1, Get + string.Concat(Enumerable.Repeat(" x=y", 97))));
        _server.Connection.Decode(Frame(Headers, 0, 3, Block(Get)[..10]));
        var rest = Block(Get + string.Concat(Enumerable.Range(0, 7).Select(i => $" x{i}={new string('v', 10_000)}")))[10..];
        for (var at = 0; at < rest.Length; at += 16_000)
        {
            var length = Math.Min(16_000, rest.Length - at);
            _server.Connection.Decode(Frame(Continuation, at + length == rest.Length ? EndHeaders : 0, 3, rest[at..(at + length)]));
        }

        _server.Connection.Decode(Request(5, Get));
        Assert.Null(_server.Fault);
        Assert.EndsWith("error 431 http2.too_many_headers", _server.Streams[0].Log());
        Assert.EndsWith("error 431 http2.too_many_headers", _server.Streams[1].Log());
        Assert.Contains("headers. ", _server.Streams[2].Log());
        Assert.Equal(2, _server.Stats.HeaderOverflow.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_384)]
    public void A_header_block_without_end_is_not_waited_for(int size)
    {
        Begin();
        _server.Connection.Decode(Frame(Headers, 0, 1, Block(Get)));
        for (var i = 0; i < 100; i++) _server.Connection.Decode(Frame(Continuation, 0, 1, new byte[size]));
        Assert.Equal(Http2ErrorCode.EnhanceYourCalm, _server.Fault?.Code);
    }

    [Fact]
    public void Empty_frames_one_after_another_end_the_connection()
    {
        Begin();
        _server.Connection.Decode([.. Request(1, Get, endStream: false), .. Frame(Data, 0, 1)]);
        Assert.Null(_server.Fault);
        _server.Connection.Decode(Frame(Data, 0, 1));
        Assert.Equal(Http2Fault.EmptyFrames, _server.Fault);
        Assert.Equal(1, _server.Stats.InboundEmptyFramesFlood.Value);
    }

    [Fact]
    public void Frames_of_nothing_but_padding_are_empty_too()
    {
        Begin();
        var padding = Frame(Data, Padded, 1, 2, 0, 0);
        _server.Connection.Decode([.. Request(1, Get, endStream: false), .. padding, .. Frame(Data, Padded, 1, 1, (byte)'x', 0), .. padding]);
        Assert.Null(_server.Fault);
        _server.Connection.Decode(padding);
        Assert.Equal(Http2Fault.EmptyFrames, _server.Fault);
        Assert.Equal(1, _server.Stats.InboundEmptyFramesFlood.Value);
    }

    [Fact]
    public void Priorities_beyond_a_hundred_for_each_stream_end_the_connection()
    {
        Begin();
        var priority = Frame(Priority, 0, 1, 0, 0, 0, 3, 16);
        for (var i = 0; i < 100; i++) _server.Connection.Decode(priority);
        Assert.Null(_server.Fault);
        _server.Connection.Decode(priority);
        Assert.Equal("codec_error:Too_many_PRIORITY_frames", _server.Fault?.Error.Details);
        Assert.Equal(1, _server.Stats.InboundPriorityFramesFlood.Value);
    }

    [Fact]
    public void Window_updates_without_data_to_answer_them_end_the_connection()
    {
        Begin();
        for (var i = 0; i < 5; i++) _server.Connection.Decode(WindowUpdate(0, 1));
        Assert.Null(_server.Fault);
        _server.Connection.Decode(WindowUpdate(0, 1));
        Assert.Equal("codec_error:Too_many_WINDOW_UPDATE_frames", _server.Fault?.Error.Details);
        Assert.Equal(1, _server.Stats.InboundWindowUpdateFramesFlood.Value);
    }

    [Fact]
    public void A_thousand_answers_that_nobody_reads_end_the_connection()
    {
        Begin();
        var ping = Frame(Ping, 0, 0, new byte[8]);
        for (var i = 0; i < 1000; i++) _server.Connection.Decode(ping);
        Assert.Null(_server.Fault);
        _server.Connection.Decode(ping);
        Assert.Equal(Http2Fault.OutboundFlood, _server.Fault);
        Assert.Equal(1, _server.Stats.OutboundControlFlood.Value);
    }

    [Fact]
    public void Answers_that_nobody_has_read_yet_are_in_gauges()
    {
        Begin();
        var ping = Frame(Ping, 0, 0, new byte[8]);
        for (var i = 0; i < 3; i++) _server.Connection.Decode(ping);
        _server.Connection.ShowUnsent(sentBytes: 0, waitingBytes: _server.Output.Length);
        Assert.Equal((3, 3), (_server.Stats.OutboundFramesActive.Value, _server.Stats.OutboundControlFramesActive.Value));
        _server.Connection.ShowUnsent(sentBytes: _server.Output.Length, waitingBytes: 0);
        Assert.Equal((0, 0), (_server.Stats.OutboundFramesActive.Value, _server.Stats.OutboundControlFramesActive.Value));
    }

    [Fact]
    public void Answers_that_are_read_may_be_any_number()
    {
        Begin();
        for (var i = 0; i < 5000; i++)
        {
            _server.Connection.Decode(Frame(Ping, 0, 0, new byte[8]));
            _server.TakeOutput();
        }

        Assert.Null(_server.Fault);
    }

    [Fact]
    public void More_data_than_the_window_allows_ends_the_connection()
    {
        using var server = new Http2Peer(isServer: true, new Http2Options { StreamWindowBytes = 65_535 });
        server.AtHeaders = call => call.Stream.Pause();
        server.Connection.Decode([.. Preface, .. Settings(), .. Request(1, Get, endStream: false)]);
        for (var i = 0; i < 4; i++) server.Connection.Decode(Frame(Data, 0, 1, new byte[16_000]));
        Assert.Null(server.Fault);
        server.Connection.Decode(Frame(Data, 0, 1, new byte[16_000]));
        Assert.Equal(Http2Fault.BadWindow, server.Fault);
    }

    public void Dispose() => _server.Dispose();

    private void Begin()
    {
        _server.Connection.Decode([.. Preface, .. Settings()]);
        _server.TakeOutput();
    }

    private static Http2ErrorCode LastGoAway(byte[] output)
    {
        var code = (Http2ErrorCode)uint.MaxValue;
        for (var at = 0; at < output.Length; at += 9 + (int)(BinaryPrimitives.ReadUInt32BigEndian(output.AsSpan(at)) >> 8))
            if (output[at + 3] == GoAway) code = (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(output.AsSpan(at + 13));
        return code;
    }
}
