using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>One connection and one waiting request at most: what comes beyond is refused at once.</summary>
public sealed class CircuitBreakerTests
{
    private const int Parallel = 300;

    [NetnsFact]
    public async Task Parallel_requests_end_in_a_mix_of_200_and_503_and_nothing_else()
    {
        using var network = new TestNetwork();
        var front = network.AddHost("front", "172.31.35.2");
        front.SetNames("172.31.35.11 webservice1", "172.31.35.12 webservice1");
        WebServer[] servers = [network.AddHost("webserver01", "172.31.35.11").AddWebServer(80), network.AddHost("webserver02", "172.31.35.12").AddWebServer(80)];
        var hold = new TaskCompletionSource();
        foreach (var server in servers)
            server.Hold = hold.Task;
        await using var weft = await WeftProcess.StartOnAsync(front, "CircuitBreaker/envoy.yaml");
        using var client = front.CreateHttpClient();

        var requests = Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => client.GetAsync(new Uri("http://127.0.0.1/"))));
        // The servers answer nobody until half of them have been refused.
        await weft.WaitForStat("cluster.webcluster1.upstream_rq_pending_overflow", Parallel / 2);
        hold.SetResult();
        var answers = await requests;

        var served = answers.Count(answer => (int)answer.StatusCode == 200);
        var refused = answers.Where(answer => (int)answer.StatusCode == 503).ToList();
        Assert.Equal(Parallel, served + refused.Count);
        Assert.InRange(served, 2, Parallel / 2);
        Assert.All(refused, answer => Assert.Equal("true", Assert.Single(answer.Headers.GetValues("x-envoy-overloaded"))));
        Assert.Equal("upstream connect error or disconnect/reset before headers. reset reason: overflow", await refused[0].Content.ReadAsStringAsync());
        Assert.Equal(served, servers.Sum(server => server.Requests.Count));
        await weft.WaitForStat("cluster.webcluster1.upstream_rq_pending_overflow", refused.Count);
        await weft.ExpectStat("cluster.webcluster1.upstream_rq_503", refused.Count);
        Assert.Contains("webcluster1::default_priority::max_connections::1\n", await weft.GetAdmin("/clusters"), StringComparison.Ordinal);
        // What was refused here says nothing about the servers.
        Assert.Equal(0, await weft.Stat("cluster.webcluster1.outlier_detection.ejections_detected_consecutive_5xx"));
        // When it is calm again everything is served.
        Assert.Equal(200, (int)(await client.GetAsync(new Uri("http://127.0.0.1/"))).StatusCode);
    }
}
