using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Keys;

/// <summary>Waits for keys.</summary>
internal interface IKeyWaiter
{
    /// <param name="isFetched">False: there are none.</param>
    void OnKeys(bool isFetched);
}

/// <summary>Fetches the keys of one provider for everybody on one worker who waits for them. Worker thread.</summary>
internal sealed class KeyFetcher : IClusterCallHandler
{
    private const int MaxKeyBytes = 1024 * 1024;

    private readonly RemoteKeys _keys;
    private readonly Worker _worker;
    private readonly ClusterCall _call;
    private readonly LoopTimer _again;
    private List<IKeyWaiter> _waiters = [];
    private uint _failures;

    public KeyFetcher(RemoteKeys keys, Worker worker)
    {
        (_keys, _worker) = (keys, worker);
        _call = new ClusterCall(worker, this) { MaxResponseBytes = MaxKeyBytes };
        _again = new LoopTimer(worker.Loop, Send);
    }

    /// <summary>Whoever waits here fetches regularly: the keys do not become too old.</summary>
    public bool IsRegular { get; init; }

    /// <summary>Has <paramref name="waiter"/> called when there are keys or none can be had; never from within this call.</summary>
    public void Wait(IKeyWaiter waiter)
    {
        _waiters.Add(waiter);
        if (_waiters.Count == 1)
            _again.Arm(0);
    }

    /// <summary>It waits no more.</summary>
    public void Forget(IKeyWaiter waiter)
    {
        _waiters.Remove(waiter);
        if (_waiters.Count > 0)
            return;
        _again.Cancel();
        _call.Cancel();
        _failures = 0;
    }

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        var body = status == 200 ? call.ResponseBody.ToArray() : null;
        if (body is null && _failures < _keys.Retries)
        {
            // As for every other retry: a random part of a time that doubles.
            var limitMs = Math.Min(_keys.BackOffMs << (int)Math.Min(_failures, 20), _keys.MaxBackOffMs);
            _failures++;
            _again.Arm(_worker.Random.Next((uint)Math.Min(limitMs, int.MaxValue)));
            return;
        }

        End(_keys.Take(body, _worker.Loop.UtcNow, IsRegular));
    }

    private void Send()
    {
        if (_worker.Clusters.Find(_keys.Cluster) is not { } cluster)
        {
            End(_keys.Take(null, _worker.Loop.UtcNow, IsRegular));
            return;
        }

        _call.Headers.Set(KnownHeader.Method, "GET"u8);
        _call.Headers.Set(KnownHeader.Path, _keys.Path);
        _call.Headers.Set(KnownHeader.Authority, _keys.Host);
        _call.Send(cluster, _keys.TimeoutMs);
    }

    private void End(bool isFetched)
    {
        _failures = 0;
        var waiters = _waiters;
        _waiters = [];
        foreach (var waiter in waiters)
            waiter.OnKeys(isFetched);
    }
}
