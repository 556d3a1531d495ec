using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;
using Weft.Proxy.Dns.Cache;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.DynamicForwardProxy;

/// <summary>
/// Has the host that a request names looked up before its cluster is asked for an endpoint; requests to other clusters pass. A known host costs
/// a dictionary look-up, an unknown one stops the request until the main thread has found it. Pooled; worker thread.
/// </summary>
internal sealed class DynamicForwardProxyFilter : HttpFilter, IDnsCacheWaiter
{
    private readonly DynamicForwardProxyFilterFactory _config;
    private readonly Worker _worker;
    private readonly LoopTimer _subClusterTimeout;
    private int _ticket;
    private bool _isWaiting;
    private bool _isPending;
    private bool _isRequestPaused;

    public DynamicForwardProxyFilter(DynamicForwardProxyFilterFactory config, Worker worker)
    {
        _config = config;
        _worker = worker;
        _subClusterTimeout = new LoopTimer(worker.Loop, OnSubClusterTimeout);
    }

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (Target(headers) is not { } target)
            return FilterStatus.Continue;
        (Stream.RouteConfig(this) as HostRewriteRouteConfig)?.Apply(headers);
        if (headers.Get(KnownHeader.Authority).IsEmpty)
            return Answer(400, "Empty host header"u8, "empty_host_header");
        Span<char> key = stackalloc char[DnsCacheKey.MaxChars];
        if (!DnsCacheKey.TryWrite(headers.Get(KnownHeader.Authority), target.DefaultPort, key, out var length))
            return Fail("dns_resolution_failure{not_a_host_name}");
        return target.SubClusters is { } subClusters ? FindCluster(subClusters, key[..length], endStream) : FindHost(key[..length], endStream);
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _isWaiting ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _isWaiting ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override void OnReset()
    {
        EndWait();
        if (!_isRequestPaused)
            return;
        _isRequestPaused = false;
        Stream.ResumeRequest();
    }

    void IDnsCacheWaiter.OnHost(CachedHost? host, int ticket)
    {
        // The stream may be over, and its filter wait for another host.
        if (!_isWaiting || ticket != _ticket)
            return;
        var isForCluster = _subClusterTimeout.IsArmed;
        EndWait();
        if (host is null && isForCluster)
            Answer(503, "Sub cluster overflow"u8, "sub_cluster_overflow");
        else if (host is null)
            Answer(503, "DNS cache overflow"u8, "dns_cache_overflow");
        else if (!isForCluster && host.Answer!.Addresses.Length == 0)
            Fail(host.Answer.Details);
        else
            GoOn();
    }

    /// <summary>The dynamic forward proxy that the request is routed to; null when it goes elsewhere.</summary>
    private DynamicForwardProxyConfig? Target(HeaderMap headers)
    {
        if (Stream.Route?.Forward?.SelectCluster(new RouteRequest(headers, Stream.Info, _config.Runtime.Current)) is not { } reference)
            return null;
        return _worker.Clusters.Find(reference)?.Config.DynamicForwardProxy;
    }

    private FilterStatus FindHost(ReadOnlySpan<char> key, bool endStream)
    {
        // A cluster with a cache behind a filter without one: the cluster knows what others have looked up.
        if (_config.Cache is not { } cache)
            return FilterStatus.Continue;
        if (cache.PendingRequests.IsFull)
            return OverflowPending(cache);
        if (cache.Find(key) is { } host)
            return host.Answer is { Addresses.Length: > 0 } ? FilterStatus.Continue : Fail(host.Answer!.Details);
        if (cache.IsFull)
        {
            cache.Stats.HostOverflow.Inc();
            return Answer(503, "DNS cache overflow"u8, "dns_cache_overflow");
        }

        if (!cache.PendingRequests.TryAcquire())
            return OverflowPending(cache);
        _isPending = true;
        BeginWait(endStream);
        cache.Load(key.ToString(), new DnsCacheWaiter(_worker.Loop, this, _ticket));
        return FilterStatus.StopAndBuffer;
    }

    private FilterStatus FindCluster(SubClusters subClusters, ReadOnlySpan<char> key, bool endStream)
    {
        var known = subClusters.Find(key);
        if (known is not null && _worker.Clusters.Find(known.Reference) is not null)
            return FilterStatus.Continue;
        if (known is null && subClusters.IsFull)
            return Answer(503, "Sub cluster overflow"u8, "sub_cluster_overflow");
        BeginWait(endStream);
        _subClusterTimeout.Arm(_config.SubClusterTimeoutMs);
        subClusters.Load(key.ToString(), new DnsCacheWaiter(_worker.Loop, this, _ticket));
        return FilterStatus.StopAndBuffer;
    }

    private void OnSubClusterTimeout()
    {
        EndWait();
        Answer(503, "Sub cluster warming timeout"u8, "sub_cluster_warming_timeout");
    }

    private void BeginWait(bool endStream)
    {
        _isWaiting = true;
        _ticket++;
        if (endStream)
            return;

        // The body waits where it is, not in memory.
        _isRequestPaused = true;
        Stream.PauseRequest();
    }

    private void EndWait()
    {
        _isWaiting = false;
        _subClusterTimeout.Cancel();
        if (!_isPending)
            return;
        _isPending = false;
        _config.Cache!.PendingRequests.Release();
    }

    private void GoOn()
    {
        if (_isRequestPaused)
        {
            _isRequestPaused = false;
            Stream.ResumeRequest();
        }

        Stream.ContinueRequest(this);
    }

    private FilterStatus OverflowPending(DnsCache cache)
    {
        cache.Stats.PendingOverflow.Inc();
        return Answer(503, "Dynamic forward proxy pending request overflow"u8, "dynamic_forward_proxy_pending_request_overflow");
    }

    private FilterStatus Fail(string details) => Answer(503, "DNS resolution failure"u8, details, ResponseFlags.DnsResolutionFailed);

    private FilterStatus Answer(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags = ResponseFlags.None)
    {
        Stream.SendLocalReply(status, body, details, flags);
        return FilterStatus.Ended;
    }
}
