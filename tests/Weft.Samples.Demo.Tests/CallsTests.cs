using System.Net;
using Microsoft.AspNetCore.Builder;

namespace Weft.Samples.Demo.Tests;

/// <summary><c>/call</c>: a service that asks others.</summary>
public sealed class CallsTests(RunningDemo callee) : IClassFixture<RunningDemo>
{
    [Fact]
    public async Task It_says_hello_and_passes_on_what_the_others_say() =>
        Assert.Equal((HttpStatusCode.OK, "Hello from a\nHello from webserver01\nServerName: webserver01\n"), await CallAsync("/call", "/hostname"));

    [Fact]
    public async Task Headers_of_the_trace_are_handed_on_and_no_others()
    {
        var (_, text) = await CallAsync("/headers");
        Assert.Contains("\"x-request-id\": \"r1\"", text, StringComparison.Ordinal);
        Assert.Contains("\"x-b3-traceid\": \"463ac35c9f6413ad\"", text, StringComparison.Ordinal);
        Assert.Contains("\"traceparent\": \"00-1-2-01\"", text, StringComparison.Ordinal);
        Assert.Contains("\"x-envoy-fault-abort-request\": \"503\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("x-other", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_answers_badly_makes_it_502_and_is_named() =>
        Assert.Equal((HttpStatusCode.BadGateway, $"Hello from a\n{callee.Client.BaseAddress}status/503 answered 503\nServerName: webserver01\n"), await CallAsync("/status/503", "/hostname"));

    private async Task<(HttpStatusCode Status, string Body)> CallAsync(params string[] paths)
    {
        var settings = new DemoSettings { Port = 0, Name = "a", Calls = [.. paths.Select(path => new Uri(callee.Client.BaseAddress!, path))] };
        await using var caller = DemoService.Build(settings, TextWriter.Null);
        await caller.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(caller.Urls.Single()), "/call"));
        foreach (var (name, value) in ((string, string)[])[("x-request-id", "r1"), ("X-B3-TraceId", "463ac35c9f6413ad"), ("traceparent", "00-1-2-01"), ("x-envoy-fault-abort-request", "503"), ("x-other", "1")])
            request.Headers.Add(name, value);
        using var response = await callee.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
