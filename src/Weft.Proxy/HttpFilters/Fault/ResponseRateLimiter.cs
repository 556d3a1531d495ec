using Weft.Base.Buffers;
using Weft.Net;

namespace Weft.Proxy.HttpFilters.Fault;

/// <summary>
/// Lets a response body through at so many bytes per second: keeps it, sends on what the bucket allows every 50 ms, and pauses the upstream
/// while it holds more than the stream's buffer limit. Pooled with its filter; worker thread.
/// </summary>
internal sealed class ResponseRateLimiter
{
    private const int IntervalMs = 50;

    private readonly HttpFilter _filter;
    private readonly EventLoop _loop;
    private readonly LoopTimer _timer;
    private readonly ByteQueue _kept;
    private readonly ByteWriter _piece = new(0);
    private double _bytesPerSecond;
    private double _tokens;
    private long _filledUs;
    private bool _ended;
    private bool _hasTrailers;
    private bool _paused;

    public ResponseRateLimiter(HttpFilter filter, EventLoop loop)
    {
        _filter = filter;
        _loop = loop;
        _kept = new ByteQueue(loop.Buffers);
        _timer = new LoopTimer(loop, OnTimer);
    }

    public bool IsOn => _bytesPerSecond > 0;

    /// <summary>Limits this response. The first piece may be what one interval allows.</summary>
    public void Start(ulong kibPerSecond)
    {
        _bytesPerSecond = kibPerSecond * 1024.0;
        _tokens = _bytesPerSecond * IntervalMs / 1000;
        _filledUs = _loop.NowUs;
    }

    /// <summary>Takes a piece of the body for itself.</summary>
    public void Take(ref BodyChunk chunk)
    {
        _kept.Append(chunk.Bytes);
        _ended = chunk.EndStream;
        chunk.Bytes = default;
        chunk.EndStream = false;
        if (!_paused && _kept.Length > _filter.Stream.BufferLimitBytes)
        {
            _paused = true;
            _filter.Stream.PauseResponse();
        }

        // From the loop, not from within the filters: the end of the body goes a way of its own.
        if (!_timer.IsArmed)
            _timer.Arm(0);
    }

    /// <summary>The trailers have come; true when they must wait for the body.</summary>
    public bool HoldTrailers()
    {
        _hasTrailers = !_kept.IsEmpty;
        return _hasTrailers;
    }

    public void Reset()
    {
        _timer.Cancel();
        _kept.Clear();
        _bytesPerSecond = 0;
        _ended = _hasTrailers = _paused = false;
    }

    private void OnTimer()
    {
        Fill();
        var count = (int)Math.Min(_kept.Length, _tokens);
        _tokens -= count;
        _piece.Clear();
        _kept.CopyTo(_piece.GetSpan(count)[..count]);
        _piece.Advance(count);
        _kept.Drain(count);
        if (!_kept.IsEmpty)
            _timer.Arm(IntervalMs);
        var stream = _filter.Stream;
        if (_paused && _kept.Length <= stream.BufferLimitBytes / 2)
        {
            _paused = false;
            stream.ResumeResponse();
        }

        Send(stream, isLast: _kept.IsEmpty);
    }

    private void Send(IHttpStream stream, bool isLast)
    {
        var ended = isLast && _ended;
        var trailersFollow = isLast && _hasTrailers;
        _hasTrailers &= !trailersFollow;
        if (_piece.Length > 0 || ended)
            stream.InjectResponseData(_filter, _piece.Written, ended);
        if (trailersFollow)
            stream.ContinueResponse(_filter);
    }

    private void Fill()
    {
        var now = _loop.NowUs;
        _tokens = Math.Min(_bytesPerSecond, _tokens + (now - _filledUs) * _bytesPerSecond / 1_000_000);
        _filledUs = now;
    }
}
