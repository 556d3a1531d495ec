using System.Net.Sockets;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Listens on a host and keeps every line that any connection brings, as a statsd by TCP does.</summary>
internal sealed class LineReceiver : IDisposable
{
    private readonly ScriptedUpstream _upstream;
    private readonly List<string> _lines = [];

    public LineReceiver(Socket listener) => _upstream = new ScriptedUpstream(ReceiveAsync, listener);

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <summary>The sum of what a counter's lines say.</summary>
    public long Counted(string name) => Lines.Where(line => line.StartsWith(name + ":", StringComparison.Ordinal) && line.EndsWith("|c", StringComparison.Ordinal))
        .Sum(line => long.Parse(line[(name.Length + 1)..^2], System.Globalization.CultureInfo.InvariantCulture));

    public void Dispose() => _upstream.Dispose();

    private async Task ReceiveAsync(RawPeer peer, int number)
    {
        while (true)
        {
            var text = await peer.ReadUntilAsync("\n");
            var end = text.LastIndexOf('\n') + 1;
            peer.Forget(end);
            lock (_lines)
                _lines.AddRange(text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
