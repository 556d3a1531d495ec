namespace Weft.Samples.Demo.Tests;

public sealed class RequestLogTests : IAsyncLifetime, IDisposable
{
    private readonly RunningDemo _demo = new();

    public Task InitializeAsync() => _demo.InitializeAsync();

    public Task DisposeAsync() => _demo.DisposeAsync();

    public void Dispose() => _demo.Dispose();

    [Fact]
    public async Task Every_request_is_one_line_with_name_client_method_target_and_status()
    {
        await _demo.GetAsync("/hostname?a=b");
        await _demo.SendAsync(HttpMethod.Post, "/echo", new StringContent("hello"));
        await _demo.GetAsync("/nope");
        await _demo.StopAsync();
        Assert.Collection(
            _demo.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Contains(" webserver01 127.0.0.1 GET /hostname?a=b 200 ", line),
            line => Assert.Contains(" webserver01 127.0.0.1 POST /echo 200 ", line),
            line => Assert.Contains(" webserver01 127.0.0.1 GET /nope 404 ", line));
    }
}
