using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Which server a request goes to: by weight, by hash, by metadata, by split.</summary>
public sealed class BalancingTests
{
    [NetnsFact]
    public async Task Weights_1_3_and_5_share_requests_in_that_proportion()
    {
        await using var scenario = new HealthScenario(71, "red", "blue", "green");
        await scenario.StartAsync("WeightedLeastRequest/envoy.yaml");
        var counts = await scenario.SendAsync(180);
        Assert.InRange(counts[0], 15, 25);
        Assert.InRange(counts[1], 52, 68);
        Assert.InRange(counts[2], 90, 110);
    }

    [NetnsFact]
    public async Task The_same_user_agent_goes_to_the_same_server_and_only_a_failed_server_s_requests_move()
    {
        await using var scenario = new HealthScenario(72, "myservice", "myservice", "myservice");
        await scenario.StartAsync("RingHash/envoy.yaml");
        var agents = Enumerable.Range(0, 60).Select(i => $"agent/{i}").ToArray();
        var before = await ServersOf(agents);
        Assert.Equal(3, before.Distinct().Count());
        Assert.Equal(before, await ServersOf(agents));
        await scenario.Weft.WaitForStat("cluster.web_cluster_01.ring_hash_lb.size", 512);

        await scenario.SetLivezAsync(0, "FAIL");
        await scenario.WaitForFlagsAsync(0, "/failed_active_hc");
        var during = await ServersOf(agents);
        Assert.DoesNotContain("ServerName: webserver01\n", during);
        // The ring is filled up anew, so a few of the others move as well; most stay.
        var others = agents.Select((_, i) => i).Where(i => before[i] != "ServerName: webserver01\n").ToArray();
        Assert.InRange(others.Count(i => before[i] == during[i]), others.Length * 2 / 3, others.Length);

        await scenario.SetLivezAsync(0, "OK");
        await scenario.WaitForFlagsAsync(0, "healthy");
        Assert.Equal(before, await ServersOf(agents));

        async Task<string[]> ServersOf(string[] userAgents)
        {
            var servers = new string[userAgents.Length];
            for (var i = 0; i < servers.Length; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1/hostname");
                request.Headers.TryAddWithoutValidation("User-Agent", userAgents[i]);
                using var response = await scenario.Client.SendAsync(request);
                servers[i] = await response.Content.ReadAsStringAsync();
            }
            return servers;
        }
    }

    [NetnsFact]
    public async Task Metadata_chooses_the_subset_and_weights_split_between_subsets()
    {
        await using var scenario = new HealthScenario(73, "e1", "e2", "e3", "e4", "e5", "e6", "e7");
        await scenario.StartAsync("Subsets/envoy.yaml");

        // 90 percent go to version 1.0 (e1, e2, e5), the rest to 1.1 (e3, e4, e6): 540 of 600, give or take six sigma.
        var counts = await scenario.SendAsync(600);
        Assert.InRange(counts[0] + counts[1] + counts[4], 480, 585);
        Assert.Equal(600, counts[..6].Sum());
        Assert.All(counts[..6], count => Assert.NotEqual(0, count));

        Assert.Equal((int[])[6], await ServersFor("x-custom-version", "pre-release"));
        Assert.Equal((int[])[4, 5], await ServersFor("x-hardware-test", "memory"));
        Assert.Equal((int[])[0, 1], await ServersFor("x-unknown", "1"));
        await scenario.Weft.WaitForStat("cluster.webcluster1.lb_subsets_fallback", 20);
        await scenario.Weft.ExpectStat("cluster.webcluster1.lb_subsets_active", 10);

        async Task<int[]> ServersFor(string header, string value)
        {
            var servers = new SortedSet<int>();
            for (var i = 0; i < 20; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1/hostname") { Headers = { { header, value } } };
                using var response = await scenario.Client.SendAsync(request);
                servers.Add((await response.Content.ReadAsStringAsync())["ServerName: webserver0".Length] - '1');
            }
            return [.. servers];
        }
    }

    [NetnsFact]
    public async Task A_split_between_clusters_can_be_changed_while_the_proxy_runs()
    {
        await using var scenario = new HealthScenario(74, "demoappv10", "demoappv11");
        await scenario.StartAsync("TrafficSplitting/envoy.yaml");
        await scenario.ExpectAsync(50, 0);
        await scenario.Front.Curl("-X", "POST", "http://127.0.0.1:9901/runtime_modify?routing.traffic_split.demoapp.demoappv10=0&routing.traffic_split.demoapp.demoappv11=100");
        await scenario.ExpectAsync(0, 50);
        await scenario.Front.Curl("-X", "POST", "http://127.0.0.1:9901/runtime_modify?routing.traffic_split.demoapp.demoappv10=90&routing.traffic_split.demoapp.demoappv11=10");
        // A tenth, give or take six sigma and more.
        Assert.InRange((await scenario.SendAsync(500))[1], 8, 110);
    }
}
