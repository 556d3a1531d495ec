using System.Globalization;
using Weft.Bench.Load;
using Weft.Bench.Peers;
using Weft.Net;

namespace Weft.Bench;

/// <summary>
/// The rounds. Within each, the proxies have their turn one after the other (A B C A B C ...), so that what else happens on
/// the machine happens to all of them.
/// </summary>
internal sealed class Measurements(BenchOptions options, IReadOnlyList<Peer> peers, Results results, EventLoop loop, CancellationToken stop)
{
    private const int IdleConnections = 1_000;
    private const int TcpConnections = 2;

    /// <summary>The open loop's rate as a part of what the slowest proxy can do.</summary>
    private const double OpenLoad = 0.4;

    /// <summary>What a warm-up aims at on a machine too busy to do so in its time, and how often it is prolonged.</summary>
    private const int WarmUpRequests = 30_000;

    private const int MaxWarmUpTurns = 8;

    /// <summary>A turn of the warm-up that costs more than this part of the cheapest before it found nothing left to gain.</summary>
    private const double SteadyCost = 0.97;

    private static readonly (int BodyBytes, int Connections, double Part)[] WarmUpLoads =
        [(Shape.SmallBytes, Shape.UsualConnections, 0.6), (Shape.LargeBytes, Shape.UsualConnections, 0.3), (Shape.SmallBytes, 1, 0.1)];

    public void Run()
    {
        Memory("resident, started");
        if (IsWanted(Shape.Idle))
            Idle();
        if (IsWanted(Shape.IdleTls))
            IdleTls();
        WarmUp();
        foreach (var shape in Shape.Closed.Where(s => IsWanted(s.Name)))
            Rounds(shape.Title, Speech.Http1, peer => Closed(shape, peer));
        foreach (var tool in Tool.All.Where(t => IsWanted(t.Name)))
            Rounds(tool.Title, tool.Speech, peer => Loaded(tool, peer));
        if (IsWanted(Shape.Open))
            Open();
        if (IsWanted(Shape.Tcp))
            Rounds("TCP", Speech.Http1, Tcp);
        if (IsWanted(Shape.Allocation))
            OnAll("allocated bytes", Speech.Http1, peer => Allocated(peer, Shape.UsualHost, ""));
        if (IsWanted(Shape.Allocation) || IsWanted("routes10"))
            OnAll("allocated bytes with ten routes", Speech.Http1, peer => Allocated(peer, Shape.RoutedHost, ", ten routes"));
        Memory("resident, after load");
    }

    private bool IsWanted(string shape) => options.Shapes.Count == 0 || options.Shapes.Contains(shape);

    private void WarmUp()
    {
        foreach (var (body, connections, part) in WarmUpLoads)
            OnAll($"warming up, {body} B x {connections}", Speech.Http1, peer =>
            {
                using var load = new HttpLoad(loop, peer, connections, body, stop);
                UntilSteady(part, seconds => load.RunClosed(0, seconds));
            });
        foreach (var tool in Tool.All.Where(t => t.Handshakes is null && IsWanted(t.Name)).GroupBy(t => t.Speech).Select(g => g.Last()))
            OnAll($"warming up, {tool.Name}", tool.Speech, peer => UntilSteady(0.3, seconds => Load(tool, peer, seconds)));
    }

    /// <summary>Goes on until a proxy's time per request falls no further: a just-in-time compiler has done then what it does.</summary>
    private void UntilSteady(double part, Func<double, Round> turn)
    {
        var (count, best, isSteady) = (0L, double.MaxValue, false);
        for (var turns = 0; turns < MaxWarmUpTurns && !(isSteady && count >= WarmUpRequests * part); turns++)
        {
            var round = turn(options.WarmUpSeconds * part);
            var cost = (double)round.Usage.CpuNs / Math.Max(round.Count, 1);
            isSteady = cost > best * SteadyCost;
            best = Math.Min(best, cost);
            count += round.Count;
        }
    }

    private void Closed(Shape shape, Peer peer)
    {
        using var load = new HttpLoad(loop, peer, shape.Connections, shape.BodyBytes, stop, shape.Host);
        var round = load.RunClosed(options.SettleSeconds, options.Seconds);
        var cpuUs = round.Usage.CpuNs / 1000.0 / round.Count;
        Note(peer, round);
        var ticks = (double)Math.Max(round.Usage.UserTicks + round.Usage.SystemTicks, 1);
        Row($"{shape.Title}: requests/s per core (1/CPU)", "N0", Better.Higher, shape.Name).Add(peer.Name, 1e6 / cpuUs);
        Row($"{shape.Title}: CPU us/request", "0.0", Better.Lower).Add(peer.Name, cpuUs);
        Row($"{shape.Title}: ... user", "0.0", Better.Lower).Add(peer.Name, cpuUs * round.Usage.UserTicks / ticks);
        Row($"{shape.Title}: ... system", "0.0", Better.Lower).Add(peer.Name, cpuUs * round.Usage.SystemTicks / ticks);
        Seen(shape).Add(peer.Name, round.PerSecond);
        if (shape.Connections == 1)
            Row($"{shape.Title}: p50 us", "0", Better.Lower).Add(peer.Name, round.P50Us);
    }

    private Metric Seen(Shape shape) => Row($"{shape.Title}: requests/s as seen", "N0", Better.Higher);

    private void Loaded(Tool tool, Peer peer)
    {
        var round = Load(tool, peer, options.Seconds);
        var cpuUs = round.Usage.CpuNs / 1000.0 / round.Count;
        Note(peer, round);
        Row($"{tool.Title}: {tool.Unit}s/s per core (1/CPU)", "N0", Better.Higher, tool.Name).Add(peer.Name, 1e6 / cpuUs);
        Row($"{tool.Title}: CPU us/{tool.Unit}", "0.0", Better.Lower).Add(peer.Name, cpuUs);
    }

    private Round Load(Tool tool, Peer peer, double seconds) =>
        new ToolLoad(loop, peer, options.LoadCore, stop).Run(tool, peer.PortOf(tool.Speech)!.Value, seconds);

    private void Open()
    {
        var rate = options.Rate > 0 ? options.Rate : AutomaticRate();
        var title = $"512 B, 64 connections, {rate.ToString("N0", CultureInfo.InvariantCulture)} requests/s";
        Rounds(title, Speech.Http1, peer =>
        {
            using var load = new HttpLoad(loop, peer, Shape.UsualConnections, Shape.SmallBytes, stop);
            var round = load.RunOpen(rate, options.SettleSeconds, options.Seconds * 2);
            Note(peer, round);
            Row($"{title}: p50 us", "0", Better.Lower).Add(peer.Name, round.P50Us);
            Row($"{title}: p99 us, median of 20 ms windows", "0", Better.Lower, Shape.Open).Add(peer.Name, round.P99WindowUs);
            Row($"{title}: p99 us, of all", "0", Better.Lower).Add(peer.Name, round.P99Us);
            Row($"{title}: cores used", "0.00", Better.Lower).Add(peer.Name, round.Usage.CpuNs / 1e9 / round.Seconds);
        });
    }

    private int AutomaticRate()
    {
        var usual = Shape.Closed.Single(s => s.Name == "512x64");
        if (!IsWanted(usual.Name))
            Rounds("finding a rate", Speech.Http1, peer => Closed(usual, peer));
        var slowest = peers.Select(peer => Seen(usual).Median(peer.Name)).Where(double.IsFinite).DefaultIfEmpty(5_000).Min();
        return Math.Max(500, (int)(slowest * OpenLoad) / 500 * 500);
    }

    private void Idle() => OnAll("idle connections", Speech.Http1, peer =>
    {
        // What a first request brings in (code, buffers) is not a connection's.
        using (var first = new HttpLoad(loop, peer, 1, Shape.SmallBytes, stop))
            first.RunClosed(0, options.Seconds);
        var before = peer.ResidentKb;
        using var load = new HttpLoad(loop, peer, IdleConnections, Shape.SmallBytes, stop);
        load.RunOnce();
        Row($"resident MB with {IdleConnections:N0} idle connections", "0.0", Better.Lower, Shape.Idle).Add(peer.Name, peer.ResidentKb / 1024.0);
        Row("resident KB per idle connection", "0.0", Better.Lower, "per-idle").Add(peer.Name, (peer.ResidentKb - before) / (double)IdleConnections);
    });

    private void IdleTls() => OnAll("idle TLS connections", Speech.Tls, peer =>
    {
        var port = peer.PortOf(Speech.Tls)!.Value;
        using (var first = new TlsConnections())
            first.Open(loop, port, 10);
        var before = peer.ResidentKb;
        using var idle = new TlsConnections();
        idle.Open(loop, port, IdleConnections);
        Row("resident KB per idle TLS connection", "0.0", Better.Lower, "per-idle-tls").Add(peer.Name, (peer.ResidentKb - before) / (double)IdleConnections);
    });

    private void Memory(string when) => OnAll("", null, peer =>
        Row($"{when}, MB", "0.0", Better.Lower, when).Add(peer.Name, peer.ResidentKb / 1024.0));

    private void Tcp(Peer peer)
    {
        foreach (var (variant, port) in peer.TcpPorts)
        {
            var name = variant.Length == 0 ? "TCP" : $"TCP ({variant})";
            var round = TcpLoad.Run(loop, peer, port, TcpConnections, options.SettleSeconds, options.Seconds, stop);
            Row($"{name}: MB/s", "N0", Better.Higher, name).Add(peer.Name, round.PerSecond / 1e6);
            Row($"{name}: CPU ms/GB", "0", Better.Lower).Add(peer.Name, round.Usage.CpuNs / 1e6 / (round.Count / 1e9));
        }
    }

    /// <summary>Between two readings of the proxy's own count; what a reading itself allocates is taken off.</summary>
    private void Allocated(Peer peer, string host, string remark)
    {
        if (peer.AllocatedBytes() is null)
            return;
        using var load = new HttpLoad(loop, peer, Shape.UsualConnections, Shape.SmallBytes, stop, host);
        load.RunClosed(0, options.SettleSeconds);
        var (zero, before) = (peer.AllocatedBytes() ?? 0, peer.AllocatedBytes() ?? 0);
        var round = load.RunClosed(0, options.Seconds);
        var after = peer.AllocatedBytes() ?? 0;
        var own = before - zero;
        Row($"allocated bytes/request{remark}", "0.0", Better.Lower, Shape.Allocation + remark).Add(peer.Name, Math.Max(after - before - own, 0) / (double)round.Count);
    }

    /// <summary>Of the first proxy only: the threads of one that has many wait for each other.</summary>
    private void Note(Peer peer, Round round)
    {
        if (peer == peers[0])
            results.Waiting.Add(round);
    }

    private Metric Row(string title, string format, Better better, string group = "") => results.Row(title, format, better, group);

    private void Rounds(string title, Speech speech, Action<Peer> measure)
    {
        for (var i = 0; i < options.Rounds; i++)
            OnAll($"{title}, round {i + 1} of {options.Rounds}", speech, measure);
    }

    /// <summary>On each proxy that has a listener of that kind.</summary>
    private void OnAll(string title, Speech? speech, Action<Peer> measure)
    {
        if (title.Length > 0)
            Console.Error.WriteLine($"bench: {title}");
        foreach (var peer in peers.Where(p => speech is not { } wanted || p.PortOf(wanted) is not null))
        {
            try
            {
                measure(peer);
            }
            catch (LoadException e)
            {
                var died = peer.IsRunning ? "" : $" (it has ended: {peer.LastOutput})";
                results.Notes.Add($"{peer.Name} failed at '{title}': {e.Message}{died}");
            }
        }
    }
}
