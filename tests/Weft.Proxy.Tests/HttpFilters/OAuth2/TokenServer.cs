using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Proxy.Tests.HttpFilters.OAuth2;

/// <summary>A token endpoint: keeps what it is sent and answers as it is told.</summary>
internal sealed class TokenServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _serving;
    private readonly Func<int, (int Status, string Body)?> _answer;
    private readonly List<(string Head, string Body)> _requests = [];

    /// <param name="answer">Of each request, by its number from 1; null: none.</param>
    public TokenServer(Func<int, (int Status, string Body)?> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public (string Head, string Body)[] Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public static TokenServer Answering(string json, int status = 200) => new(_ => (status, json));

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _serving;
        _over.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_over.Token);
                await ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        var head = new StringBuilder();
        while (await reader.ReadLineAsync(_over.Token) is { Length: > 0 } line)
            head.Append(line).Append('\n');
        var length = head.ToString().Split('\n').First(static line => line.StartsWith("content-length: ", StringComparison.Ordinal))["content-length: ".Length..];
        var body = new char[int.Parse(length, CultureInfo.InvariantCulture)];
        await reader.ReadBlockAsync(body, _over.Token);
        int number;
        lock (_requests)
        {
            _requests.Add((head.ToString(), new string(body)));
            number = _requests.Count;
        }

        if (_answer(number) is not { } answer)
        {
            // Until the proxy has given up.
            await reader.ReadAsync(new char[1], _over.Token);
            return;
        }

        var text = $"HTTP/1.1 {answer.Status} X\r\ncontent-length: {answer.Body.Length}\r\nconnection: close\r\n\r\n{answer.Body}";
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), _over.Token);
    }
}
