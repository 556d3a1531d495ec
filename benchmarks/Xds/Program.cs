using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Weft.Bench.Xds;

// What clusters cost that a management server gives: time and memory until all are in use, and the change of one among them.
const int Changes = 20;
var binary = args.Length > 0 ? args[0] : Path.GetFullPath("bin/weft");
var folder = Directory.CreateTempSubdirectory("weft-bench-xds-").FullName;
var file = Path.Combine(folder, "resources.json");
using var http = new HttpClient();
try
{
    Console.WriteLine("| clusters | workers | until live, s | CPU until live, s | resident, MB | per cluster, KB | CPU of one endpoint change, ms |");
    Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
    foreach (var workers in (int[])[1, 4])
    {
        var without = 0L;
        foreach (var clusters in (int[])[1, 1_000, 10_000])
            without = Measure(clusters, workers, without);
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

return 0;

long Measure(int clusters, int workers, long without)
{
    File.WriteAllText(file, Resources.File(clusters, change: 0));
    var port = FreePort();
    using var server = new WeftProgram(binary, "xds-server", "--resources", file, "--port", Text(port), "--address", "127.0.0.1");
    server.WaitForLog("management server listening");
    var bootstrap = Path.Combine(folder, "envoy.yaml");
    File.WriteAllText(bootstrap, Resources.Bootstrap(port));
    var address = Path.Combine(folder, "admin");
    File.Delete(address);
    var clock = Stopwatch.StartNew();
    using var proxy = new WeftProgram(binary, "proxy", "-c", bootstrap, "--concurrency", Text(workers), "--admin-address-path", address);
    proxy.WaitForLog("starting workers");
    var (seconds, cpu) = (clock.Elapsed.TotalSeconds, proxy.CpuSeconds);
    // What the start has left behind is given back by then.
    Thread.Sleep(3000);
    var resident = proxy.ResidentBytes;
    var admin = new Uri("http://" + File.ReadAllText(address).Trim());
    var before = proxy.CpuSeconds;
    for (var change = 1; change <= Changes; change++)
    {
        File.WriteAllText(file, Resources.File(clusters, change));
        server.WaitForLog(string.Create(CultureInfo.InvariantCulture, $"EDS version {change + 1} "));
        Thread.Sleep(200);
    }

    // Asking for statistics costs more than a change does: once, when all is measured.
    var perChange = (proxy.CpuSeconds - before) * 1000 / Changes;
    proxy.Until(() => Updates(admin) > Changes, "the changed endpoints");
    var perCluster = without == 0 ? "" : Text((resident - without) / 1024.0 / clusters);
    Console.WriteLine($"| {clusters} | {workers} | {Text(seconds)} | {Text(cpu)} | {resident >> 20} | {perCluster} | {Text(perChange)} |");
    return without == 0 ? resident : without;
}

long Updates(Uri admin)
{
    var text = http.GetStringAsync(new Uri(admin, "/stats?filter=^cluster\\.cluster-0\\.default\\.svc\\.update_success$")).Result;
    return long.Parse(text.Split(": ")[^1], CultureInfo.InvariantCulture);
}

static string Text<T>(T number) where T : IFormattable => number.ToString(number is double ? "0.0" : null, CultureInfo.InvariantCulture);

static int FreePort()
{
    using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    return ((IPEndPoint)socket.LocalEndPoint!).Port;
}
