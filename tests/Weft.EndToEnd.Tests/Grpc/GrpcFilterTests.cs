using System.Net.Http.Headers;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>Clients that are not gRPC's own before a server on grpc-js: gRPC-Web, and HTTP/1.1 through the bridge.</summary>
public sealed class GrpcFilterTests(GrpcPeers peers) : IClassFixture<GrpcPeers>
{
    [GrpcFact]
    public async Task A_grpc_web_call_has_its_trailers_in_the_body()
    {
        using var server = await peers.StartServerAsync();
        await using var weft = await StartAsync(server.Port);

        using var response = await PostAsync(weft, "/echo.Echo/Unary", "application/grpc-web+proto", [0, 0, 0, 0, 2, 104, 105]);

        Assert.Equal("application/grpc-web+proto", response.Content.Headers.ContentType!.ToString());
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal([0, 0, 0, 0, 2, 104, 105, 0x80], body[..8]);
        Assert.Contains("grpc-status:0\r\n", System.Text.Encoding.ASCII.GetString(body[12..]), StringComparison.Ordinal);
        await weft.ExpectStat("cluster.backend.grpc.success", 1);
        await weft.ExpectStat("cluster.backend.grpc.request_message_count", 1);
        await weft.ExpectStat("cluster.backend.grpc.response_message_count", 1);
        await weft.WaitForStat("cluster.backend.grpc-web.echo.Echo.Unary.success", 1);
        await weft.WaitForStat("cluster.backend.grpc-web.echo.Echo.Unary.total", 1);
        await weft.WaitForStat("cluster.backend.grpc-web.echo.Echo.Unary.0", 1);
    }

    [GrpcFact]
    public async Task A_grpc_web_call_in_base64_is_answered_in_base64()
    {
        using var server = await peers.StartServerAsync();
        await using var weft = await StartAsync(server.Port);

        using var response = await PostAsync(weft, "/echo.Echo/Unary", "application/grpc-web-text", "AAAAAAJoaQ=="u8.ToArray(), accept: "application/grpc-web-text");

        Assert.StartsWith("AAAAAAJoaQ==gAAAA", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [GrpcFact]
    public async Task An_error_of_the_proxy_becomes_a_status_of_grpc_web()
    {
        await using var weft = await StartAsync(1);

        using var response = await PostAsync(weft, "/echo.Echo/Unary", "application/grpc-web", [0, 0, 0, 0, 0]);

        Assert.Equal("14", response.Headers.GetValues("grpc-status").Single());
        Assert.StartsWith("upstream connect error", response.Headers.GetValues("grpc-message").Single(), StringComparison.Ordinal);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [GrpcFact]
    public async Task The_bridge_moves_the_status_of_a_call_to_the_head()
    {
        using var server = await peers.StartServerAsync();
        await using var weft = await StartAsync(server.Port);

        using var good = await PostAsync(weft, "/echo.Echo/Unary?x=y", "application/grpc", [0, 0, 0, 0, 1, 65]);
        using var bad = await PostAsync(weft, "/echo.Echo/Fail", "application/grpc", [0, 0, 0, 0, 0]);

        Assert.Equal("0", good.Headers.GetValues("grpc-status").Single());
        Assert.Equal([0, 0, 0, 0, 1, 65], await good.Content.ReadAsByteArrayAsync());
        Assert.Equal(6, good.Content.Headers.ContentLength);
        Assert.Equal("9", bad.Headers.GetValues("grpc-status").Single());
        await weft.ExpectStat("cluster.backend.grpc.9", 1);
        await weft.ExpectStat("cluster.backend.grpc.failure", 1);
        await weft.ExpectStat("cluster.backend.grpc.total", 2);
    }

    [GrpcFact]
    public async Task The_bridge_frames_the_messages_of_protobuf_clients()
    {
        using var server = await peers.StartServerAsync();
        await using var weft = await StartAsync(server.Port);

        using var response = await PostAsync(weft, "/echo.Echo/Unary", "application/x-protobuf", "message"u8.ToArray());

        Assert.Equal("message", await response.Content.ReadAsStringAsync());
    }

    private static Task<WeftProcess> StartAsync(int port) => WeftProcess.StartAsync(
        Configs.HttpProxy(port, cluster: Configs.Http2Cluster, filters: """
                      - name: web
                        typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb }
                      - name: bridge
                        typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_http1_bridge.v3.Config, upgrade_protobuf_to_grpc: true, ignore_query_parameters: true }
                      - name: stats
                        typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig, enable_upstream_stats: true }
            """));

    private static async Task<HttpResponseMessage> PostAsync(WeftProcess weft, string path, string type, byte[] body, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{await weft.Port("web")}{path}");
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        return await weft.Http.SendAsync(request);
    }
}
