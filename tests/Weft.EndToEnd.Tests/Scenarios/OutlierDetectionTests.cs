using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A server that answers badly is found out by the answers themselves.</summary>
public sealed class OutlierDetectionTests
{
    [NetnsFact]
    public async Task Three_failures_in_a_row_eject_a_server_and_it_returns_by_itself()
    {
        await using var scenario = new HealthScenario(54, "myservice", "myservice", "myservice");
        await scenario.StartAsync("OutlierDetection/envoy.yaml");
        await scenario.SetLivezAsync(1, "FAIL");

        var failures = 0;
        for (var i = 0; i < 9; i++)
            failures += await IsFailureAsync(scenario) ? 1 : 0;
        Assert.Equal(3, failures);
        await scenario.WaitForFlagsAsync(1, "/failed_outlier_check");
        for (var i = 0; i < 10; i++)
            Assert.False(await IsFailureAsync(scenario));
        await scenario.ExpectAsync(5, 0, 5);
        await scenario.Weft.ExpectStat("cluster.web_cluster_01.outlier_detection.ejections_active", 1);
        await scenario.Weft.ExpectStat("cluster.web_cluster_01.outlier_detection.ejections_enforced_consecutive_5xx", 1);

        await scenario.SetLivezAsync(1, "OK");
        await scenario.WaitForFlagsAsync(1, "healthy");
        await scenario.ExpectAsync(3, 3, 3);
        await scenario.Weft.ExpectStat("cluster.web_cluster_01.outlier_detection.ejections_active", 0);
    }

    [NetnsFact]
    public async Task A_server_that_is_gone_is_ejected_too()
    {
        await using var scenario = new HealthScenario(55, "myservice", "myservice", "myservice");
        await scenario.StartAsync("OutlierDetection/envoy.yaml");
        scenario.Servers[2].Dispose();
        var failures = 0;
        for (var i = 0; i < 9; i++)
            failures += await IsFailureAsync(scenario) ? 1 : 0;
        Assert.Equal(3, failures);
        await scenario.WaitForFlagsAsync(2, "/failed_outlier_check");
        await scenario.ExpectAsync(5, 5, 0);
    }

    private static async Task<bool> IsFailureAsync(HealthScenario scenario)
    {
        using var answer = await scenario.Client.GetAsync(new Uri("http://127.0.0.1/livez"));
        return answer.StatusCode != HttpStatusCode.OK;
    }
}
