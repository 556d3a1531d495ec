using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns.Cache;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Network.SniDynamicForwardProxy.V3.FilterConfig;

namespace Weft.Proxy.NetworkFilters.SniDynamicForwardProxy;

/// <summary>
/// envoy.filters.network.sni_dynamic_forward_proxy: has the name that a TLS client asks for looked up before tcp_proxy picks its endpoint. The
/// client is not read meanwhile. Worker thread.
/// </summary>
internal sealed class SniDynamicForwardProxyFilter(DnsCache cache, int port, Worker worker) : NetworkFilter, IDnsCacheWaiter
{
    private bool _isWaiting;

    public override NetworkFilterStatus OnNewConnection()
    {
        if (Connection.Info.RequestedServerName is not { Length: > 0 } name)
            return NetworkFilterStatus.Continue;
        Connection.Info.DynamicPort = port;
        Span<char> key = stackalloc char[DnsCacheKey.MaxChars];
        // A name that can be nobody's finds no endpoint either.
        if (!DnsCacheKey.TryWrite(name, port, key, out var length) || cache.Find(key[..length]) is not null)
            return NetworkFilterStatus.Continue;
        if (cache.IsFull)
        {
            cache.Stats.HostOverflow.Inc();
            return Refuse();
        }

        if (!cache.PendingRequests.TryAcquire())
        {
            cache.Stats.PendingOverflow.Inc();
            return Refuse();
        }

        _isWaiting = true;
        cache.Load(key[..length].ToString(), new DnsCacheWaiter(worker.Loop, this, 0));
        return NetworkFilterStatus.Stop;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => NetworkFilterStatus.Continue;

    public override void OnClosed(CloseReason reason) => EndWait();

    void IDnsCacheWaiter.OnHost(CachedHost? host, int ticket)
    {
        if (!_isWaiting)
            return;
        EndWait();
        if (host is null)
            Refuse();
        else
            Connection.ContinueReading();
    }

    private NetworkFilterStatus Refuse()
    {
        Connection.Close(CloseMode.Now);
        return NetworkFilterStatus.Stop;
    }

    private void EndWait()
    {
        if (_isWaiting)
            cache.PendingRequests.Release();
        _isWaiting = false;
    }
}

/// <summary>Makes the filters; the cache is shared by all workers.</summary>
internal sealed class SniDynamicForwardProxyFactory(DnsCache cache, int port) : NetworkFilterFactory
{
    private const int DefaultPort = 443;

    public override bool IsTerminal => false;

    /// <summary>Null, with a finding, when the cache is configured otherwise elsewhere.</summary>
    public static SniDynamicForwardProxyFactory? Create(Message config, FactoryContext context) =>
        config.DnsCacheConfig is { } cacheConfig && context.DnsCaches.Get(cacheConfig, context) is { } cache
            ? new SniDynamicForwardProxyFactory(cache, config.PortValue > 0 ? (int)config.PortValue : DefaultPort)
            : null;

    public override NetworkFilter Create(Worker worker) => new SniDynamicForwardProxyFilter(cache, port, worker);
}
