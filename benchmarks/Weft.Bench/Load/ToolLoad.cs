using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Bench.Peers;
using Weft.Net;

namespace Weft.Bench.Load;

/// <summary>Load made by h2load or openssl on the core of the load, while this thread runs the backend. Bounded in count and time.</summary>
internal sealed partial class ToolLoad(EventLoop loop, Peer peer, int core, CancellationToken stop)
{
    private const int ProbeRequests = 1_000;
    private const double MaxSeconds = 60;

    public Round Run(Tool tool, int port, double seconds)
    {
        if (tool.Handshakes is { } kind)
            return Measure(Handshakes(kind, port, seconds), HandshakeCount());
        var probe = Measure(Requests(tool, port, ProbeRequests), RequestCount());
        var count = Math.Clamp((int)(probe.PerSecond * seconds), ProbeRequests, 1_000_000);
        return Measure(Requests(tool, port, count), RequestCount());
    }

    private string[] Requests(Tool tool, int port, int count)
    {
        var number = count.ToString(CultureInfo.InvariantCulture);
        var streams = tool.Streams.ToString(CultureInfo.InvariantCulture);
        string[] speech = tool.Speech switch
        {
            Speech.Tls => ["--h1", Url("https", port)],
            Speech.MutualTls => ["--h1", Url("http", port)],
            _ => ["-p", "h2c", Url("http", port)],
        };
        return [Tools.Find("h2load") ?? throw new LoadException("h2load is missing (apt-get install nghttp2-client)"),
            "-n", number, "-c", Tool.Connections.ToString(CultureInfo.InvariantCulture), "-m", streams, .. speech];
    }

    private static string[] Handshakes(string kind, int port, double seconds) =>
    [
        "openssl", "s_time", "-connect", $"127.0.0.1:{port}", kind, "-tls1_3", "-www", $"/bytes/{Shape.SmallBytes}",
        "-time", Math.Max(1, (int)Math.Round(seconds)).ToString(CultureInfo.InvariantCulture),
    ];

    private static string Url(string scheme, int port) => $"{scheme}://127.0.0.1:{port}/bytes/{Shape.SmallBytes}";

    private Round Measure(string[] command, Regex count)
    {
        var (usage, own, startedUs) = (peer.Usage, ProcessUsage.Of(Environment.ProcessId), loop.NowUs);
        var output = RunTool(command);
        var match = count.Match(output);
        if (!match.Success || long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is not (> 0 and var done))
            throw new LoadException($"{Path.GetFileName(command[0])}: {output.Split('\n').LastOrDefault(static l => l.Length > 0)}");
        return new Round
        {
            Usage = peer.Usage - usage,
            LoadUsage = ProcessUsage.Of(Environment.ProcessId) - own,
            Seconds = (loop.NowUs - startedUs) / 1e6,
            Count = done,
        };
    }

    private string RunTool(string[] command)
    {
        string[] all = ["taskset", "-c", core.ToString(CultureInfo.InvariantCulture), .. command];
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new LoadException($"{command[0]} could not be started");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        try
        {
            for (var end = loop.NowUs + (long)(MaxSeconds * 1e6); !process.HasExited && loop.NowUs < end;)
            {
                loop.RunTurn(20);
                stop.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        return output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult();
    }

    [GeneratedRegex(@"(\d+) succeeded")]
    private static partial Regex RequestCount();

    [GeneratedRegex(@"^(\d+) connections in \d+ real seconds", RegexOptions.Multiline)]
    private static partial Regex HandshakeCount();
}
