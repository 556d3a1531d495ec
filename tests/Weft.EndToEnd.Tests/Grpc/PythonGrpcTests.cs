using System.Globalization;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>python3-grpcio on both sides of the proxy.</summary>
public sealed class PythonGrpcTests
{
    private static readonly string s_peer = Path.Combine(AppContext.BaseDirectory, "Grpc", "Peer", "peer.py");

    [PythonFact("grpc", "python3-grpcio")]
    public async Task Calls_of_all_four_shapes_get_their_messages_trailers_and_statuses()
    {
        using var server = await PythonProcess.StartAsync(s_peer, "serve");
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(server.Port, cluster: Configs.Http2Cluster));
        var port = (await weft.Port("web")).ToString(CultureInfo.InvariantCulture);

        var (_, output, error) = await Shell.RunAsync(PythonProcess.Program, [s_peer, "call", port]);

        Assert.Equal(
            """
            unary hello end
            server 100 m99
            client 50
            bidi 20
            fail 9 not now
            large 2000000
            deadline 4

            """,
            output + error);
    }
}
