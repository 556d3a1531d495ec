using Google.Protobuf;
using Weft.Net;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>How many requests a management server gets (rate_limit_settings): a bucket of tokens that fills steadily. Immutable.</summary>
/// <param name="MaxTokens">max_tokens; default 100.</param>
/// <param name="FillPerSecond">fill_rate; default 10, at least 0.01.</param>
internal sealed record RequestLimitConfig(uint MaxTokens, double FillPerSecond);

/// <summary>Holds requests back when they come faster than the limit lets them, in their order. Main thread.</summary>
internal sealed class RequestLimit
{
    private readonly RequestLimitConfig _config;
    private readonly EventLoop _loop;
    private readonly Action<IMessage> _send;
    private readonly Queue<IMessage> _waiting = new();
    private readonly LoopTimer _timer;
    private readonly ControlPlaneStats _stats;
    private double _tokens;
    private long _filledMs;

    /// <param name="stats">Count what is held back.</param>
    public RequestLimit(RequestLimitConfig config, EventLoop loop, ControlPlaneStats stats, Action<IMessage> send)
    {
        (_config, _loop, _stats, _send) = (config, loop, stats, send);
        _timer = new LoopTimer(loop, SendWaiting);
        (_tokens, _filledMs) = (config.MaxTokens, loop.NowMs);
    }

    public void Send(IMessage request)
    {
        _waiting.Enqueue(request);
        SendWaiting();
        if (_waiting.Count > 0)
            _stats.RateLimitEnforced.Inc();
    }

    /// <summary>Forgets what waits.</summary>
    public void Clear()
    {
        _timer.Cancel();
        _waiting.Clear();
        _stats.PendingRequests.Set(0);
    }

    private void SendWaiting()
    {
        Fill();
        while (_tokens >= 1 && _waiting.TryDequeue(out var request))
        {
            _tokens--;
            _send(request);
        }

        _stats.PendingRequests.Set(_waiting.Count);
        if (_waiting.Count > 0)
            _timer.Arm((long)Math.Ceiling((1 - _tokens) * 1000 / _config.FillPerSecond));
    }

    private void Fill()
    {
        var nowMs = _loop.NowMs;
        _tokens = Math.Min(_config.MaxTokens, _tokens + ((nowMs - _filledMs) * _config.FillPerSecond / 1000));
        _filledMs = nowMs;
    }
}
