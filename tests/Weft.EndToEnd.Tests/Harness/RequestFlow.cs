namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Requests one after the other on a few connections, from a host, until it is stopped: what fails meanwhile is written down.</summary>
internal sealed class RequestFlow : IAsyncDisposable
{
    private const int Clients = 4;

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly Task[] _clients;
    private readonly List<string> _failures = [];
    private int _answered;

    public RequestFlow(NetworkHost host, Uri uri)
        : this(host.CreateHttpClient(), uri)
    {
    }

    /// <summary>From this host.</summary>
    public RequestFlow(Uri uri)
        : this(new HttpClient(), uri)
    {
    }

    private RequestFlow(HttpClient http, Uri uri)
    {
        _http = http;
        _clients = [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(() => RunAsync(uri)))];
    }

    /// <summary>Requests answered with 200.</summary>
    public int Answered => Volatile.Read(ref _answered);

    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_failures)
                return [.. _failures];
        }
    }

    /// <summary>Lets the requests that are under way finish.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(Uri uri)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var response = await _http.GetAsync(uri);
                if (response.IsSuccessStatusCode)
                    Interlocked.Increment(ref _answered);
                else
                    Fail($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                Fail(error.ToString());
            }
        }
    }

    private void Fail(string what)
    {
        lock (_failures)
            _failures.Add(what);
    }
}
