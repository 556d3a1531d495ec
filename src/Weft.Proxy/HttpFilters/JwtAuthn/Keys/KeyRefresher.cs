using Envoy.Extensions.Filters.Http.JwtAuthn.V3;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Keys;

/// <summary>Fetches keys before they are asked for, and again before they become too old (async_fetch). Main thread.</summary>
internal sealed class KeyRefresher : IKeyWaiter, IDisposable
{
    /// <summary>How long before the keys are too old.</summary>
    private const long AheadMs = 5_000;

    private const long DefaultAfterFailureMs = 1_000;

    private readonly KeyFetcher _fetcher;
    private readonly LoopTimer _next;
    private readonly long _everyMs;
    private readonly long _afterFailureMs;
    private InitTarget? _init;
    private bool _isWaiting;

    private KeyRefresher(RemoteKeys keys, JwksAsyncFetch config, long cacheMs, Worker main)
    {
        _fetcher = new KeyFetcher(keys, main) { IsRegular = true };
        _next = new LoopTimer(main.Loop, Fetch);
        _everyMs = cacheMs > AheadMs ? cacheMs - AheadMs : cacheMs;
        _afterFailureMs = config.FailedRefetchDuration.ToMs(DefaultAfterFailureMs);
    }

    /// <summary>Begins; the listener waits for the first answer unless it is to be fast.</summary>
    public static void Start(RemoteKeys keys, JwksAsyncFetch config, long cacheMs, Worker main, FactoryContext context)
    {
        var refresher = new KeyRefresher(keys, config, cacheMs, main);
        context.Lifetime?.Add(refresher);
        if (config.FastListener || context.Init is null)
            refresher._next.Arm(0);
        else
            refresher._init = context.Init.Add($"Jwks async fetching of {System.Text.Encoding.ASCII.GetString(keys.Path)}", _ => refresher.Fetch());
    }

    public void Dispose()
    {
        _next.Cancel();
        if (_isWaiting)
            _fetcher.Forget(this);
    }

    void IKeyWaiter.OnKeys(bool isFetched)
    {
        _isWaiting = false;
        _next.Arm(isFetched ? _everyMs : _afterFailureMs);
        _init?.Ready();
    }

    private void Fetch()
    {
        _isWaiting = true;
        _fetcher.Wait(this);
    }
}
