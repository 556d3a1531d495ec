using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Weft.Net;

namespace Weft.Observe.Tests;

/// <summary>A whole observer on a loop and thread of its own, at ports of the kernel's choice.</summary>
internal sealed class RunningObserver : IDisposable
{
    private readonly EventLoop _loop = new("observer");
    private readonly Thread _thread;

    public RunningObserver(Func<ObserveOptions, ObserveOptions>? options = null)
    {
        var basis = new ObserveOptions { HttpPort = 0, GrpcPort = 0, OtlpHttpPort = 0, StatsdPort = 0, MetricsPort = 0, ScrapeIntervalMs = 100 };
        Observer = new Observer(_loop, options?.Invoke(basis) ?? basis);
        Observer.Start();
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://{Observer.HttpAddress}") };
        _thread = new Thread(_loop.Run);
        _thread.Start();
    }

    public Observer Observer { get; }

    public HttpClient Http { get; }

    public async Task<HttpStatusCode> Post(string path, string body, string type = "application/json") => await Post(path, Encoding.UTF8.GetBytes(body), type);

    public async Task<HttpStatusCode> Post(string path, byte[] body, string type, string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        using var response = await Http.PostAsync(path, content);
        return response.StatusCode;
    }

    public async Task<JsonElement> Get(string path)
    {
        using var document = JsonDocument.Parse(await Http.GetStringAsync(path));
        return document.RootElement.Clone();
    }

    /// <summary>Waits until a condition holds.</summary>
    public static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (!await condition())
            await Task.Delay(10, limit.Token);
    }

    public static byte[] Gzip(byte[] data)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
            gzip.Write(data);
        return output.ToArray();
    }

    public void Dispose()
    {
        Http.Dispose();
        _loop.Stop();
        _thread.Join();
        Observer.Dispose();
        _loop.Dispose();
    }
}
