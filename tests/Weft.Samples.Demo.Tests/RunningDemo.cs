using Microsoft.AspNetCore.Builder;

namespace Weft.Samples.Demo.Tests;

/// <summary>A demo service on a port the kernel chose, a client for it, and what it logged.</summary>
public sealed class RunningDemo : IAsyncLifetime, IDisposable
{
    private readonly StringWriter _log = new();
    private readonly WebApplication _app;

    public RunningDemo() => _app = DemoService.Build(
        new DemoSettings { Port = 0, Name = "webserver01", Version = "v1.1", Color = "blue" }, TextWriter.Synchronized(_log));

    public HttpClient Client { get; private set; } = null!;

    public string Log => _log.ToString();

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        Client.Dispose();
        _log.Dispose();
    }

    /// <summary>Stops the service, which ends every request, so that the log is complete.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async Task<(int Status, string Body)> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await Client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<(int Status, string Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<(int Status, string Body)> PostFormAsync(string path, string name, string value) =>
        SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent([new(name, value)]));
}
