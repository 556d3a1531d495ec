using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A second service gets copies of some requests; clients see nothing of it.</summary>
public sealed class MirroringTests
{
    [NetnsFact]
    public async Task A_fifth_of_the_requests_is_mirrored_then_all_of_them_and_clients_see_only_the_first_service()
    {
        using var network = new TestNetwork();
        var front = network.AddHost("front", "172.31.60.2");
        front.SetNames("172.31.60.10 demoappv10", "172.31.60.11 demoappv11");
        var real = network.AddHost("demoappv10", "172.31.60.10").AddWebServer(80, "v1.0");
        var mirror = network.AddHost("demoappv11", "172.31.60.11").AddWebServer(80, "v1.1");
        var hold = new TaskCompletionSource();
        mirror.Hold = hold.Task;
        await using var weft = await WeftProcess.StartOnAsync(front, "Mirroring/envoy.yaml");
        using var client = front.CreateHttpClient();

        // The second service answers nothing, and nobody notices. 40 copies are expected; ten sigma.
        await SendAsync(client, 200);
        Assert.InRange(await weft.Stat("cluster.demoappv11.upstream_rq_total"), 5, 95);
        hold.SetResult();

        Assert.Equal("OK\n", await front.Curl("-X", "POST", "http://127.0.0.1:9901/runtime_modify?routing.request_mirror.demoapp=100"));
        await Wait.Until(async () => (await front.Curl("http://127.0.0.1:9901/runtime")).Contains("routing.request_mirror.demoapp", StringComparison.Ordinal), "the runtime key");
        await SendAsync(client, 20);
        // None is on its way any more.
        await weft.ExpectStat("cluster.demoappv11.upstream_rq_pending_active", 0);
        await weft.ExpectStat("cluster.demoappv11.upstream_rq_active", 0);
        var before = await weft.Stat("cluster.demoappv11.upstream_rq_total");
        await SendAsync(client, 50);
        await weft.ExpectStat("cluster.demoappv11.upstream_rq_total", before + 50);
        await weft.ExpectStat("cluster.demoappv11.upstream_rq_active", 0);
        Assert.Equal(270, real.Requests.Count);
        Assert.All(real.Requests, head => Assert.Contains("\r\nhost: 127.0.0.1\r\n", head, StringComparison.Ordinal));
        Assert.All(mirror.Requests, head => Assert.Contains("\r\nhost: 127.0.0.1-shadow\r\n", head, StringComparison.Ordinal));
    }

    private static async Task SendAsync(HttpClient client, int count)
    {
        for (var i = 0; i < count; i++)
            Assert.Equal("v1.0\n", await client.GetStringAsync(new Uri("http://127.0.0.1/version")));
    }
}
