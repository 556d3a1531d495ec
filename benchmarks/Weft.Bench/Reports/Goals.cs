using System.Globalization;

namespace Weft.Bench.Reports;

/// <summary>What Weft promises, checked against the table; nothing is said about what was not measured.</summary>
internal static class Goals
{
    private static readonly string[] LoadedShapes = ["512x64", "watched", "512x512", "64kx64", "64kx512"];
    private static readonly string[] Http2Shapes = ["h2x1", "h2x16", "h2x100"];
    private static readonly string[] TlsShapes = ["tls", "tls-full", "tls-resumed", "mtls"];
    private static readonly (string Peer, double Wanted)[] LoadedPeers = [("nginx", 1.2), ("haproxy", 1.2), ("yarp", 2.5)];
    private static readonly (string Peer, double Wanted)[] Http2Peers = [("nginx", 1), ("haproxy", 1), ("nghttpx", 1), ("yarp", 1)];
    private static readonly (string Peer, double Wanted)[] TlsPeers = [("nginx", 1), ("haproxy", 1)];
    private const double MaxIdleMb = 60;
    private const double MaxKbPerIdleConnection = 4;
    private const double MaxKbPerIdleTlsConnection = 32;

    public static IEnumerable<string> Of(string weft, Results results)
    {
        if (weft is "nginx" or "haproxy" or "yarp" or "nghttpx" or "relay")
            return [];
        return LoadedShapes.SelectMany(shape => Leads(weft, results, shape, LoadedPeers))
            .Concat(Http2Shapes.SelectMany(shape => Leads(weft, results, shape, Http2Peers)))
            .Concat(TlsShapes.SelectMany(shape => Leads(weft, results, shape, TlsPeers)))
            .Concat(Costs(results))
            .Concat(Latency(weft, results))
            .Concat(Limits(weft, results));
    }

    private static IEnumerable<string> Leads(string weft, Results results, string shape, (string Peer, double Wanted)[] peers)
    {
        foreach (var (peer, wanted) in peers)
        {
            if (Find(results, shape)?.Lead(weft, peer) is { } lead && double.IsFinite(lead))
                yield return Line($"{shape}: per core x{Text(lead)} of {peer}, wanted x{Text(wanted)}", lead >= wanted);
        }
    }

    /// <summary>./bench --cost.</summary>
    private static IEnumerable<string> Costs(Results results)
    {
        foreach (var (peer, wanted, text) in new[] { ("weft-log", 0.90, "all statistics and a JSON access log"), ("weft-trace", 0.97, "tracing one request in a hundred") })
        {
            if (Find(results, "512x64")?.Lead(peer, "weft-bare") is { } share && double.IsFinite(share))
                yield return Line($"{text}: x{Text(share)} of the requests/s per core without, wanted x{Text(wanted)}", share >= wanted);
        }
    }

    private static IEnumerable<string> Latency(string weft, Results results)
    {
        foreach (var peer in new[] { "nginx", "haproxy", "yarp" })
        {
            if (Find(results, Shape.Open) is { } p99 && double.IsFinite(p99.Lead(weft, peer)))
                yield return Line($"p99 at a fixed rate: {Text(p99.Median(weft))} us, {peer} {Text(p99.Median(peer))} us", p99.Lead(weft, peer) >= 1);
        }
        if (Find(results, "TCP") is { } tcp && double.IsFinite(tcp.Lead(weft, "haproxy")))
            yield return Line($"TCP: x{Text(tcp.Lead(weft, "haproxy"))} of haproxy's MB/s", tcp.Lead(weft, "haproxy") >= 1);
    }

    private static IEnumerable<string> Limits(string weft, Results results)
    {
        foreach (var (group, limit, text) in new[]
        {
            ("resident, started", MaxIdleMb, "resident MB when started"),
            ("per-idle", MaxKbPerIdleConnection, "resident KB per idle connection"),
            ("per-idle-tls", MaxKbPerIdleTlsConnection, "resident KB per idle TLS connection"),
            (Shape.Allocation, 0.5, "allocated bytes per request"),
            (Shape.Allocation + ", ten routes", 0.5, "allocated bytes per request, ten routes"),
        })
        {
            if (Find(results, group)?.Median(weft) is { } value && double.IsFinite(value))
                yield return Line($"{text}: {Text(value)}, at most {Text(limit)} wanted", value <= limit);
        }
    }

    private static Metric? Find(Results results, string group) => results.Metrics.FirstOrDefault(m => m.Group == group);

    private static string Line(string text, bool isMet) => $"{(isMet ? "met" : "MISSED")}: {text}";

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
