using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Weft.Proxy.Tests.Tracing;

/// <summary>A collector of spans that takes whatever is posted to it, over HTTP/1.1 with kept connections.</summary>
internal sealed class Collector : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<string> _heads = [];
    private readonly List<byte[]> _bodies = [];

    public Collector()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>The status line's rest.</summary>
    public string Status { get; set; } = "202 Accepted";

    public IReadOnlyList<string> Heads
    {
        get
        {
            lock (_bodies)
                return [.. _heads];
        }
    }

    public IReadOnlyList<byte[]> Bodies
    {
        get
        {
            lock (_bodies)
                return [.. _bodies];
        }
    }

    /// <summary>All spans of Zipkin's JSON so far.</summary>
    public IReadOnlyList<JsonElement> ZipkinSpans =>
        [.. Bodies.SelectMany(body => JsonDocument.Parse(body).RootElement.EnumerateArray())];

    public async Task<IReadOnlyList<JsonElement>> ZipkinSpansAsync(int count)
    {
        await UntilAsync(() => ZipkinSpans.Count >= count);
        return ZipkinSpans;
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 12_000, "it did not come true");
            await Task.Delay(10);
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            while (await ReadHeadAsync(stream) is { Length: > 0 } head)
            {
                var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("content-length:", StringComparison.Ordinal));
                var body = length is null ? await ReadChunksAsync(stream) : new byte[int.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)];
                if (length is not null)
                    await stream.ReadExactlyAsync(body);
                lock (_bodies)
                {
                    _heads.Add(head);
                    _bodies.Add(body);
                }

                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {Status}\r\ncontent-length: 0\r\n\r\n"));
            }
        }
        catch (IOException)
        {
        }
    }

    private static async Task<byte[]> ReadChunksAsync(NetworkStream stream)
    {
        var body = new List<byte>();
        while (true)
        {
            var line = await ReadHeadAsync(stream, "\r\n");
            var chunk = new byte[int.Parse(line.Trim(), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(chunk);
            await ReadHeadAsync(stream, "\r\n");
            if (chunk.Length == 0)
                return [.. body];
            body.AddRange(chunk);
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream, string end = "\r\n\r\n")
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                return "";
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
