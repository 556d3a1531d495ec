using System.IO.Compression;
using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Bodies that are too long, broken or bombs: the client is told, the upstream sees nothing of them, the proxy goes on.</summary>
public sealed class BadBodyTests
{
    [Fact]
    public async Task A_body_beyond_the_buffer_gets_413_and_never_reaches_the_upstream()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Proxy(upstream.Port, """
                  - name: envoy.filters.http.buffer
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 10000 }
        """));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{await weft.Port("web")}/") };

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await Post(client, new byte[10_001]));
        Assert.Equal(0, upstream.Connections);
        await weft.ExpectStat("http.web.downstream_rq_too_large", 1);
        Assert.Equal("hello", await client.GetStringAsync("/"));
    }

    [Fact]
    public async Task Broken_bodies_and_bombs_are_refused_and_the_proxy_stays_small()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var weft = await WeftProcess.StartAsync(Proxy(upstream.Port, """
                  - name: envoy.filters.http.decompressor
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.decompressor.v3.Decompressor
                      decompressor_library: { name: gz, typed_config: { "@type": type.googleapis.com/envoy.extensions.compression.gzip.decompressor.v3.Gzip } }
                  - name: envoy.filters.http.buffer
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 100000 }
        """));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{await weft.Port("web")}/") };

        Assert.Equal(HttpStatusCode.BadRequest, await Post(client, "this is no gzip"u8.ToArray(), "gzip"));
        Assert.Equal(HttpStatusCode.BadRequest, await Post(client, Gzip(new byte[1000])[..^9], "gzip"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await Post(client, Gzip(new byte[100_000_000]), "gzip"));
        Assert.Equal(0, upstream.Connections);
        Assert.InRange(weft.PeakResidentBytes, 1, 400_000_000);
        Assert.Equal("hello", await client.GetStringAsync("/"));
    }

    private static byte[] Gzip(byte[] body)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest)) gzip.Write(body);
        return output.ToArray();
    }

    private static async Task<HttpStatusCode> Post(HttpClient client, byte[] body, string? coding = null)
    {
        using var content = new ByteArrayContent(body);
        if (coding is not null) content.Headers.ContentEncoding.Add(coding);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content };
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>Clients have time to send the rest of what is refused: a connection that is closed before would be reset, and the answer lost.</summary>
    private static string Proxy(int upstreamPort, string filters) => Configs.HttpProxy(upstreamPort, manager: "          delayed_close_timeout: 60s", filters: filters);
}
