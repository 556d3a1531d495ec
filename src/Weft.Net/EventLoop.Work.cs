using System.Collections.Concurrent;
using Weft.Net.Native;

namespace Weft.Net;

/// <content>Work that is not an event: posted, ready again, due at the end of the turn.</content>
public sealed unsafe partial class EventLoop
{
    private const int WakeUpFlags = Sock.NonBlock | Sock.CloseOnExec;

    /// <summary>Flushing may call handlers that write again; after this many rounds the rest waits for the next turn.</summary>
    private const int MaxFlushRounds = 8;

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly WorkList<IReadyWork> _ready = new();
    private readonly WorkList<ITurnEndWork> _turnEnd = new();
    private readonly WorkList<Connection> _flush = new();
    private int _wakeUpFd;
    private int _awake;
    private bool _stopping;

    private bool HasWork => _ready.Any || _turnEnd.Any || _flush.Any || Volatile.Read(ref _awake) != 0 || Volatile.Read(ref _stopping);

    /// <summary>Ends <see cref="Run"/> after the current turn. Any thread.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stopping, true);
        WakeUp();
    }

    /// <summary>Runs <paramref name="work"/> on the loop's thread, in order. Any thread. Allocates: for control work, not for requests.</summary>
    public void Post(Action work)
    {
        _posted.Enqueue(work);
        WakeUp();
    }

    /// <summary>Runs <paramref name="work"/> at the end of this turn, before connections are flushed (for example: hand log lines over). Loop thread.</summary>
    public void AtTurnEnd(ITurnEndWork work) => _turnEnd.Add(work);

    /// <summary>Has <paramref name="work"/> run after this or the next batch; the loop does not block meanwhile.</summary>
    internal void AddReady(IReadyWork work) => _ready.Add(work);

    /// <summary>Has the connection flushed at the end of this turn.</summary>
    internal void AddFlush(Connection connection) => _flush.Add(connection);

    private void OpenWakeUp()
    {
        _wakeUpFd = Libc.eventfd(0, WakeUpFlags);
        if (_wakeUpFd < 0)
            throw new NetException("eventfd", Libc.LastError);
        Register(_wakeUpFd, WakeUpHandler.Instance);
        _registered = 0;
    }

    private void WakeUp()
    {
        // One write per sleep: the loop clears the flag before it looks at the queue.
        if (Interlocked.Exchange(ref _awake, 1) != 0 || _disposed)
            return;
        ulong one = 1;
        _ = Libc.write(_wakeUpFd, &one, sizeof(ulong));
    }

    private void RunReady()
    {
        var list = _ready.Take();
        for (var i = 0; i < list.Count; i++)
        {
            try
            {
                list[i].OnReady();
            }
            catch (Exception e) when (UnhandledException is not null)
            {
                Fault(list[i], e);
            }
        }
        list.Clear();
    }

    private void RunTimers()
    {
        for (var isDone = false; !isDone;)
        {
            try
            {
                Timers.Advance(NowMs);
                isDone = true;
            }
            catch (Exception e) when (UnhandledException is not null)
            {
                Fault(null, e);
            }
        }
    }

    private void RunPosted()
    {
        if (Volatile.Read(ref _awake) == 0)
            return;
        Interlocked.Exchange(ref _awake, 0);
        // Only what is there now: work that posts itself again must not keep the sockets waiting.
        for (var count = _posted.Count; count > 0 && _posted.TryDequeue(out var work); count--)
        {
            try
            {
                work();
            }
            catch (Exception e) when (UnhandledException is not null)
            {
                Fault(null, e);
            }
        }
    }

    private void Flush()
    {
        for (var round = 0; round < MaxFlushRounds && (_turnEnd.Any || _flush.Any); round++)
        {
            RunTurnEnd();
            FlushConnections();
        }
    }

    private void RunTurnEnd()
    {
        var list = _turnEnd.Take();
        for (var i = 0; i < list.Count; i++)
        {
            try
            {
                list[i].OnTurnEnd();
            }
            catch (Exception e) when (UnhandledException is not null)
            {
                Fault(null, e);
            }
        }
        list.Clear();
    }

    private void FlushConnections()
    {
        var list = _flush.Take();
        for (var i = 0; i < list.Count; i++)
        {
            if (i % CallBatch.MaxCalls == 0 && list.Count - i >= MinBatch && Calls is { } calls)
                SendTogether(list, i, Math.Min(list.Count - i, CallBatch.MaxCalls), calls);
            try
            {
                list[i].FlushNow();
            }
            catch (Exception e) when (UnhandledException is not null)
            {
                Fault(list[i], e);
            }
        }
        list.Clear();
    }

    private void Fault(object? source, Exception exception)
    {
        UnhandledException!(exception);
        if (source is not Connection connection)
            return;
        try
        {
            connection.AbortAfterFault();
        }
        catch (Exception e)
        {
            UnhandledException(e);
        }
    }

    /// <summary>Two lists that swap: what is added while one is walked lands in the other.</summary>
    private sealed class WorkList<T>
    {
        private List<T> _adding = [];
        private List<T> _walking = [];

        public bool Any => _adding.Count > 0;

        public void Add(T item) => _adding.Add(item);

        public List<T> Take()
        {
            _walking.Clear();
            (_adding, _walking) = (_walking, _adding);
            return _walking;
        }
    }

    /// <summary>Each write to an edge-triggered eventfd is an edge, so it need not be read.</summary>
    private sealed class WakeUpHandler : IEventHandler
    {
        public static readonly WakeUpHandler Instance = new();

        public void OnEvents(uint epollEvents)
        {
        }
    }
}

/// <summary>Work to run once at the end of the current turn; must be re-added each time.</summary>
public interface ITurnEndWork
{
    void OnTurnEnd();
}

/// <summary>Something that has more to do than its last event: data left unread, connections left to accept.</summary>
internal interface IReadyWork
{
    void OnReady();
}
