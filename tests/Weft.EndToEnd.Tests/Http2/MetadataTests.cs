using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Http2;

/// <summary>allow_metadata: METADATA frames go through the proxy, both ways.</summary>
public sealed class MetadataTests
{
    private const int Metadata = 0x4D;
    private const string FromClient = "\u0000\u0003who\u0006client";
    private const string FromUpstream = "\u0000\u0003who\u0008upstream";

    private const string Manager = "          http2_protocol_options: { allow_metadata: true }";

    private static string Cluster(bool allows) => $$"""
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: { allow_metadata: {{(allows ? "true" : "false")}} } }
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Metadata_of_both_sides_goes_through_where_the_cluster_allows_it(bool allows)
    {
        var seen = new TaskCompletionSource<string>();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.SendAsync(Http2Frames.Frame(Http2Frames.Settings, 0, 0, ""));
            await peer.ReadUntilAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            var preface = Http2Frames.Preface.Length - Http2Frames.Frame(Http2Frames.Settings, 0, 0, "").Length;
            var received = await peer.ReadUntilAsync(
                text => Http2Frames.In(text[preface..]).Any(frame => frame.Type == Http2Frames.Data && (frame.Flags & Http2Frames.EndStream) != 0), "the end of the request");
            seen.SetResult(received[preface..]);
            await peer.SendAsync(
                Http2Frames.Frame(Metadata, Http2Frames.EndHeaders, 1, FromUpstream) + Http2Frames.Head(1, ":status=200", endStream: false)
                + Http2Frames.Frame(Http2Frames.Data, Http2Frames.EndStream, 1, "done"));
            await peer.ReadToEndAsync();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: Manager, cluster: Cluster(allows)), "--concurrency", "1");
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync(
            Http2Frames.Preface + Http2Frames.Head(1, ":method=POST :scheme=http :authority=a :path=/", endStream: false)
            + Http2Frames.Frame(Metadata, Http2Frames.EndHeaders, 1, FromClient) + Http2Frames.Frame(Http2Frames.Data, Http2Frames.EndStream, 1, "body"));
        var answer = await client.ReadUntilAsync(text => Http2Frames.In(text).Any(frame => frame is { Type: Http2Frames.Data, Payload: "done" }), "the answer");

        string[] expectedUp = allows ? [FromClient] : [];
        string[] expectedDown = allows ? [FromUpstream] : [];
        Assert.Equal(expectedUp, Http2Frames.In(await seen.Task).Where(frame => frame.Type == Metadata).Select(frame => frame.Payload));
        Assert.Equal(expectedDown, Http2Frames.In(answer).Where(frame => frame.Type == Metadata).Select(frame => frame.Payload));
    }

    [Fact]
    public async Task An_upstream_of_HTTP_1_is_asked_without_it()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("done"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: Manager));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync(
            Http2Frames.Preface + Http2Frames.Head(1, ":method=GET :scheme=http :authority=a :path=/", endStream: false)
            + Http2Frames.Frame(Metadata, Http2Frames.EndHeaders, 1, FromClient) + Http2Frames.Frame(Http2Frames.Data, Http2Frames.EndStream, 1, ""));

        await client.ReadUntilAsync(text => Http2Frames.In(text).Any(frame => frame is { Type: Http2Frames.Data, Payload: "done" }), "the answer");
        await weft.WaitForStat("cluster.backend.http1.metadata_not_supported_error", 1);
    }
}
