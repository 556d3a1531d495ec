using Weft.Observe.Proxies;

namespace Weft.Observe.Configs;

/// <summary>Keeps the configurations of all proxies while somebody looks at them. Loop thread.</summary>
/// <param name="maxBytes">Memory for all of them together.</param>
internal sealed class ConfigStore(Func<IReadOnlyList<WatchedProxy>> proxies, long maxBytes)
{
    /// <summary>Read at once: each holds a whole dump while it is read.</summary>
    private const int MaxReading = 4;

    /// <summary>Nobody has looked for so many calls of <see cref="Age"/>: all is forgotten.</summary>
    private const int AgesKept = 2;

    private int _ages = AgesKept;

    public long Bytes => proxies().Sum(static proxy => proxy.Config.Current?.Bytes ?? 0);

    /// <summary>Somebody looks: has what is missing or old read.</summary>
    public void Refresh()
    {
        _ages = 0;
        var all = proxies();
        var reading = all.Count(static proxy => proxy.Config.IsReading);
        // One that is new says first who it is, and which file its bootstrap is.
        foreach (var proxy in all.Where(static proxy => !proxy.IsNew && !proxy.Config.IsReading && !proxy.Config.IsFresh).OrderByDescending(static proxy => proxy.Config.AgeMs).Take(Math.Max(0, MaxReading - reading)))
        {
            // What the others do not need; what it had before is given back.
            var room = maxBytes - Bytes + (proxy.Config.Current?.Bytes ?? 0);
            proxy.Config.Read(proxy.Details?.Identity.ConfigPath ?? "", Math.Max(0, room / MaxReading));
        }
    }

    /// <summary>To be called in intervals.</summary>
    public void Age()
    {
        if (_ages < AgesKept && ++_ages < AgesKept)
            return;
        foreach (var proxy in proxies())
            proxy.Config.Forget();
    }
}
