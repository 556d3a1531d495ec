using Weft.Net;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Listeners;

/// <summary>
/// Listeners that were removed or replaced: their connections are asked to end, and closed when the drain time is over; what the listeners own
/// is given back after the last. Main thread.
/// </summary>
/// <param name="times">How long they have.</param>
/// <param name="onDone">Called when none is left.</param>
internal sealed class DrainingListeners(EventLoop loop, DrainTimes times, ListenerManagerStats stats, Action onDone)
{
    private const long PollMs = 1000;

    private readonly List<Entry> _entries = [];
    private LoopTimer? _timer;

    public int Count => _entries.Count;

    /// <summary>Those that drain as a whole, not only some of their filter chains.</summary>
    public IEnumerable<Listener> Whole => _entries.Where(static entry => entry.Listener.DrainingChains is null).Select(static entry => entry.Listener.Listener);

    public void Add(ListenerWithLifetime listener)
    {
        listener.Listener.Drain(times.SpreadMs);
        _entries.Add(new Entry(listener, loop.NowMs + times.LimitMs));
        Publish();
        _timer ??= new LoopTimer(loop, Check);
        if (_entries.Count == 1)
            _timer.Arm(PollMs);
    }

    /// <summary>Closes every connection at once.</summary>
    public void CloseAll()
    {
        foreach (var entry in _entries)
            entry.Listener.Listener.CloseAll();
    }

    /// <summary>Gives back what is not used any more, and closes what has had its time.</summary>
    public void Release()
    {
        _entries.RemoveAll(static entry =>
        {
            // Seen twice: the workers have heard of the end in between.
            var isQuiet = entry.Listener.Listener.Limits.Active == 0;
            var isOver = isQuiet && entry.WasQuiet;
            entry.WasQuiet = isQuiet;
            if (isOver)
                entry.Listener.Lifetime.Dispose();
            return isOver;
        });
        foreach (var entry in _entries)
        {
            if (loop.NowMs >= entry.DeadlineMs)
                entry.Listener.Listener.CloseAll();
        }

        Publish();
    }

    private void Publish()
    {
        stats.TotalListenersDraining.Set(_entries.Count(static entry => entry.Listener.DrainingChains is null));
        stats.TotalFilterChainsDraining.Set(_entries.Sum(static entry => entry.Listener.DrainingChains ?? 0));
    }

    private void Check()
    {
        Release();
        if (_entries.Count > 0)
            _timer!.Arm(PollMs);
        else
            onDone();
    }

    private sealed class Entry(ListenerWithLifetime listener, long deadlineMs)
    {
        public ListenerWithLifetime Listener => listener;

        public long DeadlineMs => deadlineMs;

        public bool WasQuiet { get; set; }
    }
}
