using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Services that fail or dawdle half of the time: three retries leave one failure in sixteen, a timeout ends the waiting.</summary>
public sealed class TimeoutsAndRetriesTests
{
    [NetnsFact]
    public async Task Retries_leave_a_sixteenth_of_the_failures_and_a_timeout_answers_504()
    {
        using var network = new TestNetwork();
        var front = network.AddHost("front", "172.31.65.2");
        front.SetNames("172.31.65.5 service_blue", "172.31.65.6 service_red", "172.31.65.7 service_green");
        var blue = network.AddHost("blue", "172.31.65.5");
        blue.AddWebServer(8080, address: "127.0.0.1");
        var red = network.AddHost("red", "172.31.65.6");
        red.AddWebServer(8080, address: "127.0.0.1");
        network.AddHost("green", "172.31.65.7").AddWebServer(80);
        await using var blueSidecar = await WeftProcess.StartOnAsync(blue, "TimeoutsAndRetries/service_blue.yaml");
        await using var redSidecar = await WeftProcess.StartOnAsync(red, "TimeoutsAndRetries/service_red.yaml");
        await using var weft = await WeftProcess.StartOnAsync(front, "TimeoutsAndRetries/front.yaml");
        using var client = front.CreateHttpClient();

        const int Count = 360;
        var failed = 0;
        for (var i = 0; i < Count; i++)
        {
            using var answer = await client.GetAsync(new Uri("http://127.0.0.1/service/blue"));
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                failed++;
            else
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        // A sixteenth, give or take more than happens by chance in a thousand million runs.
        Assert.InRange(failed, 1, 75);
        await weft.ExpectStat("cluster.blue_abort.upstream_rq_retry_limit_exceeded", failed);
        await weft.ExpectStat("cluster.blue_abort.upstream_rq_503", failed);
        await weft.ExpectStat("cluster.blue_abort.upstream_rq_200", Count - failed);
        var retries = await weft.Stat("cluster.blue_abort.upstream_rq_retry");
        await weft.ExpectStat("cluster.blue_abort.upstream_rq_total", Count + retries);
        await weft.ExpectStat("cluster.blue_abort.retry.upstream_rq_503", retries);

        await ExpectBothAsync(weft, client);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("http://127.0.0.1/service/green"))).StatusCode);
    }

    /// <summary>Every other request is delayed beyond the route's timeout: asks until both kinds have come.</summary>
    private static async Task ExpectBothAsync(WeftProcess weft, HttpClient client)
    {
        var (late, inTime) = (0, 0);
        while ((late == 0 || inTime == 0) && late + inTime < 60)
        {
            using var answer = await client.GetAsync(new Uri("http://127.0.0.1/service/red"));
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                inTime++;
                continue;
            }

            late++;
            Assert.Equal((HttpStatusCode.GatewayTimeout, "upstream request timeout"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }

        Assert.True(late > 0 && inTime > 0, $"{late} late, {inTime} in time");
        await weft.ExpectStat("cluster.red_delay.upstream_rq_timeout", late);
    }
}
