using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Servers that are asked whether they live, and left alone while they do not.</summary>
public sealed class HealthCheckTests
{
    [NetnsFact]
    public async Task A_server_whose_livez_fails_gets_no_requests_until_it_is_well_again()
    {
        await using var scenario = new HealthScenario(51, "myservice", "myservice", "myservice");
        await scenario.StartAsync("HealthCheckHttp/envoy.yaml");
        await scenario.ExpectAsync(3, 3, 3);

        await scenario.SetLivezAsync(0, "FAIL");
        await scenario.WaitForFlagsAsync(0, "/failed_active_hc");
        await scenario.ExpectAsync(0, 5, 5);
        await scenario.Weft.ExpectStat("cluster.web_cluster_01.membership_healthy", 2);

        await scenario.SetLivezAsync(0, "OK");
        await scenario.WaitForFlagsAsync(0, "healthy");
        await scenario.ExpectAsync(3, 3, 3);
        Assert.Contains(scenario.Servers[0].Requests, request => request.StartsWith("GET /livez HTTP/1.1\r\nhost: web_cluster_01\r\nuser-agent: Envoy/HC\r\n", StringComparison.Ordinal));
        await scenario.Weft.WaitForStat("cluster.web_cluster_01.health_check.failure", 1);
    }

    [NetnsFact]
    public async Task To_a_tcp_check_only_a_connection_counts()
    {
        await using var scenario = new HealthScenario(52, "myservice", "myservice");
        await scenario.StartAsync("HealthCheckTcp/envoy.yaml");
        await scenario.SetLivezAsync(0, "FAIL");
        var attempts = await scenario.Weft.Stat("cluster.web_cluster_01.health_check.attempt");
        await scenario.Weft.WaitForStat("cluster.web_cluster_01.health_check.attempt", attempts + 4);
        await scenario.ExpectAsync(5, 5);

        scenario.Servers[0].Dispose();
        await scenario.WaitForFlagsAsync(0, "/failed_active_hc");
        await scenario.ExpectAsync(0, 10);

        scenario.Hosts[0].AddWebServer(80);
        await scenario.WaitForFlagsAsync(0, "healthy");
        await scenario.ExpectAsync(5, 5);
    }

    [NetnsFact]
    public async Task When_servers_of_the_first_priority_fail_the_second_takes_over_the_missing_share()
    {
        await using var scenario = new HealthScenario(53, "webservice1", "webservice1", "webservice1", "webservice2", "webservice2");
        await scenario.StartAsync("Priorities/envoy.yaml");
        await ExpectTakeOverAsync(scenario);
    }

    /// <summary>As above, but all files are of the v2 API and the front proxy speaks HTTP/2 to the servers' sidecars.</summary>
    [NetnsFact]
    public async Task Priorities_of_a_v2_file_over_http2_to_sidecars()
    {
        await using var scenario = new HealthScenario(57, sidecars: true, "webservice1", "webservice1", "webservice1", "webservice2", "webservice2");
        await scenario.StartSidecarsAsync("Priorities/sidecar-v2.yaml");
        await scenario.StartAsync("Priorities/front-v2.yaml");
        await ExpectTakeOverAsync(scenario);
        await scenario.Weft.WaitForStat("cluster.webcluster1.upstream_cx_http2_total", 1);
        Assert.Contains("this is the v2 API here", scenario.Weft.Log);
    }

    private static async Task ExpectTakeOverAsync(HealthScenario scenario)
    {
        Assert.Equal(0, Second(await scenario.SendAsync(60)));

        // Two thirds of the servers carry 93 %; the rest goes to the second priority: 42 of 600, and below 318, give or take six sigma and more.
        await scenario.SetLivezAsync(0, "FAIL");
        await scenario.WaitForFlagsAsync(0, "/failed_active_hc");
        Assert.InRange(Second(await scenario.SendAsync(600)), 5, 100);

        // One third carries 47 %.
        await scenario.SetLivezAsync(1, "FAIL");
        await scenario.WaitForFlagsAsync(1, "/failed_active_hc");
        Assert.InRange(Second(await scenario.SendAsync(600)), 230, 400);

        static int Second(int[] counts) => counts[3] + counts[4];
    }
}
