using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Dns.Cache;

/// <summary>The main thread's half of a <see cref="CachedHost"/>: asks for its name, again and again, as long as somebody uses it.</summary>
internal sealed class HostResolution : IDisposable
{
    private readonly DnsCache _cache;
    private readonly DnsRefreshSchedule _schedule;
    private readonly LoopTimer _refresh;
    private readonly LoopTimer _timeout;
    private readonly string _name;
    private readonly int _port;
    private IDisposable? _query;
    private long _lastUsedMs;

    public HostResolution(DnsCache cache, CachedHost host)
    {
        _cache = cache;
        Host = host;
        (_name, _port) = DnsCacheKey.Split(host.Key);
        _schedule = new DnsRefreshSchedule(cache.Config.Dns, cache.Random);
        _refresh = new LoopTimer(cache.Loop, OnRefresh);
        _timeout = new LoopTimer(cache.Loop, OnTimeout);
        _lastUsedMs = cache.Loop.NowMs;
    }

    public CachedHost Host { get; }

    /// <summary>Who waits for the first answer.</summary>
    public List<DnsCacheWaiter> Waiters { get; } = [];

    public void Resolve()
    {
        _cache.Stats.QueryAttempt.Inc();
        _timeout.Arm(_cache.Config.QueryTimeoutMs);
        _query = _cache.Resolver.Resolve(_name, _cache.Config.Dns.Family, OnResult);
    }

    public void Dispose()
    {
        _query?.Dispose();
        _refresh.Cancel();
        _timeout.Cancel();
    }

    private void OnRefresh()
    {
        if (Host.WasUsed)
            _lastUsedMs = _cache.Loop.NowMs;
        Host.WasUsed = false;
        if (_cache.Loop.NowMs - _lastUsedMs > _cache.Config.HostTtlMs)
            _cache.Remove(this);
        else
            Resolve();
    }

    private void OnTimeout()
    {
        _query?.Dispose();
        _cache.Stats.QueryTimeout.Inc();
        OnResult(new DnsResult(false, [], 0, "resolve_timeout"));
    }

    private void OnResult(DnsResult result)
    {
        _query = null;
        _timeout.Cancel();
        (result.Succeeded ? _cache.Stats.QuerySuccess : _cache.Stats.QueryFailure).Inc();
        _refresh.Arm(result.Succeeded ? AfterSuccess(result) : _schedule.AfterFailure());
        var addresses = result.Addresses.Select(address => NetAddress.FromIP(address, _port)).ToArray();
        var known = Host.Answer?.Addresses ?? [];
        // A name keeps the addresses it had while there is nothing better.
        var isChanged = addresses.Length > 0 && !addresses.AsSpan().SequenceEqual(known);
        if (isChanged)
            Host.Answer = new CachedAnswer(addresses, "");
        else if (known.Length == 0)
            Host.Answer = new CachedAnswer([], $"dns_resolution_failure{{{result.Error?.Replace(' ', '_')}}}");
        _cache.OnResolved(this, isChanged);
    }

    private long AfterSuccess(DnsResult result)
    {
        var unresolvedMs = _schedule.AfterSuccess(0);
        return result.Addresses.Count == 0 ? unresolvedMs : Math.Max(_cache.Config.MinRefreshMs, result.TtlSeconds * 1000L);
    }
}
