using System.Text.Json;
using Weft.Net;

namespace Weft.Observe.Traffic;

/// <summary>Asks the admin interface of one proxy in intervals. Requests run on the thread pool, what they bring is taken on the loop. Loop thread.</summary>
internal sealed class ProxyScraper : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024 * 1024;
    private const int MillisecondsPerSecond = 1000;

    private readonly EventLoop _loop;
    private readonly TrafficStore _store;
    private readonly int _intervalMs;
    private readonly HttpClient _http;
    private readonly LoopTimer _timer;
    private readonly CancellationTokenSource _end = new();
    private long _lastMs;

    /// <param name="address">HOST:PORT of the admin interface.</param>
    public ProxyScraper(EventLoop loop, string address, TrafficStore store, int intervalMs)
    {
        (_loop, Address, _store, _intervalMs) = (loop, address, store, intervalMs);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
        {
            BaseAddress = new Uri($"http://{address}/"),
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _timer = new LoopTimer(loop, Ask);
    }

    public string Address { get; }

    /// <summary>The node that it calls itself; its address until it has said so.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What the last attempt failed with; "" when it did not.</summary>
    public string Error { get; private set; } = "not asked yet";

    public void Start() => _timer.Arm(0);

    public void Dispose()
    {
        _timer.Cancel();
        _end.Cancel();
        _http.Dispose();
        _end.Dispose();
    }

    private void Ask()
    {
        var wantsName = Name.Length == 0;
        var end = _end.Token;
        _ = Task.Run(async () =>
        {
            try
            {
                var name = wantsName ? await ReadNameAsync(end).ConfigureAwait(false) : "";
                var text = await _http.GetByteArrayAsync("stats/prometheus?usedonly&filter=" + Uri.EscapeDataString(ProxyScrape.Filter), end).ConfigureAwait(false);
                var scrape = ProxyScrape.Read(text);
                _loop.Post(() => Take(scrape, name));
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or IOException or ObjectDisposedException)
            {
                _loop.Post(() => Fail(e.Message));
            }
        }, CancellationToken.None);
    }

    private async Task<string> ReadNameAsync(CancellationToken end)
    {
        using var info = JsonDocument.Parse(await _http.GetByteArrayAsync("server_info", end).ConfigureAwait(false));
        var node = info.RootElement.TryGetProperty("node", out var value) ? value : default;
        var id = node.ValueKind == JsonValueKind.Object && node.TryGetProperty("id", out var text) ? text.GetString() : null;
        return string.IsNullOrEmpty(id) ? Address : id;
    }

    private void Take(ProxyScrape scrape, string name)
    {
        if (_end.IsCancellationRequested)
            return;
        if (name.Length > 0)
            Name = name;
        Error = "";
        var seconds = _lastMs == 0 ? 1 : Math.Max(1, _loop.NowMs - _lastMs) / (double)MillisecondsPerSecond;
        _lastMs = _loop.NowMs;
        _store.AddScrape(Name, scrape, seconds);
        _timer.Arm(_intervalMs);
    }

    private void Fail(string error)
    {
        if (_end.IsCancellationRequested)
            return;
        (Error, Name) = (error, "");
        _timer.Arm(_intervalMs);
    }
}
