using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>
/// One application of a chain of services: asks others through the proxy beside it, passing on the headers by which a trace goes on, and
/// puts their answers around its own line.
/// </summary>
internal sealed class ChainApplication : IDisposable
{
    private static readonly string[] s_passedOn =
    [
        "x-request-id", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags", "x-ot-span-context",
    ];

    private readonly ScriptedUpstream _upstream;
    private readonly HttpClient _client;
    private readonly string _own;
    private readonly (string Before, Uri Service, bool IsFirst)[] _others;

    /// <param name="host">Where it runs; it listens on 127.0.0.1:8080.</param>
    /// <param name="own">Its own line.</param>
    /// <param name="others">Whom it asks, what it prints before their answer, and whether that comes before its own line.</param>
    public ChainApplication(NetworkHost host, string own, params (string Before, Uri Service, bool IsFirst)[] others)
    {
        (_own, _others) = (own, others);
        _client = host.CreateHttpClient();
        _upstream = new ScriptedUpstream(ServeAsync, host.Listen(8080, "127.0.0.1"));
    }

    public void Dispose()
    {
        _upstream.Dispose();
        _client.Dispose();
    }

    private async Task ServeAsync(RawPeer peer, int number)
    {
        while (true)
        {
            var head = await peer.ReadUntilAsync("\r\n\r\n");
            peer.Forget();
            var body = await AnswerAsync(head);
            var length = Encoding.Latin1.GetByteCount(body).ToString(CultureInfo.InvariantCulture);
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n\r\n{body}");
        }
    }

    private async Task<string> AnswerAsync(string head)
    {
        var answer = new StringBuilder();
        foreach (var (before, service, _) in _others.Where(other => other.IsFirst))
            answer.Append(before).Append(await AskAsync(service, head));
        answer.Append(_own);
        foreach (var (before, service, _) in _others.Where(other => !other.IsFirst))
            answer.Append(before).Append(await AskAsync(service, head));
        return answer.ToString();
    }

    private async Task<string> AskAsync(Uri service, string head)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, service);
        foreach (var line in head.Split("\r\n").Where(line => s_passedOn.Contains(line.Split(':')[0])))
            request.Headers.TryAddWithoutValidation(line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        try
        {
            using var response = await _client.SendAsync(request);
            return await response.Content.ReadAsStringAsync();
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or TaskCanceledException)
        {
            return $"{error.Message}\n";
        }
    }
}
