using Weft.Base.Buffers;
using Weft.Net;

namespace Weft.Proxy.HttpFilters.BodyRates;

/// <summary>
/// Lets a body of one direction through at so many bytes per second. What the bucket allows passes at once; the rest is kept and sent on, what the bucket
/// allows at each interval, and its source paused while more than the stream's buffer limit is kept. The timer runs only while something is kept. Pooled
/// with its filter; worker thread.
/// </summary>
internal sealed class BodyRateLimiter
{
    private readonly HttpFilter _filter;
    private readonly EventLoop _loop;
    private readonly bool _isRequest;
    private readonly IBodyRateWatcher? _watcher;
    private readonly LoopTimer _timer;
    private readonly ByteQueue _kept;
    private readonly ByteWriter _piece = new(0);
    private ByteBucket? _bucket;
    private int _intervalMs;
    private bool _ended;
    private bool _hasTrailers;
    private bool _paused;

    /// <param name="filter">Whose body; it calls <see cref="Reset"/> with its own.</param>
    /// <param name="loop">Its worker's.</param>
    /// <param name="isRequest">The direction.</param>
    /// <param name="watcher">Hears what passes; null: nobody wants to know.</param>
    public BodyRateLimiter(HttpFilter filter, EventLoop loop, bool isRequest, IBodyRateWatcher? watcher)
    {
        (_filter, _loop, _isRequest, _watcher) = (filter, loop, isRequest, watcher);
        _kept = new ByteQueue(loop.Buffers);
        _timer = new LoopTimer(loop, OnTimer);
    }

    public bool IsOn => _bucket is not null;

    /// <summary>Limits this body.</summary>
    /// <param name="bucket">Where its bytes come from; perhaps of many streams.</param>
    /// <param name="intervalMs">How often what is kept gets a turn.</param>
    public void Start(ByteBucket bucket, int intervalMs) => (_bucket, _intervalMs) = (bucket, intervalMs);

    /// <summary>Lets a piece of the body pass, or takes it for itself.</summary>
    public void Take(ref BodyChunk chunk)
    {
        if (!_timer.IsArmed && !(chunk.EndStream && _watcher is { AddsTrailers: true }) && _bucket!.TryTakeAll(_loop.NowUs, chunk.Bytes.Length))
        {
            _watcher?.OnPassed(chunk.Bytes.Length, isLimited: false);
            if (chunk.EndStream)
                _watcher?.OnEnd();
            return;
        }

        _kept.Append(chunk.Bytes);
        _ended = chunk.EndStream;
        chunk.Bytes = default;
        chunk.EndStream = false;
        if (!_paused && _kept.Length > _filter.Stream.BufferLimitBytes)
        {
            _paused = true;
            PauseSource();
        }

        // From the loop, not from within the filters: the end of the body goes a way of its own.
        if (!_timer.IsArmed)
            _timer.Arm(0);
    }

    /// <summary>The trailers have come; true when they must wait for the body.</summary>
    public bool HoldTrailers() => _hasTrailers = _timer.IsArmed;

    public void Reset()
    {
        if (_paused)
            ResumeSource();
        _timer.Cancel();
        _kept.Clear();
        _bucket = null;
        _ended = _hasTrailers = _paused = false;
    }

    private void OnTimer()
    {
        var count = _bucket!.Take(_loop.NowUs, _kept.Length);
        _piece.Clear();
        _kept.CopyTo(_piece.GetSpan(count)[..count]);
        _piece.Advance(count);
        _kept.Drain(count);
        if (!_kept.IsEmpty)
            _timer.Arm(_intervalMs);
        _watcher?.OnPassed(count, isLimited: !_kept.IsEmpty);
        if (_paused && _kept.Length <= _filter.Stream.BufferLimitBytes / 2)
        {
            _paused = false;
            ResumeSource();
        }

        if (!_kept.IsEmpty)
            Send(endStream: false);
        else
            SendLast();
    }

    /// <summary>The body is through, perhaps for good.</summary>
    private void SendLast()
    {
        if (_hasTrailers)
        {
            _hasTrailers = false;
            var changed = _watcher?.OnEnd();
            Send(endStream: false);
            // They stand in for those that wait.
            if (changed is not null)
                _filter.Stream.InjectResponseTrailers(_filter, changed);
            Continue();
        }
        else if (_ended && _watcher?.OnEnd() is { } trailers)
        {
            Send(endStream: false);
            _filter.Stream.InjectResponseTrailers(_filter, trailers);
        }
        else
        {
            Send(_ended);
        }
    }

    private void Send(bool endStream)
    {
        if (_piece.Length == 0 && !endStream)
            return;
        if (_isRequest)
            _filter.Stream.InjectRequestData(_filter, _piece.Written, endStream);
        else
            _filter.Stream.InjectResponseData(_filter, _piece.Written, endStream);
    }

    private void Continue()
    {
        if (_isRequest)
            _filter.Stream.ContinueRequest(_filter);
        else
            _filter.Stream.ContinueResponse(_filter);
    }

    private void PauseSource()
    {
        if (_isRequest)
            _filter.Stream.PauseRequest();
        else
            _filter.Stream.PauseResponse();
    }

    private void ResumeSource()
    {
        if (_isRequest)
            _filter.Stream.ResumeRequest();
        else
            _filter.Stream.ResumeResponse();
    }
}
