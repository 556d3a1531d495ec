using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Listeners within the process: requests go into a CONNECT at one proxy and come out of it at another.</summary>
public sealed class InternalListenerTests
{
    [NetnsFact]
    public async Task Requests_cross_a_tunnel_between_internal_listeners()
    {
        using var network = new TestNetwork();
        var near = network.AddHost("near", "172.31.7.2");
        var far = network.AddHost("far", "172.31.7.3");
        network.AddHost("web", "172.31.7.4").AddWebServer(8080);
        await using var terminating = await WeftProcess.StartOnAsync(far, "InternalListener/terminate.yaml");
        await using var encapsulating = await WeftProcess.StartOnAsync(near, "InternalListener/encapsulate.yaml");

        Assert.Contains("path /hello, ClientIP: 172.31.7.3, ServerName: web", await near.Curl("http://127.0.0.1:10000/hello"), StringComparison.Ordinal);
        var answer = await near.Curl("-i", "http://127.0.0.1:10000/where");
        Assert.Contains("inside\n", answer, StringComparison.Ordinal);
        // The name of the listener is where the client wanted to go, and the endpoint's metadata came along.
        Assert.Contains("x-local: envoy://decapsulated/\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("x-zone: west\r\n", answer, StringComparison.Ordinal);

        await encapsulating.WaitForStat("listener.envoy_internal_encapsulate.downstream_cx_total", 1);
        await terminating.WaitForStat("listener.envoy_internal_decapsulated.downstream_cx_total", 1);
        await terminating.ExpectStat("http.inside.downstream_rq_total", 2);
        Assert.Contains("encapsulate::envoy://encapsulate/\n", await encapsulating.GetAdmin("/listeners"), StringComparison.Ordinal);
        Assert.Contains("into_the_tunnel::envoy://encapsulate/::cx_active::", await encapsulating.GetAdmin("/clusters"), StringComparison.Ordinal);
        Assert.Contains("\"server_listener_name\": \"encapsulate\"", await encapsulating.GetAdmin("/listeners?format=json"), StringComparison.Ordinal);
    }

    [NetnsFact]
    public async Task A_large_answer_crosses_whole_and_a_slow_reader_holds_it_back()
    {
        using var network = new TestNetwork();
        var near = network.AddHost("near", "172.31.7.2");
        var far = network.AddHost("far", "172.31.7.3");
        var web = network.AddHost("web", "172.31.7.4");
        const int Length = 8 * 1024 * 1024;
        using var large = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {Length}\r\n\r\n");
            for (var i = 0; i < Length / (1024 * 1024); i++)
                await peer.SendAsync(new string((char)('a' + i), 1024 * 1024));
        }, web.Listen(8080));
        await using var terminating = await WeftProcess.StartOnAsync(far, "InternalListener/terminate.yaml");
        await using var encapsulating = await WeftProcess.StartOnAsync(near, "InternalListener/encapsulate.yaml");

        var body = await near.Curl("--limit-rate", "16M", "http://127.0.0.1:10000/large");
        Assert.Equal(Length, body.Length);
        for (var i = 0; i < 8; i++)
            Assert.Equal(1024 * 1024, body.AsSpan().Count((char)('a' + i)));
    }
}
