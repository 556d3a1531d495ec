using Envoy.Service.Ratelimit.V3;
using Weft.Net;
using Weft.Proxy.RateLimiting;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.NetworkFilters.RateLimit;

/// <summary>envoy.filters.network.ratelimit: holds each new connection until the rate limit service has said whether it may go on. Worker thread.</summary>
internal sealed class RateLimitFilter : NetworkFilter, IRateLimitHandler
{
    private const string MetadataNamespace = "envoy.filters.network.ratelimit";

    private static readonly RuntimeFraction s_enabled = new("ratelimit.tcp_filter_enabled", 100, 100);
    private static readonly RuntimeFraction s_enforcing = new("ratelimit.tcp_filter_enforcing", 100, 100);

    private readonly RateLimitFactory _config;
    private readonly Worker _worker;
    private readonly RateLimitCall _call;
    private bool _isStarting;
    private bool _isWaiting;
    private bool _isRefused;

    public RateLimitFilter(RateLimitFactory config, Worker worker)
    {
        (_config, _worker) = (config, worker);
        _call = new RateLimitCall(config.Service, worker, this);
    }

    public override NetworkFilterStatus OnNewConnection()
    {
        if (!IsDrawn(s_enabled)) return NetworkFilterStatus.Continue;
        _config.Active.Inc();
        _config.Total.Inc();
        (_isStarting, _isWaiting) = (true, true);
        _call.Start(_config.CreateRequest(Connection.Info));
        _isStarting = false;
        return _isWaiting || _isRefused ? NetworkFilterStatus.Stop : NetworkFilterStatus.Continue;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => _isWaiting || _isRefused ? NetworkFilterStatus.Stop : NetworkFilterStatus.Continue;

    public override void OnClosed(CloseReason reason)
    {
        if (!_isWaiting) return;
        _isWaiting = false;
        _call.Cancel();
        _config.Active.Dec();
    }

    void IRateLimitHandler.OnRateLimit(RateLimitAnswer answer, RateLimitResponse? response)
    {
        _isWaiting = false;
        _config.Active.Dec();
        if (response?.DynamicMetadata is { Fields.Count: > 0 } metadata) Connection.Info.DynamicMetadata.Replace(MetadataNamespace, metadata);
        if (MayGoOn(answer))
        {
            if (!_isStarting) Connection.ContinueReading();
            return;
        }

        _isRefused = true;
        _config.ConnectionsClosed.Inc();
        Connection.Close(CloseMode.Now);
    }

    private bool MayGoOn(RateLimitAnswer answer)
    {
        switch (answer)
        {
            case RateLimitAnswer.Ok:
                _config.Ok.Inc();
                return true;
            case RateLimitAnswer.OverLimit:
                _config.OverLimit.Inc();
                return !IsDrawn(s_enforcing);
            default:
                _config.Error.Inc();
                if (!_config.DeniesOnFailure) _config.FailureModeAllowed.Inc();
                return !_config.DeniesOnFailure;
        }
    }

    private bool IsDrawn(in RuntimeFraction share) => _config.Runtime.Current.IsEnabled(share, _worker.Random.Next());
}
