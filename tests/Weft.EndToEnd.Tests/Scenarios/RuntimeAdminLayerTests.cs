using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Runtime values changed through the admin interface, which needs a layer for them.</summary>
public sealed class RuntimeAdminLayerTests
{
    [NetnsFact]
    public async Task A_post_changes_values_and_what_they_decide()
    {
        using var network = new TestNetwork();
        var front = network.AddHost("front", "172.31.14.2");
        await using var weft = await WeftProcess.StartOnAsync(front, "RuntimeAdminLayer/with.yaml");
        Assert.Equal("first\n", await front.Curl("http://127.0.0.1/"));
        using (var before = JsonDocument.Parse(await front.Curl("http://127.0.0.1:9901/runtime")))
        {
            Assert.Equal(["static_layer_0", "admin_layer_0"], before.RootElement.GetProperty("layers").EnumerateArray().Select(layer => layer.GetString()));
            var entry = before.RootElement.GetProperty("entries").GetProperty("health_check.min_interval");
            Assert.Equal("5", entry.GetProperty("final_value").GetString());
            Assert.Equal(["5", ""], entry.GetProperty("layer_values").EnumerateArray().Select(value => value.GetString()));
        }

        Assert.Equal("OK\n", await front.Curl("-X", "POST", "http://127.0.0.1:9901/runtime_modify?health_check.min_interval=10&routing.traffic_shift.new=0"));

        using var after = JsonDocument.Parse(await front.Curl("http://127.0.0.1:9901/runtime"));
        var changed = after.RootElement.GetProperty("entries").GetProperty("health_check.min_interval");
        Assert.Equal("10", changed.GetProperty("final_value").GetString());
        Assert.Equal(["5", "10"], changed.GetProperty("layer_values").EnumerateArray().Select(value => value.GetString()));
        await Wait.Until(async () => await front.Curl("http://127.0.0.1/") == "second\n", "the second route");
        Assert.Equal("OK\n", await front.Curl("-X", "POST", "http://127.0.0.1:9901/runtime_modify?routing.traffic_shift.new=100"));
        await Wait.Until(async () => await front.Curl("http://127.0.0.1/") == "first\n", "the first route");
    }

    [NetnsFact]
    public async Task Without_an_admin_layer_it_is_refused()
    {
        using var network = new TestNetwork();
        var front = network.AddHost("front", "172.31.14.2");
        await using var weft = await WeftProcess.StartOnAsync(front, "RuntimeAdminLayer/without.yaml");

        var answer = await front.Curl("-i", "-X", "POST", "http://127.0.0.1:9901/runtime_modify?health_check.min_interval=10");

        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nNo admin layer specified", answer, StringComparison.Ordinal);
        Assert.Contains("\"final_value\": \"5\"", await front.Curl("http://127.0.0.1:9901/runtime"), StringComparison.Ordinal);
    }
}
