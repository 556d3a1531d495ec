using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A Zipkin collector: keeps the spans that are posted to it as JSON, version 2.</summary>
internal sealed class SpanCollector : IDisposable
{
    private readonly ScriptedUpstream _upstream;
    private readonly List<JsonElement> _spans = [];

    public SpanCollector(Socket listener) => _upstream = new ScriptedUpstream(ServeAsync, listener);

    public IReadOnlyList<JsonElement> Spans
    {
        get
        {
            lock (_spans)
                return [.. _spans];
        }
    }

    public void Dispose() => _upstream.Dispose();

    private async Task ServeAsync(RawPeer peer, int number)
    {
        while (true)
        {
            var head = await peer.ReadUntilAsync("\r\n\r\n");
            var bodyStart = head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            var length = int.Parse(head.Split("\r\n").First(line => line.StartsWith("content-length: ", StringComparison.Ordinal))["content-length: ".Length..], CultureInfo.InvariantCulture);
            while (peer.Received.Length < bodyStart + length)
                await peer.ReadMoreAsync();
            // The bytes were read as Latin-1.
            var body = Encoding.Latin1.GetBytes(peer.Received.Substring(bodyStart, length));
            var accepted = head.StartsWith("POST /api/v2/spans HTTP/1.1\r\n", StringComparison.Ordinal);
            if (accepted)
            {
                using var json = JsonDocument.Parse(body);
                lock (_spans)
                    _spans.AddRange(json.RootElement.EnumerateArray().Select(span => span.Clone()));
            }

            peer.Forget(bodyStart + length);
            await peer.SendAsync($"HTTP/1.1 {(accepted ? "202 Accepted" : "404 Not Found")}\r\ncontent-length: 0\r\n\r\n");
        }
    }
}
