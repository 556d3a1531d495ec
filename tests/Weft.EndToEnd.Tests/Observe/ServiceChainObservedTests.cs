using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;
using Weft.EndToEnd.Tests.Scenarios;

namespace Weft.EndToEnd.Tests.Observe;

/// <summary>The chain of services, with <c>weft observe</c> in the place of the collectors that its files name.</summary>
public sealed class ServiceChainObservedTests
{
    private const string Observe = "http://172.31.76.20:9411";

    [NetnsTheory]
    [InlineData("Zipkin")]
    [InlineData("Jaeger")]
    public async Task One_request_is_one_trace_of_six_spans_and_a_graph_of_four_services(string folder)
    {
        ServerProcess observe = null!;
        await using var site = await ServiceChainSite.StartAsync(folder, site => observe = StartOn(site.Collectors));
        await using var owned = observe;
        await observe.WaitForLog("/metrics");
        var answer = await site.Client.Curl("-i", "http://172.31.76.10/");
        var traceId = answer.Split("\r\n").Single(line => line.StartsWith("x-b3-traceid: ", StringComparison.Ordinal))[14..];

        JsonElement summary = default;
        await Wait.Until(
            async () =>
            {
                var traces = (await Get(site, "/api/observe/traces")).EnumerateArray().ToList();
                if (traces.Count != 1)
                    return false;
                summary = traces[0];
                return summary.GetProperty("spans").GetInt32() == 6;
            },
            "one trace of six spans",
            () => observe.Log + site.Logs);
        Assert.Equal((traceId, "front-envoy", "checkAvailability", false), (summary.GetProperty("traceId").GetString(), summary.GetProperty("service").GetString(), summary.GetProperty("name").GetString(), summary.GetProperty("error").GetBoolean()));
        Assert.Equal(6, (await Get(site, $"/api/v2/trace/{traceId}")).GetArrayLength());
        Assert.Equal(["front-envoy", "service_a", "service_b", "service_c"], (await Get(site, "/api/v2/services")).EnumerateArray().Select(service => service.GetString()));
        var links = (await Get(site, "/api/observe/graph")).GetProperty("links").EnumerateArray();
        Assert.Equal(
            [("front-envoy", "service_a", 1), ("service_a", "service_b", 1), ("service_a", "service_c", 1)],
            links.Select(link => (link.GetProperty("parent").GetString(), link.GetProperty("child").GetString(), link.GetProperty("calls").GetInt32())));
    }

    [NetnsFact]
    public async Task Statistics_of_the_chain_are_series_for_Prometheus()
    {
        ServerProcess observe = null!;
        await using var site = await ServiceChainSite.StartAsync("Metrics", site => observe = StartOn(site.Collectors));
        await using var owned = observe;
        await observe.WaitForLog("/metrics");
        await site.Client.Curl([.. Enumerable.Repeat("http://172.31.76.10/", 10)]);

        var text = "";
        await Wait.Until(
            async () =>
            {
                text = await site.Client.Curl("http://172.31.76.20:9102/metrics");
                return text.Contains("\nfront_envoy_cluster_service_a_upstream_rq_200 10\n", StringComparison.Ordinal) && text.Contains("\nservice_c_http_ingress_http_downstream_rq_total 10\n", StringComparison.Ordinal);
            },
            "the series",
            () => text[..Math.Min(text.Length, 4000)] + observe.Log);
        Assert.Contains("# TYPE front_envoy_cluster_service_a_upstream_rq_time summary\n", text, StringComparison.Ordinal);
    }

    private static ServerProcess StartOn(NetworkHost host) => ServerProcess.StartOn(host, WeftProcess.Binary, "observe", "--address", "0.0.0.0");

    private static async Task<JsonElement> Get(ServiceChainSite site, string path)
    {
        using var document = JsonDocument.Parse(await site.Client.Curl(Observe + path));
        return document.RootElement.Clone();
    }
}
