using System.Globalization;
using System.Runtime.InteropServices;
using Weft.Bench.Peers;
using Weft.Net;

namespace Weft.Bench.Xds;

/// <summary>
/// What updates take away from requests: a proxy on one core under steady load, in turns left alone and given 100 updates per second by its
/// management server. All change endpoints, of each cluster in turn, some routes too, some the settings of the cluster that the load goes to.
/// </summary>
internal sealed partial class UpdatesUnderLoad(string binary, string folder, HttpClient http)
{
    private const int Clusters = 50;
    private const int Connections = 64;
    private const int UpdatesPerSecond = 100;
    private const int Rounds = 20;
    private const int MaxWarmUps = 15;

    /// <summary>A warm-up in which the compiler has less than this much of the time found next to nothing left to compile.</summary>
    private const double CompilerAtRest = 0.01;

    private const double SettleSeconds = 0.2;
    private const double Seconds = 1;
    private const double WarmUpSeconds = 3;
    private const int ProxyCore = 0;
    private const int LoadCore = 1;

    /// <summary>Prints a table, and gives the lines about goals.</summary>
    public IEnumerable<string> Run()
    {
        PinThisThread(LoadCore);
        using var loop = new EventLoop("load");
        var backends = (SteadyLoad.StartBackend(loop), SteadyLoad.StartBackend(loop));
        using var server = new ChangingServer(loop, new LoadedResources(Clusters, backends), UpdatesPerSecond);
        var bootstrap = Path.Combine(folder, "loaded.yaml");
        File.WriteAllText(bootstrap, Resources.Bootstrap(server.Port));
        var address = Path.Combine(folder, "loaded-admin");
        using var proxy = new WeftProgram("taskset", "-c", Text(ProxyCore), binary, "proxy", "-c", bootstrap, "--concurrency", "1", "--admin-address-path", address);
        proxy.WaitForLog("starting workers", () => loop.RunTurn(5));
        var admin = new Uri("http://" + File.ReadAllText(address).Trim());
        using var load = new SteadyLoad(loop, PortOf(admin, "web"), Connections, LoadedResources.Host);
        load.Run(WarmUpSeconds);
        server.ChangeDuring(() => WarmUp(load, proxy));
        var (alone, updated) = (new List<double>(), new List<double>());
        var before = Updates(admin);
        for (var round = 0; round < Rounds; round++)
        {
            load.Run(SettleSeconds);
            alone.Add(PerCoreSecond(load, proxy, Seconds));
            server.ChangeDuring(() =>
            {
                load.Run(SettleSeconds);
                updated.Add(PerCoreSecond(load, proxy, Seconds));
            });
        }

        var applied = (Updates(admin) - before) / (Rounds * (SettleSeconds + Seconds));
        // Short rounds lie side by side, so that what else the machine does touches both.
        var ratio = Median(alone.Zip(updated, static (one, other) => other / one));
        Console.WriteLine();
        Console.WriteLine($"| requests/s per core, left alone | with {UpdatesPerSecond} updates per second | ratio | updates applied per second | requests | failed |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|");
        Console.WriteLine($"| {Median(alone):N0} | {Median(updated):N0} | {Text(ratio)} | {applied:N0} | {load.Answered:N0} | {load.Failed} |");
        return
        [
            Goal.Line($"requests per core during {UpdatesPerSecond} updates per second: x{Text(ratio)} of those without, wanted x0.95", ratio >= 0.95 && applied >= UpdatesPerSecond * 0.9),
            Goal.Line($"failed requests: {load.Failed} of {load.Answered:N0}{(load.Failed > 0 ? $" ({load.LastFailure})" : "")}, wanted none", load.Failed == 0),
        ];
    }

    /// <summary>Until what applies updates is compiled for good: its compiler would be taken for their cost.</summary>
    private static void WarmUp(SteadyLoad load, WeftProgram proxy)
    {
        for (var i = 0; i < MaxWarmUps; i++)
        {
            var before = proxy.CompilerNs;
            load.Run(WarmUpSeconds);
            // Methods are compiled again and again at first, each time better.
            if (i > 0 && proxy.CompilerNs - before < CompilerAtRest * WarmUpSeconds * 1e9)
                return;
        }
    }

    private static double PerCoreSecond(SteadyLoad load, WeftProgram proxy, double seconds)
    {
        var (answered, usage) = (load.Answered, proxy.Usage);
        load.Run(seconds);
        return (load.Answered - answered) / ((proxy.Usage - usage).CpuNs / 1e9);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>Accepted updates of the endpoints of all clusters.</summary>
    private long Updates(Uri admin) => Machine.Sum(http, admin, "^cluster\\..*\\.update_success$");

    private int PortOf(Uri admin, string listener)
    {
        var line = http.GetStringAsync(new Uri(admin, "/listeners")).Result.Split('\n').First(line => line.StartsWith(listener, StringComparison.Ordinal));
        return int.Parse(line.Split(':')[^1], CultureInfo.InvariantCulture);
    }

    private static string Text<T>(T number) where T : IFormattable => number.ToString(number is double ? "0.00" : null, CultureInfo.InvariantCulture);

    /// <summary>Threads that it starts stay on the same core.</summary>
    private static void PinThisThread(int core)
    {
        var mask = 1UL << core;
        _ = sched_setaffinity(0, sizeof(ulong), ref mask);
    }

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int thread, nint size, ref ulong mask);
}
