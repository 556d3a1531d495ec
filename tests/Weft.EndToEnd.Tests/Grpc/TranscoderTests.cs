using System.Net;
using System.Text;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>Clients of JSON before a server on grpc-js, and one of gRPC before a server of plain HTTP.</summary>
public sealed class TranscoderTests(GrpcPeers peers) : IClassFixture<GrpcPeers>
{
    private static readonly string s_transcoder = $$"""
                      http_filters:
                      - name: transcoder
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder
                          proto_descriptor: "{{Path.Combine(AppContext.BaseDirectory, "Grpc", "bookstore.pb")}}"
                          services: [ bookstore.Bookstore ]
                          convert_grpc_status: true
                      - name: stats
                        typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig, stats_for_all_methods: true }
            """;

    [GrpcFact]
    public async Task JSON_over_either_version_of_HTTP_reaches_methods_of_every_shape()
    {
        using var server = await peers.StartServerAsync();
        await using var weft = await StartAsync(server.Port, s_transcoder, Configs.Http2Cluster);
        using var http2 = Http2Client.Create(await weft.Port("web"));
        var url = $"http://127.0.0.1:{await weft.Port("web")}";

        foreach (var http in new[] { weft.Http, http2 })
        {
            Assert.Equal("""{"id":"7"}""", await http.GetStringAsync(new Uri($"{url}/shelves/7")));
            Assert.Equal("""[{"title":"a"},{"title":"b"},{"title":"c"}]""", await http.GetStringAsync(new Uri($"{url}/shelves/7/books")));
            using var books = new StringContent("""[{"title":"x"},{"title":"y"}]""", Encoding.UTF8, "application/json");
            using var added = await http.PostAsync(new Uri($"{url}/shelves/1/books:bulk"), books);
            Assert.Equal("""{"id":"2"}""", await added.Content.ReadAsStringAsync());
        }

        await weft.WaitForStat("cluster.backend.grpc.bookstore.Bookstore.GetShelf.success", 2);
        await weft.WaitForStat("cluster.backend.grpc.bookstore.Bookstore.ListBooks.response_message_count", 6);
    }

    [GrpcFact]
    public async Task A_call_that_fails_is_a_status_of_HTTP_and_JSON()
    {
        using var server = await peers.StartServerAsync();
        await using var weft = await StartAsync(server.Port, s_transcoder, Configs.Http2Cluster);

        using var missing = await weft.Http.GetAsync(new Uri($"http://127.0.0.1:{await weft.Port("web")}/shelves/99"));
        using var wrong = await weft.Http.GetAsync(new Uri($"http://127.0.0.1:{await weft.Port("web")}/shelves/x"));

        Assert.Equal((HttpStatusCode.NotFound, """{"code":5,"message":"no shelf"}"""), (missing.StatusCode, await missing.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [GrpcFact]
    public async Task A_server_of_plain_HTTP_answers_calls_of_gRPC()
    {
        using var plain = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                var request = await peer.ReadUntilAsync(received => received.Contains("\r\n\r\n", StringComparison.Ordinal) && received.EndsWith("0\r\n\r\n", StringComparison.Ordinal), "a body in chunks");
                Assert.Contains("\r\ncontent-type: application/x-protobuf\r\n", request, StringComparison.Ordinal);
                peer.Forget();
                await peer.SendAsync("HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 5\r\n\r\nplain");
            }
        });
        await using var weft = await StartAsync(plain.Port, """
                      - name: bridge
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3.FilterConfig
                          content_type: application/x-protobuf
                          withhold_grpc_frames: true
            """, "");

        var output = await peers.RunClientAsync(await weft.Port("web"));

        Assert.StartsWith("unary plain\n", output, StringComparison.Ordinal);
    }

    private static Task<WeftProcess> StartAsync(int port, string filters, string cluster) =>
        WeftProcess.StartAsync(Configs.HttpProxy(port, cluster: cluster, filters: filters));
}
