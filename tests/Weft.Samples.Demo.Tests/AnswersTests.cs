using System.Text.Json;

namespace Weft.Samples.Demo.Tests;

public sealed class AnswersTests(RunningDemo demo) : IClassFixture<RunningDemo>
{
    [Fact]
    public async Task Home_tells_version_client_name_and_address_in_one_line() =>
        Assert.Equal(
            (200, "Weft demo service v1.1 | ClientIP: 127.0.0.1, ServerName: webserver01, ServerIP: 127.0.0.1\n"),
            await demo.GetAsync("/"));

    [Fact]
    public async Task Host_name_is_the_configured_name() =>
        Assert.Equal((200, "ServerName: webserver01\n"), await demo.GetAsync("/hostname"));

    [Theory]
    [InlineData("/service/blue")]
    [InlineData("/service/a/b")]
    [InlineData("/service")]
    public async Task Service_tells_name_colour_and_the_path_it_saw(string path) =>
        Assert.Equal((200, $"Hello from webserver01, colour blue, version v1.1, path {path}\n"), await demo.GetAsync(path));

    [Fact]
    public async Task Headers_are_echoed_with_lower_case_names()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/headers?a=b");
        request.Headers.Add("X-Seen", ["one", "two"]);
        using var response = await demo.Client.SendAsync(request);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("/headers?a=b", json.RootElement.GetProperty("target").GetString());
        Assert.Equal("HTTP/1.1", json.RootElement.GetProperty("protocol").GetString());
        Assert.Equal(["one", "two"], json.RootElement.GetProperty("headers").GetProperty("x-seen").GetString()!.Split(',', StringSplitOptions.TrimEntries));
    }

    [Theory]
    [InlineData("200", 200)]
    [InlineData("204", 204)]
    [InlineData("418", 418)]
    [InlineData("503", 503)]
    [InlineData("101", 400)]
    [InlineData("600", 400)]
    [InlineData("teapot", 400)]
    public async Task Status_in_the_path_is_the_status_of_the_answer(string path, int expected) =>
        Assert.Equal(expected, (await demo.GetAsync("/status/" + path)).Status);

    [Fact]
    public async Task Delay_of_no_time_answers_and_tells_the_seconds() =>
        Assert.Equal((200, "waited 0 s, from webserver01\n"), await demo.GetAsync("/delay/0"));

    [Fact]
    public async Task Delay_keeps_its_client_waiting()
    {
        var delayed = demo.GetAsync("/delay/3600");
        Assert.Equal(200, (await demo.GetAsync("/")).Status);
        Assert.False(delayed.IsCompleted);
        demo.Client.CancelPendingRequests();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delayed);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("3601")]
    [InlineData("NaN")]
    [InlineData("long")]
    public async Task Delay_that_is_no_number_of_seconds_is_refused(string seconds) =>
        Assert.Equal(400, (await demo.GetAsync("/delay/" + seconds)).Status);

    [Fact]
    public async Task Echo_sends_the_body_back()
    {
        var body = new string('x', 100_000);
        Assert.Equal((200, body), await demo.SendAsync(HttpMethod.Post, "/echo", new StringContent(body)));
    }

    [Fact]
    public async Task Head_has_the_length_of_the_answer_but_no_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/hostname");
        using var response = await demo.Client.SendAsync(request);
        Assert.Equal("ServerName: webserver01\n".Length, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Unknown_path_is_not_found_and_wrong_method_not_allowed()
    {
        Assert.Equal(404, (await demo.GetAsync("/nope")).Status);
        Assert.Equal(405, (await demo.SendAsync(HttpMethod.Delete, "/")).Status);
    }
}
