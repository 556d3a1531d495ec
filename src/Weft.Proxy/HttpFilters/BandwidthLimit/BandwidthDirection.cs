using System.Buffers.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters.BodyRates;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.BandwidthLimit;

/// <summary>One direction of a stream under a bandwidth limit: its limiter, and what is counted and told of it. Pooled with its filter; worker thread.</summary>
internal sealed class BandwidthDirection : IBodyRateWatcher
{
    private readonly Worker _worker;
    private readonly bool _isRequest;
    private readonly BodyRateLimiter _limiter;
    private BandwidthLimitConfig _config = null!;
    private BandwidthDirection? _other;
    private HeaderMap? _trailers;
    private long _startUs;
    private long _durationMs;
    private long _waitedMs;
    private bool _isPending;

    public BandwidthDirection(HttpFilter filter, Worker worker, bool isRequest)
    {
        (_worker, _isRequest) = (worker, isRequest);
        _limiter = new BodyRateLimiter(filter, worker.Loop, isRequest, this);
    }

    public bool IsOn => _limiter.IsOn;

    public bool AddsTrailers => !_isRequest && _config.AddsTrailers;

    private BandwidthLimitStats Stats => _isRequest ? _config.Request : _config.Response;

    /// <param name="config">Of the stream's route.</param>
    /// <param name="other">The request, for the response's trailers; null: it is not limited.</param>
    public void Begin(BandwidthLimitConfig config, BandwidthDirection? other)
    {
        (_config, _other) = (config, other);
        Stats.Enabled.Inc();
        config.Bucket!.Begin(_worker.Loop.NowUs, config.IntervalMs);
        _limiter.Start(config.Bucket, config.IntervalMs);
    }

    public void Take(ref BodyChunk chunk)
    {
        if (!_isPending)
        {
            _isPending = true;
            _startUs = _worker.Loop.NowUs;
            Stats.Pending.Inc();
        }

        Stats.IncomingSize.Set(chunk.Bytes.Length);
        Stats.IncomingTotalSize.Add(chunk.Bytes.Length);
        _limiter.Take(ref chunk);
    }

    /// <summary>The trailers have come; true when they must wait for the body.</summary>
    public bool HoldTrailers(HeaderMap trailers)
    {
        if (!_limiter.HoldTrailers())
        {
            End(trailers);
            return false;
        }

        if (AddsTrailers)
            (_trailers ??= new HeaderMap()).CopyFrom(trailers);
        return true;
    }

    void IBodyRateWatcher.OnPassed(int bytes, bool isLimited)
    {
        Stats.AllowedSize.Set(bytes);
        Stats.AllowedTotalSize.Add(bytes);
        if (!isLimited)
            return;
        Stats.Enforced.Inc();
        _waitedMs += _config.IntervalMs;
    }

    HeaderMap? IBodyRateWatcher.OnEnd()
    {
        if (!AddsTrailers)
        {
            End(trailers: null);
            return null;
        }

        End(_trailers ??= new HeaderMap());
        return _trailers.Count > 0 ? _trailers : null;
    }

    public void Reset()
    {
        _limiter.Reset();
        if (_isPending)
            Stats.Pending.Dec();
        _isPending = false;
        _durationMs = _waitedMs = 0;
        _trailers?.Clear();
        _other = null;
    }

    /// <summary>The whole body has passed.</summary>
    private void End(HeaderMap? trailers)
    {
        if (!_isPending)
            return;
        _isPending = false;
        _durationMs = (_worker.Loop.NowUs - _startUs) / 1000;
        Stats.TransferDuration.Record(_durationMs);
        Stats.Pending.Dec();
        if (trailers is not null && AddsTrailers)
            WriteDelays(trailers);
    }

    private void WriteDelays(HeaderMap trailers)
    {
        Write(trailers, _config.RequestDelay, _other?._durationMs ?? 0);
        Write(trailers, _config.RequestFilterDelay, _other?._waitedMs ?? 0);
        Write(trailers, _config.ResponseDelay, _durationMs);
        Write(trailers, _config.ResponseFilterDelay, _waitedMs);
    }

    private static void Write(HeaderMap trailers, HeaderName name, long ms)
    {
        if (ms <= 0)
            return;
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(ms, text, out var length);
        trailers.Set(name, text[..length]);
    }
}
