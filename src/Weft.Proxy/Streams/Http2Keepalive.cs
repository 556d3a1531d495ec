using Weft.Base;
using Weft.Http.Http2;
using Weft.Net;

namespace Weft.Proxy.Streams;

/// <summary>connection_keepalive: asks the peer with a PING, at intervals and before a connection is used again that was idle, and gives it up when it does not answer. One connection; worker thread.</summary>
internal sealed class Http2Keepalive
{
    private readonly Http2KeepaliveConfig _config;
    private readonly EventLoop _loop;
    private readonly RandomSource _random;
    private readonly Http2Connection _connection;
    private readonly Action _onTimeout;
    private readonly LoopTimer _interval;
    private readonly LoopTimer _timeout;
    private ulong _sent;
    private long _receivedMs;

    public Http2Keepalive(Http2KeepaliveConfig config, EventLoop loop, RandomSource random, Http2Connection connection, Action onTimeout)
    {
        _config = config;
        _loop = loop;
        _random = random;
        _connection = connection;
        _onTimeout = onTimeout;
        _interval = new LoopTimer(loop, Ask);
        _timeout = new LoopTimer(loop, OnTimeout);
    }

    public void Start()
    {
        _receivedMs = _loop.NowMs;
        ArmInterval();
    }

    public void Stop()
    {
        _interval.Cancel();
        _timeout.Cancel();
    }

    /// <summary>Bytes came.</summary>
    public void OnReceived() => _receivedMs = _loop.NowMs;

    /// <summary>A stream is about to be opened.</summary>
    public void OnStream()
    {
        if (_config.IdleIntervalMs > 0 && _loop.NowMs - _receivedMs > _config.IdleIntervalMs && !_timeout.IsArmed)
            Ask();
    }

    public void OnAck(ulong opaque)
    {
        if (opaque != _sent)
            return;
        _timeout.Cancel();
        ArmInterval();
    }

    private void ArmInterval()
    {
        if (_config.IntervalMs == 0)
            return;
        var jitterMs = _config.IntervalMs * _config.JitterPercent / 100;
        _interval.Arm(_config.IntervalMs + (jitterMs >= 1 ? (long)(_random.Next() % (ulong)jitterMs) : 0));
    }

    private void Ask()
    {
        _interval.Cancel();
        _timeout.Arm(_config.TimeoutMs);
        _connection.SendPing(++_sent);
    }

    private void OnTimeout()
    {
        Stop();
        _onTimeout();
    }
}
