using Weft.Base.Logging;
using Weft.Net;
using Weft.Observe.Traffic;

namespace Weft.Observe.Proxies;

/// <summary>The proxies that are watched: those that options name, and those that are found and lost while this runs. Loop thread.</summary>
internal sealed class ProxyList : IDisposable
{
    /// <summary>More are not watched, and are counted.</summary>
    public const int MaxProxies = 100;

    /// <summary>A proxy that is no longer found stays for so many looks, so that one sees that it has gone.</summary>
    private const int LooksKept = 20;

    private static readonly Logger Log = Logger.Get("observe");

    private readonly EventLoop _loop;
    private readonly TrafficStore _traffic;
    private readonly int _intervalMs;
    private readonly ProxyNames _names = new();
    private readonly List<ProxyFinder> _finders = [];
    private readonly List<WatchedProxy> _all = [];
    private readonly Dictionary<WatchedProxy, int> _looksLeft = [];
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);

    public ProxyList(EventLoop loop, ObserveOptions options, TrafficStore traffic)
    {
        (_loop, _traffic, _intervalMs) = (loop, traffic, options.ScrapeIntervalMs);
        foreach (var address in options.Proxies.Distinct(StringComparer.Ordinal))
            Watch(address, ProxyOrigin.Option);
        if (options.ProxyFolder is { } folder)
            _finders.Add(new FolderFinder(folder));
        if (options.FindsProxies)
            _finders.Add(new MachineFinder());
    }

    /// <summary>Those that options name first, then in the order in which they were found.</summary>
    public IReadOnlyList<WatchedProxy> All => _all;

    /// <summary>Proxies that are not watched because there are too many.</summary>
    public int Refused => _refused.Count;

    public void Start()
    {
        foreach (var proxy in _all)
            proxy.Start();
        Look();
    }

    /// <summary>To be called in intervals: begins to watch what has come and ceases to watch what has been gone for long.</summary>
    public void Look()
    {
        var found = new Dictionary<string, ProxyOrigin>(StringComparer.Ordinal);
        foreach (var finder in _finders)
        {
            foreach (var address in finder.Find())
                found.TryAdd(address, finder.Origin);
        }

        foreach (var proxy in _all.Where(static proxy => proxy.Origin != ProxyOrigin.Option).ToList())
            Keep(proxy, found.ContainsKey(proxy.Address));
        foreach (var (address, origin) in found)
        {
            if (!_all.Exists(proxy => proxy.Address == address))
                Watch(address, origin)?.Start();
        }
    }

    public void Dispose()
    {
        foreach (var proxy in _all)
            proxy.Dispose();
    }

    private void Keep(WatchedProxy proxy, bool isFound)
    {
        if (isFound)
        {
            _looksLeft[proxy] = LooksKept;
            return;
        }

        if (--_looksLeft[proxy] > 0)
            return;
        _looksLeft.Remove(proxy);
        _all.Remove(proxy);
        proxy.Dispose();
        Log.Info($"the proxy at {proxy.Address} is gone");
    }

    /// <summary>Null when there are too many.</summary>
    private WatchedProxy? Watch(string address, ProxyOrigin origin)
    {
        if (_all.Count >= MaxProxies)
        {
            // Once for each, and no more of them than make sense.
            if (_refused.Count < MaxProxies && _refused.Add(address))
                Log.Warning($"the proxy at {address} is not watched: there are {MaxProxies} others");
            return null;
        }

        var proxy = new WatchedProxy(_loop, address, origin, _traffic, _names, _intervalMs);
        _looksLeft[proxy] = LooksKept;
        _all.Add(proxy);
        Log.Info($"watching the proxy at {address}");
        return proxy;
    }
}
