using Weft.Net;

namespace Weft.Proxy.HttpFilters.AdmissionControl;

/// <summary>How the requests of the last sampling_window went, second by second. One worker.</summary>
internal sealed class RequestHistory
{
    private const long SampleMs = 1_000;

    private readonly EventLoop _loop;
    private readonly long _windowMs;
    private readonly Sample[] _samples;
    private int _oldest;
    private int _count;

    public RequestHistory(EventLoop loop, long windowMs)
    {
        _loop = loop;
        _windowMs = Math.Max(windowMs, SampleMs);
        _samples = new Sample[_windowMs / SampleMs + 2];
    }

    /// <summary>Of the window; up to date after <see cref="Refresh"/>.</summary>
    public long Requests { get; private set; }

    public long Successes { get; private set; }

    /// <summary>Requests per second of the window, rounded down.</summary>
    public long AverageRps => _count == 0 ? 0 : Requests / (Math.Max(_windowMs, _loop.NowMs - _samples[_oldest].StartMs) / SampleMs);

    /// <summary>Forgets what is older than the window.</summary>
    public void Refresh()
    {
        while (_count > 0 && _loop.NowMs - _samples[_oldest].StartMs >= _windowMs)
        {
            Requests -= _samples[_oldest].Requests;
            Successes -= _samples[_oldest].Successes;
            _oldest = (_oldest + 1) % _samples.Length;
            _count--;
        }
    }

    public void Record(bool isSuccess)
    {
        Refresh();
        if (_count == 0 || _loop.NowMs - Newest.StartMs >= SampleMs)
        {
            _count++;
            Newest = new Sample { StartMs = _loop.NowMs };
        }

        Newest.Requests++;
        Requests++;
        if (!isSuccess)
            return;
        Newest.Successes++;
        Successes++;
    }

    private ref Sample Newest => ref _samples[(_oldest + _count - 1) % _samples.Length];

    private struct Sample
    {
        public long StartMs;
        public long Requests;
        public long Successes;
    }
}
