using System.Text.Json;
using System.Text.RegularExpressions;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A running <c>weft observe</c> on this machine, at ports of the kernel's choice.</summary>
internal sealed partial class ObserveProcess : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private ObserveProcess(ServerProcess process) => _process = process;

    /// <summary>Where its page and queries are.</summary>
    public Uri Page { get; private set; } = null!;

    /// <summary>Where its metrics are.</summary>
    public Uri Metrics { get; private set; } = null!;

    public int GrpcPort { get; private set; }

    public int StatsdPort { get; private set; }

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false });

    public string Log => _process.Log;

    /// <summary>Does not look for proxies: those of other tests run on the same machine.</summary>
    public static Task<ObserveProcess> StartAsync(params string[] arguments) => StartLookingAsync(["--no-discovery", .. arguments]);

    /// <summary>As a user starts it who gives no address of a proxy.</summary>
    public static async Task<ObserveProcess> StartLookingAsync(params string[] arguments)
    {
        var observe = new ObserveProcess(ServerProcess.Start(
            WeftProcess.Binary,
            ["observe", "--http-port", "0", "--grpc-port", "0", "--otlp-http-port", "0", "--statsd-port", "0", "--metrics-port", "0", "--scrape-interval-ms", "200", .. arguments]));
        await observe._process.WaitForLog("/metrics");
        observe.Page = new Uri(PagePattern().Match(observe.Log).Groups[1].Value);
        observe.Metrics = new Uri(MetricsPattern().Match(observe.Log).Groups[1].Value);
        observe.GrpcPort = int.Parse(GrpcPattern().Match(observe.Log).Groups[1].Value);
        observe.StatsdPort = int.Parse(StatsdPattern().Match(observe.Log).Groups[1].Value);
        return observe;
    }

    public async Task<JsonElement> Get(string path)
    {
        using var document = JsonDocument.Parse(await Http.GetStringAsync(new Uri(Page, path)));
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }

    [GeneratedRegex("collector at (http://\\S+)")]
    private static partial Regex PagePattern();

    [GeneratedRegex("Prometheus at (http://\\S+)")]
    private static partial Regex MetricsPattern();

    [GeneratedRegex("by gRPC at \\S+:(\\d+)")]
    private static partial Regex GrpcPattern();

    [GeneratedRegex("statsd at \\S+:(\\d+)")]
    private static partial Regex StatsdPattern();
}
