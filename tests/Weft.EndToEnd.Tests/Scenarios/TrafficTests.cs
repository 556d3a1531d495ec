using System.Diagnostics;
using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Shares of traffic: a new version gets some requests, and some get faults.</summary>
public sealed class TrafficTests
{
    /// <summary>The 10 s of the file, less what a clock may be coarse.</summary>
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(9.9);

    [NetnsFact]
    public async Task Traffic_is_shifted_by_a_runtime_key_at_the_next_request()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.50.2");
        var front = network.AddHost("front", "172.31.50.3");
        front.SetNames("172.31.50.10 demoappv10", "172.31.50.11 demoappv11");
        network.AddHost("demoappv10", "172.31.50.10").AddWebServer(80, "v1.0");
        network.AddHost("demoappv11", "172.31.50.11").AddWebServer(80, "v1.1");
        await using var weft = await WeftProcess.StartOnAsync(front, "TrafficShifting/envoy.yaml");
        async Task<int> New(int requests) => (await client.Curl($"http://172.31.50.3/version?[1-{requests}]")).Split('\n').Count(line => line == "v1.1");

        Assert.Equal(0, await New(50));
        Assert.Equal("OK\n", await client.Curl("-X", "POST", "http://172.31.50.3:9901/runtime_modify?routing.traffic_shift.demoapp=90"));
        // A tenth, give or take six sigma and more.
        Assert.InRange(await New(500), 8, 110);
        Assert.Equal("OK\n", await client.Curl("-X", "POST", "http://172.31.50.3:9901/runtime_modify?routing.traffic_shift.demoapp=0"));
        Assert.Equal(50, await New(50));
    }

    [NetnsFact]
    public async Task A_tenth_of_requests_is_aborted_and_a_tenth_delayed()
    {
        const int Requests = 300;
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.51.2");
        var front = network.AddHost("front", "172.31.51.3");
        front.SetNames("172.31.51.10 service");
        network.AddHost("service", "172.31.51.10").AddWebServer(80);
        await using var weft = await WeftProcess.StartOnAsync(front, "FaultInjection/envoy.yaml");
        using var http = client.CreateHttpClient();
        var address = new Uri("http://172.31.51.3/");

        // All wait until they are answered: how long one took says nothing about another, only that none was answered before its delay was over.
        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => TimeAsync(http, address)));

        var aborted = await weft.Stat("http.ingress_http.fault.aborts_injected");
        var delayed = await weft.Stat("http.ingress_http.fault.delays_injected");
        // 30 of each, give or take more than happens by chance in a thousand million runs.
        Assert.InRange(aborted, 2, 75);
        Assert.InRange(delayed, 2, 75);
        Assert.Equal(aborted, answers.Count(answer => answer.Status == HttpStatusCode.ServiceUnavailable));
        Assert.Equal(Requests - aborted, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.True(answers.Count(answer => answer.Took >= s_delay) >= delayed, "a delayed request was answered too early");

        await LeaveWhileDelayedAsync(weft, http, address);
        await Wait.Until(async () => await weft.Stat("http.ingress_http.fault.active_faults") == 0, "no fault is active once the clients are gone");
    }

    private static async Task<(HttpStatusCode Status, TimeSpan Took)> TimeAsync(HttpClient http, Uri address)
    {
        var clock = Stopwatch.StartNew();
        using var answer = await http.GetAsync(address);
        return (answer.StatusCode, clock.Elapsed);
    }

    /// <summary>Makes requests and ends them all when the first is delayed.</summary>
    private static async Task LeaveWhileDelayedAsync(WeftProcess weft, HttpClient http, Uri address)
    {
        using var leave = new CancellationTokenSource();
        var requests = Task.WhenAll(Enumerable.Range(0, 300).Select(_ => http.GetAsync(address, leave.Token)));
        await weft.WaitForStat("http.ingress_http.fault.active_faults", 1);
        await leave.CancelAsync();
        try
        {
            await requests;
        }
        catch (OperationCanceledException)
        {
            // Those that were still waiting.
        }
    }
}
