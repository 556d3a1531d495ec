using System.Globalization;
using System.Net;
using Weft.Bench.Load;
using Weft.Bench.Peers;
using Weft.Bench.Reports;
using Weft.Net;

namespace Weft.Bench;

/// <summary>One run: starts the proxies, loads them in turn, prints the table, ends them.</summary>
internal sealed class Session(BenchOptions options, CancellationToken stop)
{
    private const double MaxStartSeconds = 20;

    private readonly HttpBackend _backend = new();
    private readonly Results _results = new();
    private List<Peer> _peers = [];
    private Func<Ports> _ports = null!;

    public int Run()
    {
        CheckShapes();
        FdLimit.RaiseToHardLimit();
        _peers = FindPeers();
        var runFolder = Directory.CreateTempSubdirectory("weft-bench-").FullName;
        using var loop = new EventLoop("load");
        try
        {
            Certificate.Make(runFolder);
            Prepare(loop);
            for (var i = 0; i < options.Starts; i++)
                MeasureOnce(loop, runFolder);
        }
        finally
        {
            Directory.Delete(runFolder, recursive: true);
        }
        Publish();
        return _results.Notes.Any(n => n.Contains("failed", StringComparison.Ordinal)) ? 1 : 0;
    }

    private void MeasureOnce(EventLoop loop, string runFolder)
    {
        try
        {
            StartAll(loop, runFolder);
            new Measurements(options, _peers, _results, loop, stop).Run();
        }
        finally
        {
            _peers.ForEach(p => p.Dispose());
        }
    }

    private void CheckShapes()
    {
        var unknown = options.Shapes.Except(Shape.AllNames).ToList();
        if (unknown.Count > 0)
            throw new BenchException($"no shape '{unknown[0]}'; there are {string.Join(", ", Shape.AllNames)}");
    }

    private List<Peer> FindPeers()
    {
        var found = new List<Peer>();
        foreach (var name in options.Only)
        {
            var peer = Make(name);
            if (peer.Missing is { } reason)
                Note($"{peer.Name} is left out: {reason}");
            else
                found.Add(peer);
        }
        return found.Count > 0 ? found : throw new BenchException("none of the proxies is here");
    }

    private Peer Make(string name) => name switch
    {
        "weft" => new WeftPeer("weft", Path.Combine(options.Root, "bin/weft")),
        "weft-bare" => new WeftPeer(name, Path.Combine(options.Root, "bin/weft"), WeftExtras.Bare),
        "weft-log" => new WeftPeer(name, Path.Combine(options.Root, "bin/weft"), WeftExtras.Log),
        "weft-trace" => new WeftPeer(name, Path.Combine(options.Root, "bin/weft"), WeftExtras.Trace),
        "nginx" => new NginxPeer(),
        "haproxy" => new HAProxyPeer(),
        "yarp" => new YarpPeer(options.Root),
        "nghttpx" => new NghttpxPeer(),
        "relay" => new RelayPeer(),
        _ when name.Split('=') is [var other, var program] => new WeftPeer(other, Path.GetFullPath(program)),
        _ => throw new BenchException($"no proxy '{name}'; there are weft, nginx, haproxy, yarp, nghttpx, relay, and NAME=PROGRAM for another Weft"),
    };

    private void Prepare(EventLoop loop)
    {
        _backend.Prepare(Shape.SmallBytes);
        _backend.Prepare(Shape.LargeBytes);
        var (http, bulk, collector) = (Listen(loop, _backend), Listen(loop, new BulkBackend()), Listen(loop, new CollectorBackend()));
        _ports = () => new Ports { Backend = http, Bulk = bulk, Collector = collector };
    }

    private void StartAll(EventLoop loop, string runFolder)
    {
        foreach (var peer in _peers)
        {
            Console.Error.WriteLine($"bench: starting {peer.Name}");
            peer.Start(options.Root, runFolder, _ports(), options.ProxyCore);
            WaitUntilAnswers(loop, peer);
        }
    }

    private static int Listen(EventLoop loop, IAcceptHandler handler)
    {
        var socket = ListenSocket.Bind(NetAddress.FromIP(IPAddress.Loopback, 0), new ListenOptions { ReusePort = false });
        socket.Start(loop, handler);
        return socket.LocalAddress.Port;
    }

    private void WaitUntilAnswers(EventLoop loop, Peer peer)
    {
        for (var end = loop.NowUs + (long)(MaxStartSeconds * 1e6); ;)
        {
            try
            {
                using var load = new HttpLoad(loop, peer, connections: 1, Shape.SmallBytes, stop);
                load.RunOnce();
                return;
            }
            catch (LoadException e) when (peer.IsRunning && loop.NowUs < end)
            {
                _ = e;
                loop.RunTurn(20);
            }
            catch (LoadException e)
            {
                throw new BenchException($"{peer.Name} does not come up: {e.Message}\n{peer.LastOutput}");
            }
        }
    }

    private void Publish()
    {
        if (_results.Waiting.Note is { } note)
            _results.Notes.Add(note);
        var report = new Report(options, _peers, _results);
        Console.WriteLine(report.Table());
        if (options.Output is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Output))!);
        File.WriteAllText(options.Output, report.Page(DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)));
        Console.Error.WriteLine($"bench: written to {options.Output}");
    }

    private void Note(string text)
    {
        _results.Notes.Add(text);
        Console.Error.WriteLine($"bench: {text}");
    }
}
