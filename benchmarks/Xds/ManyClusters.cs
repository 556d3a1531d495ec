using System.Diagnostics;
using System.Globalization;

namespace Weft.Bench.Xds;

/// <summary>What clusters cost that a management server gives: time and memory until all are in use, and the change of one among them.</summary>
internal sealed class ManyClusters(string binary, string folder, HttpClient http)
{
    private const int Changes = 20;
    private const int Many = 10_000;
    private const double MaxKbPerCluster = 8;
    private const double MaxSeconds = 3;

    /// <summary>A change must not cost more because there are many others; this much is within what is measured.</summary>
    private const double MaxChangeGrowth = 1.5;

    private readonly string _file = Path.Combine(folder, "resources.json");

    /// <summary>Prints a table, row by row, and gives the lines about goals.</summary>
    public IEnumerable<string> Run()
    {
        Console.WriteLine("| clusters | workers | until live, s | CPU until live, s | own memory, MB | per cluster, KB | CPU of one endpoint change, ms |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
        var goals = new List<string>();
        foreach (var workers in (int[])[1, 4])
        {
            var one = Measure(1, workers, null);
            Measure(1_000, workers, one);
            var many = Measure(Many, workers, one);
            var kb = KbPerCluster(many, one);
            goals.Add(Goal.Line($"{Many:N0} clusters, {workers} worker(s): {Text(kb)} KB per cluster, at most {Text(MaxKbPerCluster)} wanted", kb <= MaxKbPerCluster));
            goals.Add(Goal.Line($"{Many:N0} clusters, {workers} worker(s): live after {Text(many.Seconds)} s, at most {Text(MaxSeconds)} wanted", many.Seconds <= MaxSeconds));
            goals.Add(Goal.Line($"one endpoint change among {Many:N0} clusters, {workers} worker(s): {Text(many.ChangeMs)} ms, alone {Text(one.ChangeMs)} ms", many.ChangeMs <= one.ChangeMs * MaxChangeGrowth));
        }

        return goals;
    }

    private static double KbPerCluster(Row row, Row one) => (row.OwnBytes - one.OwnBytes) / 1024.0 / row.Clusters;

    private Row Measure(int clusters, int workers, Row? one)
    {
        File.WriteAllText(_file, Resources.File(clusters, change: 0));
        var port = Machine.FreePort();
        using var server = new WeftProgram(binary, "xds-server", "--resources", _file, "--port", Text(port), "--address", "127.0.0.1");
        server.WaitForLog("management server listening");
        var bootstrap = Path.Combine(folder, "envoy.yaml");
        File.WriteAllText(bootstrap, Resources.Bootstrap(port));
        var address = Path.Combine(folder, "admin");
        File.Delete(address);
        var clock = Stopwatch.StartNew();
        using var proxy = new WeftProgram(binary, "proxy", "-c", bootstrap, "--concurrency", Text(workers), "--admin-address-path", address);
        proxy.WaitForLog("starting workers");
        var (seconds, cpuSeconds) = (clock.Elapsed.TotalSeconds, proxy.Usage.CpuNs / 1e9);
        // What the start has left behind is given back by then.
        Thread.Sleep(3000);
        var own = proxy.OwnBytes;
        var changeMs = Change(clusters, server, proxy);
        var admin = new Uri("http://" + File.ReadAllText(address).Trim());
        // Asking for statistics costs more than a change does: once, when all is measured.
        proxy.Until(() => Machine.Sum(http, admin, "^cluster\\.cluster-0\\.default\\.svc\\.update_success$") > Changes, "the changed endpoints");
        var row = new Row(clusters, seconds, own, changeMs);
        var perCluster = one is null ? "" : Text(KbPerCluster(row, one));
        Console.WriteLine($"| {clusters} | {workers} | {Text(seconds)} | {Text(cpuSeconds)} | {own >> 20} | {perCluster} | {Text(changeMs)} |");
        return row;
    }

    /// <summary>The CPU time of one change, in milliseconds.</summary>
    private double Change(int clusters, WeftProgram server, WeftProgram proxy)
    {
        var before = proxy.Usage;
        for (var change = 1; change <= Changes; change++)
        {
            File.WriteAllText(_file, Resources.File(clusters, change));
            server.WaitForLog(string.Create(CultureInfo.InvariantCulture, $"EDS version {change + 1} "));
            Thread.Sleep(200);
        }

        return (proxy.Usage - before).CpuNs / 1e6 / Changes;
    }

    private static string Text<T>(T number) where T : IFormattable => number.ToString(number is double ? "0.0" : null, CultureInfo.InvariantCulture);

    private sealed record Row(int Clusters, double Seconds, long OwnBytes, double ChangeMs);
}
