using Weft.Net;
using Weft.Observe.Configs;
using Weft.Observe.Traffic;

namespace Weft.Observe.Proxies;

/// <summary>How a proxy became known.</summary>
internal enum ProxyOrigin : byte
{
    /// <summary>An option named it.</summary>
    Option,

    /// <summary>A file in the folder of admin addresses does.</summary>
    File,

    /// <summary>It runs on this machine and says so.</summary>
    Machine,
}

/// <summary>
/// One proxy: asks its admin interface in intervals, for traffic always, for clusters and listeners less often, for its configuration when somebody looks.
/// Requests run on the thread pool, what they bring is taken on the loop. Loop thread.
/// </summary>
internal sealed class WatchedProxy : IDisposable
{
    private const int MillisecondsPerSecond = 1000;

    /// <summary>Turns between two questions for details.</summary>
    private const int DetailTurns = 5;

    /// <summary>So many bytes of details cost the proxy's main thread as much as it should spend in one turn.</summary>
    private const int DetailBytesPerTurn = 256 * 1024;

    /// <summary>After so many failures in a row its traffic is no longer shown.</summary>
    private const int FailuresShown = 3;

    private readonly EventLoop _loop;
    private readonly TrafficStore _traffic;
    private readonly ProxyNames _names;
    private readonly int _intervalMs;
    private readonly AdminClient _client;
    private readonly LoopTimer _timer;
    private long _lastMs;
    private int _turnsToDetails;
    private int _failures;

    /// <param name="address">HOST:PORT of the admin interface.</param>
    public WatchedProxy(EventLoop loop, string address, ProxyOrigin origin, TrafficStore traffic, ProxyNames names, int intervalMs)
    {
        (_loop, Address, Origin, _traffic, _names, _intervalMs) = (loop, address, origin, traffic, names, intervalMs);
        _client = new AdminClient(address);
        Config = new WatchedConfig(loop, _client);
        _timer = new LoopTimer(loop, Ask);
    }

    public string Address { get; }

    public ProxyOrigin Origin { get; }

    /// <summary>The node that it calls itself, with its address where another is called the same; "" while it cannot be asked.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What the last attempt failed with; "" when it did not.</summary>
    public string Error { get; private set; } = "not asked yet";

    /// <summary>As it said last, also when it can no longer be asked; null: never.</summary>
    public ProxyDetails? Details { get; private set; }

    /// <summary>It has not answered yet, nor failed to.</summary>
    public bool IsNew => Details is null && _failures == 0;

    public WatchedConfig Config { get; }

    public void Start() => _timer.Arm(0);

    public void Dispose()
    {
        _timer.Cancel();
        _client.Dispose();
        ForgetTraffic();
    }

    private void Ask()
    {
        var wantsDetails = _turnsToDetails <= 0;
        _ = Task.Run(async () =>
        {
            try
            {
                var details = wantsDetails ? await ReadDetailsAsync().ConfigureAwait(false) : null;
                var text = await _client.ReadAsync("stats/prometheus?usedonly&filter=" + Uri.EscapeDataString(ProxyScrape.Filter)).ConfigureAwait(false);
                var scrape = ProxyScrape.Read(text);
                _loop.Post(() => Take(scrape, details));
            }
            catch (Exception e) when (AdminClient.IsFailure(e))
            {
                _loop.Post(() => Fail(e.Message));
            }
        });
    }

    private async Task<ProxyDetails> ReadDetailsAsync()
    {
        var info = await _client.ReadAsync("server_info").ConfigureAwait(false);
        var (clusters, clusterBytes) = await _client.ReadIfThereAsync("clusters?format=json").ConfigureAwait(false);
        var (listeners, listenerBytes) = await _client.ReadIfThereAsync("listeners?format=json").ConfigureAwait(false);
        return new ProxyDetails(
            IdentityReader.Read(info, Address),
            clusters is null ? new ClusterList([], 0, 0, 0) : ClustersReader.Read(clusters),
            listeners is null ? [] : ListenersReader.Read(listeners),
            info.Length + clusterBytes + listenerBytes);
    }

    private void Take(ProxyScrape scrape, ProxyDetails? details)
    {
        if (_client.HasEnded)
            return;
        (Error, _failures) = ("", 0);
        _turnsToDetails--;
        if (details is not null)
            Take(details);
        var seconds = _lastMs == 0 ? 1 : Math.Max(1, _loop.NowMs - _lastMs) / (double)MillisecondsPerSecond;
        _lastMs = _loop.NowMs;
        _traffic.AddScrape(Name, scrape, seconds);
        _timer.Arm(_intervalMs);
    }

    private void Take(ProxyDetails details)
    {
        Details = details;
        _turnsToDetails = DetailTurns + (details.Bytes / DetailBytesPerTurn);
        var name = _names.Claim(details.Identity.NodeId, Address);
        if (name != Name)
            ForgetTraffic();
        Name = name;
    }

    private void Fail(string error)
    {
        if (_client.HasEnded)
            return;
        // Another proxy may answer there next.
        (Error, _turnsToDetails) = (error, 0);
        if (++_failures == FailuresShown)
            ForgetTraffic();
        _timer.Arm(_intervalMs);
    }

    private void ForgetTraffic()
    {
        if (Name.Length == 0)
            return;
        _traffic.Forget(Name);
        _names.Release(Name, Address);
        (Name, _lastMs) = ("", 0);
    }
}
