using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>grpc-js on both sides of the proxy.</summary>
public sealed class GrpcTests(GrpcPeers peers) : IClassFixture<GrpcPeers>
{
    [GrpcFact]
    public async Task Calls_of_all_four_shapes_get_their_messages_trailers_and_statuses()
    {
        using var server = await peers.StartServerAsync();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(server.Port, cluster: Configs.Http2Cluster));

        Assert.Equal(
            """
            unary hello end
            server 100 m99
            client 50
            bidi 20
            fail 9 not now
            large 2000004
            deadline 4
            cancel 1

            """,
            await peers.RunClientAsync(await weft.Port("web")));
        await weft.WaitForStat("cluster.backend.upstream_rq_tx_reset", 1);
    }

    [GrpcFact]
    public async Task Without_an_upstream_every_call_ends_with_unavailable()
    {
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(1, cluster: Configs.Http2Cluster));

        var output = await peers.RunClientAsync(await weft.Port("web"));

        Assert.StartsWith("unary 14 upstream connect error", output, StringComparison.Ordinal);
    }
}
