using System.Net;

namespace Weft.Observe.Proxies;

/// <summary>Reads the admin interface of one proxy. Any thread.</summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>Of one answer; a longer one is not read.</summary>
    public const int MaxAnswerBytes = 64 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly CancellationTokenSource _end = new();

    /// <param name="address">HOST:PORT.</param>
    public AdminClient(string address)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
        {
            BaseAddress = new Uri($"http://{address}/"),
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    public bool HasEnded => _end.IsCancellationRequested;

    /// <summary>The whole answer.</summary>
    /// <exception cref="HttpRequestException">There is none, or it is no 200.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or nobody wants it any more.</exception>
    public Task<byte[]> ReadAsync(string path) => _http.GetByteArrayAsync(path, _end.Token);

    /// <summary>The same, but nothing where the proxy has no such path, does not answer it, or answers with more than is read.</summary>
    /// <returns>The answer, and how long it was.</returns>
    public async Task<(byte[]? Answer, int Bytes)> ReadIfThereAsync(string path)
    {
        try
        {
            var answer = await ReadAsync(path).ConfigureAwait(false);
            return (answer, answer.Length);
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
        {
            return (null, 0);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return (null, MaxAnswerBytes);
        }
    }

    /// <summary>Whether an exception tells of the proxy or the way to it, and not of a mistake here.</summary>
    public static bool IsFailure(Exception exception) =>
        exception is HttpRequestException or OperationCanceledException or BadInputException or IOException or ObjectDisposedException;

    public void Dispose()
    {
        _end.Cancel();
        _http.Dispose();
        _end.Dispose();
    }
}
