using System.Collections.Concurrent;
using Weft.Base;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Dns.Cache;

/// <summary>Somebody who waits for a name, on a worker.</summary>
internal interface IDnsCacheWaiter
{
    /// <summary>The first look-up has ended. On the waiter's worker.</summary>
    /// <param name="host">Null: the cache is full.</param>
    /// <param name="ticket">Of the call that began it: a waiter that is pooled may wait for something else by now.</param>
    void OnHost(CachedHost? host, int ticket);
}

/// <summary>A waiter, its worker's loop and its ticket.</summary>
internal readonly record struct DnsCacheWaiter(EventLoop Loop, IDnsCacheWaiter Waiter, int Ticket)
{
    /// <summary>On its worker, later. Any thread.</summary>
    public void Tell(CachedHost? host)
    {
        var (waiter, ticket) = (Waiter, Ticket);
        Loop.Post(() => waiter.OnHost(host, ticket));
    }
}

/// <summary>
/// The names that requests have asked for, shared by all workers. A worker that finds a name has it without a lock; one that does not asks the
/// main thread, which looks the name up, keeps it fresh, and forgets it when nobody uses it any more.
/// </summary>
internal sealed class DnsCache : ITurnEndWork
{
    private readonly ConcurrentDictionary<string, CachedHost> _hosts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CachedHost>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Dictionary<CachedHost, HostResolution> _resolutions = [];
    private readonly HashSet<CachedHost> _changed = [];
    private readonly List<HostResolution> _answered = [];
    private bool _isTurnEndAsked;
    private bool _isStarted;
    private int _count;

    public DnsCache(DnsCacheConfig config, FactoryContext context)
    {
        Config = config;
        Loop = context.MainLoop;
        Random = context.Random;
        Resolver = config.Dns.Resolver is { } own ? new DnsResolver(Loop, own, context.Stats) : context.Dns;
        PendingRequests = new ResourceLimit(new RuntimeNumber(context.Runtime, $"dns_cache.{config.Name}.circuit_breakers", config.MaxPendingRequests));
        Stats = new DnsCacheStats(context.Stats.Scope($"dns_cache.{config.Name}."), PendingRequests);
        _lookup = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public DnsCacheConfig Config { get; }

    /// <summary>The main thread's.</summary>
    public EventLoop Loop { get; }

    public RandomSource Random { get; }

    public IDnsResolver Resolver { get; }

    public DnsCacheStats Stats { get; }

    /// <summary>dns_cache_circuit_breaker: who waits for a name has taken one. Any thread.</summary>
    public ResourceLimit PendingRequests { get; }

    /// <summary>max_hosts is reached. Any thread.</summary>
    public bool IsFull => Volatile.Read(ref _count) >= Config.MaxHosts;

    /// <summary>All names, known or not yet. Main thread.</summary>
    public IEnumerable<CachedHost> Hosts => _resolutions.Keys;

    /// <summary>Names have other addresses, or are forgotten. Main thread; before anybody who waits for one of them is told.</summary>
    public event Action<IReadOnlyCollection<CachedHost>>? HostsChanged;

    /// <summary>Looks up what is configured to be known from the start; once. Main thread.</summary>
    public void Start()
    {
        if (_isStarted)
            return;
        _isStarted = true;
        foreach (var key in Config.Preresolved)
        {
            if (!_hosts.ContainsKey(key))
                Add(key).Resolve();
        }
    }

    /// <summary>A name that was looked up; null when it was not, or the answer is still to come. Any thread, without a lock.</summary>
    public CachedHost? Find(ReadOnlySpan<char> key) => _lookup.TryGetValue(key, out var host) && host.IsKnown ? host : null;

    /// <summary>Has a name looked up; the waiter is told once, later. Any thread.</summary>
    public void Load(string key, DnsCacheWaiter waiter) => Loop.Post(() => Begin(key, waiter));

    /// <summary>A look-up has ended. Main thread.</summary>
    internal void OnResolved(HostResolution resolution, bool isChanged)
    {
        if (isChanged)
        {
            Stats.HostAddressChanged.Inc();
            _changed.Add(resolution.Host);
        }
        _answered.Add(resolution);
        AskForTurnEnd();
    }

    /// <summary>Nobody has used it for long. Main thread.</summary>
    internal void Remove(HostResolution resolution)
    {
        resolution.Dispose();
        resolution.Host.IsRemoved = true;
        _hosts.TryRemove(resolution.Host.Key, out _);
        _resolutions.Remove(resolution.Host);
        Volatile.Write(ref _count, _hosts.Count);
        Stats.HostRemoved.Inc();
        Stats.NumHosts.Set(_count);
        _changed.Add(resolution.Host);
        AskForTurnEnd();
    }

    /// <summary>Clusters publish the endpoints that the turn has brought, and only then those are told who wait for them.</summary>
    void ITurnEndWork.OnTurnEnd()
    {
        _isTurnEndAsked = false;
        if (_changed.Count > 0)
            HostsChanged?.Invoke(_changed);
        _changed.Clear();
        foreach (var resolution in _answered)
        {
            resolution.Host.IsKnown = true;
            foreach (var waiter in resolution.Waiters)
                waiter.Tell(resolution.Host);
            resolution.Waiters.Clear();
        }
        _answered.Clear();
    }

    private void Begin(string key, DnsCacheWaiter waiter)
    {
        if (_hosts.TryGetValue(key, out var host))
        {
            Wait(_resolutions[host], waiter);
        }
        else if (IsFull)
        {
            // Several workers may have seen the last free place.
            Stats.HostOverflow.Inc();
            waiter.Tell(null);
        }
        else
        {
            var resolution = Add(key);
            resolution.Waiters.Add(waiter);
            resolution.Resolve();
        }
    }

    private void Wait(HostResolution resolution, DnsCacheWaiter waiter)
    {
        resolution.Waiters.Add(waiter);
        // The answer may have come while the question was on its way.
        if (!resolution.Host.IsKnown)
            return;
        _answered.Add(resolution);
        AskForTurnEnd();
    }

    private HostResolution Add(string key)
    {
        var host = new CachedHost(key);
        var resolution = _resolutions[host] = new HostResolution(this, host);
        _hosts[key] = host;
        Volatile.Write(ref _count, _hosts.Count);
        Stats.HostAdded.Inc();
        Stats.NumHosts.Set(_count);
        return resolution;
    }

    private void AskForTurnEnd()
    {
        if (_isTurnEndAsked)
            return;
        _isTurnEndAsked = true;
        Loop.AtTurnEnd(this);
    }
}
