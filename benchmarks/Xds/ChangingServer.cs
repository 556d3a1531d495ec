using System.Net;
using Weft.Net;
using Weft.Xds.Server;
using Weft.XdsServer;

namespace Weft.Bench.Xds;

/// <summary>
/// A management server that changes what it serves at a steady rate when told so. It runs in the loop of the load and takes next to nothing of it: the
/// proxy under load stays the one that has no time left.
/// </summary>
internal sealed class ChangingServer : IDisposable
{
    private readonly SnapshotCache _cache = new();
    private readonly DiscoveryServer _server;
    private readonly LoopTimer _next;
    private readonly LoadedResources _resources;
    private readonly long _everyUs;
    private readonly EventLoop _loop;
    private long _dueUs;
    private int _step;

    public ChangingServer(EventLoop loop, LoadedResources resources, int updatesPerSecond)
    {
        (_loop, _resources, _everyUs) = (loop, resources, 1_000_000 / updatesPerSecond);
        _cache.Set(null, _cache.Default.With(resources.At(0)));
        _server = new DiscoveryServer(loop, NetAddress.FromIP(IPAddress.Loopback, 0), _cache);
        _server.Start();
        _next = new LoopTimer(loop, Change);
    }

    public int Port => _server.Address.Port;

    /// <summary>Changes again and again while something runs in the loop.</summary>
    public void ChangeDuring(Action run)
    {
        _dueUs = _loop.NowUs;
        Change();
        try
        {
            run();
        }
        finally
        {
            _next.Cancel();
        }
    }

    public void Dispose() => _server.Dispose();

    private void Change()
    {
        _cache.Set(null, _cache.Default.With(_resources.At(++_step)));
        _dueUs += _everyUs;
        _next.Arm(Math.Max(0, (_dueUs - _loop.NowUs) / 1000));
    }
}
