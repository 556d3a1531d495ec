using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Shares of traffic: a new version gets some requests, and some get faults.</summary>
public sealed class TrafficTests
{
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
        Assert.InRange(await New(500), 18, 90);
        Assert.Equal("OK\n", await client.Curl("-X", "POST", "http://172.31.50.3:9901/runtime_modify?routing.traffic_shift.demoapp=0"));
        Assert.Equal(50, await New(50));
    }

    [NetnsFact]
    public async Task A_tenth_of_requests_is_aborted_and_a_tenth_delayed()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.51.2");
        var front = network.AddHost("front", "172.31.51.3");
        front.SetNames("172.31.51.10 service");
        network.AddHost("service", "172.31.51.10").AddWebServer(80);
        await using var weft = await WeftProcess.StartOnAsync(front, "FaultInjection/envoy.yaml");

        // A client without patience: what is delayed by 10 s shows as 000. The shell forgives curl the time-outs.
        const string command = "curl -s -o /dev/null -m 3 -Z --parallel-max 40 -w '%{http_code}\\n' --noproxy '*' 'http://172.31.51.3/?[1-300]' || true";
        var codes = (await Shell.RunAsync("ip", ["netns", "exec", client.Namespace, "sh", "-c", command])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(300, codes.Length);
        Assert.InRange(codes.Count(code => code == "503"), 6, 56);
        Assert.InRange(codes.Count(code => code == "000"), 6, 56);
        Assert.InRange(codes.Count(code => code == "200"), 200, 285);
        Assert.InRange(await weft.Stat("http.ingress_http.fault.delays_injected"), 6, 56);
        Assert.Equal(codes.Count(code => code == "503"), await weft.Stat("http.ingress_http.fault.aborts_injected"));
        await Wait.Until(async () => await weft.Stat("http.ingress_http.fault.active_faults") == 0, "no fault is active once the clients are gone");
    }
}
