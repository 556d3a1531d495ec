using Weft.Http.Http2;

namespace Weft.Http.Tests.Http2;

/// <summary>METADATA frames beside messages, and frames longer than usual.</summary>
public sealed class MetadataTests
{
    private const int Metadata = 0x4D;
    private const string Get = ":method=GET :scheme=http :authority=a.example :path=/x";

    private static readonly Http2Options s_allowed = new() { AllowMetadata = true };

    [Fact]
    public void A_block_reaches_the_other_side_as_it_is()
    {
        using var client = new Http2Peer(isServer: false, s_allowed);
        using var server = new Http2Peer(isServer: true, s_allowed);
        var call = client.Request(Get, endStream: false);
        call.Stream.WriteMetadata(Frames.Block("a=1 b=2"));
        Http2Peer.Exchange(client, server);
        server.Streams[0].Stream.WriteMetadata(Frames.Block("c=3"));
        Http2Peer.Exchange(client, server);
        Assert.Equal(Frames.Block("a=1 b=2"), Assert.Single(server.Streams[0].Metadata));
        Assert.Equal(Frames.Block("c=3"), Assert.Single(call.Metadata));
        Assert.False(call.IsClosed);
    }

    [Fact]
    public void A_block_longer_than_a_frame_is_put_together()
    {
        using var client = new Http2Peer(isServer: false, s_allowed);
        using var server = new Http2Peer(isServer: true, s_allowed);
        var block = Enumerable.Range(0, 1000).SelectMany(i => Frames.Block($"name-{i}=a-value-of-some-length-{i}")).ToArray();
        Assert.InRange(block.Length, 32 * 1024, 64 * 1024);
        client.Request(Get, endStream: false).Stream.WriteMetadata(block);
        Http2Peer.Exchange(client, server);
        Assert.Equal(block, Assert.Single(server.Streams[0].Metadata));
    }

    [Fact]
    public void Where_it_is_not_allowed_it_is_passed_over_and_not_written()
    {
        using var client = new Http2Peer(isServer: false, s_allowed);
        using var server = new Http2Peer(isServer: true);
        var call = client.Request(Get, endStream: false);
        call.Stream.WriteMetadata(Frames.Block("a=1"));
        Http2Peer.Exchange(client, server);
        server.Streams[0].Stream.WriteMetadata(Frames.Block("c=3"));
        Http2Peer.Exchange(client, server);
        Assert.Null(server.Fault);
        Assert.Empty(server.Streams[0].Metadata);
        Assert.Empty(call.Metadata);
    }

    [Fact]
    public void A_block_that_says_nothing_is_counted_only()
    {
        using var server = Serving(Frames.Frame(Metadata, Frames.EndHeaders, 1));
        Assert.Null(server.Fault);
        Assert.Empty(server.Streams[0].Metadata);
        Assert.Equal(1, server.Stats.MetadataEmptyFrames.Value);
    }

    [Fact]
    public void Metadata_of_a_stream_that_nobody_has_opened_is_passed_over()
    {
        using var server = Serving(Frames.Frame(Metadata, Frames.EndHeaders, 7, Frames.Block("a=1")));
        Assert.Null(server.Fault);
    }

    [Fact]
    public void A_block_that_cannot_be_decoded_ends_the_connection()
    {
        using var server = Serving(Frames.Frame(Metadata, Frames.EndHeaders, 1, 0x80));
        Assert.Equal(Http2ErrorCode.CompressionError, server.Fault?.Code);
    }

    [Fact]
    public void A_block_without_end_is_not_waited_for()
    {
        var pieces = Enumerable.Repeat(Frames.Frame(Metadata, 0, 1, new byte[16_384]), 65).SelectMany(frame => frame).ToArray();
        using var server = Serving(pieces);
        Assert.Equal(Http2ErrorCode.EnhanceYourCalm, server.Fault?.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7_000)]
    [InlineData(int.MaxValue)]
    public void Frames_longer_than_usual_are_taken_where_a_setting_allows_them(int size)
    {
        var block = Frames.Block(":method=POST :scheme=http :authority=a :path=/ " + string.Join(' ', Enumerable.Range(0, 300).Select(i => $"x-{i}={new string('v', 90)}")));
        byte[] bytes = [.. Frames.Preface, .. Frames.Settings(), .. Frames.Frame(Frames.Headers, Frames.EndHeaders, 1, block), .. Frames.Frame(Frames.Data, Frames.EndStream, 1, new byte[40_000])];
        Assert.InRange(block.Length, 20_000, 40_000);
        using var server = new Http2Peer(isServer: true, new Http2Options { MaxFrameBytes = 40_000, MaxHeadersCount = 1000 });
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(size, bytes.Length - at);
            server.Connection.Decode(bytes.AsSpan(at, length));
            at += length;
        }

        Assert.Null(server.Fault);
        Assert.EndsWith("[x-299=" + new string('v', 90) + "]", server.Streams[0].Log().Split("\ndata")[0], StringComparison.Ordinal);
        Assert.True(server.Streams[0].Stream.IsRemoteEnded);
        server.Connection.Decode(Frames.Frame(Frames.Data, 0, 1, new byte[40_001]));
        Assert.Equal(Http2ErrorCode.FrameSizeError, server.Fault?.Code);
    }

    /// <summary>A server that has the head of a request on stream 1, and these frames.</summary>
    private static Http2Peer Serving(byte[] frames)
    {
        var server = new Http2Peer(isServer: true, s_allowed);
        server.Connection.Decode([.. Frames.Preface, .. Frames.Settings(), .. Frames.Frame(Frames.Headers, Frames.EndHeaders, 1, Frames.Block(Get)), .. frames]);
        return server;
    }
}
