using System.Runtime.InteropServices;
using Weft.Base.Buffers;
using Weft.Net.Native;
using Weft.Net.Udp;
using Weft.Net.UserSpace;

namespace Weft.Net;

/// <summary>
/// One thread's epoll loop: sockets, timers, posted work. Everything registered with a loop is touched only on its
/// thread; <see cref="Post"/> and <see cref="Stop"/> are the only members for other threads.
/// </summary>
/// <remarks>
/// A turn: wait, read the clock once, dispatch the batch (at most 64 events; outgoing connections first, so that a pooled
/// connection that its server has just closed is not given a new request), run due timers and posted work, then
/// flush every connection that was written to. Timers that are due wait for everything that has come: after a standstill of the
/// machine they would end what was answered long ago. Received bytes live in one scratch buffer and are dead after the callback.
/// </remarks>
public sealed unsafe partial class EventLoop : IDisposable
{
    /// <summary>Bytes that one read can take.</summary>
    public const int ScratchBytes = 128 * 1024;

    internal const int OpenedScratchBytes = ScratchBytes + 32 * 1024;

    private const int BatchSize = 64;

    /// <summary>Full batches that go before timers when the loop comes late to both.</summary>
    private const int MaxLateBatches = 64;

    private readonly string _name;
    private readonly int _epoll;
    private readonly EpollEvents _events;
    private readonly byte* _scratch;
    private byte* _openedScratch;
    private DatagramBatch? _datagrams;
    private InternalListeners? _internalListeners;
    private volatile bool _disposed;
    private long _progress;

    /// <param name="name">Thread name, for example <c>worker_0</c> or <c>main_thread</c>.</param>
    public EventLoop(string name) : this(name, TimeProvider.System)
    {
    }

    /// <param name="name">Thread name, for example <c>worker_0</c> or <c>main_thread</c>.</param>
    /// <param name="time">The clock; a test drives its own and calls <see cref="RunTurn"/>.</param>
    /// <exception cref="NetException">The process has no descriptor left.</exception>
    public EventLoop(string name, TimeProvider time)
    {
        _name = name;
        _time = time;
        _epoll = Libc.epoll_create1(Epoll.CloseOnExec);
        if (_epoll < 0)
            throw new NetException("epoll_create1", Libc.LastError);
        _events = new EpollEvents((byte*)NativeMemory.AllocZeroed(BatchSize * EpollEvents.MaxEventBytes));
        _scratch = (byte*)NativeMemory.AlignedAlloc(ScratchBytes + BufferPool.Padding, 4096);
        _startedAt = time.GetTimestamp();
        ReadClock();
        OpenWakeUp();
    }

    /// <summary>The name given at creation.</summary>
    public string Name => _name;

    /// <summary>Blocks of this loop's connections.</summary>
    public BufferPool Buffers { get; } = new();

    /// <summary>
    /// Gets what a callback threw (a bug of ours); the loop then goes on with the next event, and the connection whose
    /// event it was is aborted. While null, <see cref="Run"/> throws it on.
    /// </summary>
    public Action<Exception>? UnhandledException { get; set; }

    /// <summary>Who listens here for connections from within this loop.</summary>
    public InternalListeners InternalListeners => _internalListeners ??= new InternalListeners(this);

    /// <summary>Hears of every turn; null (the default): the clock is not read for it. Set on the loop's thread, or before it runs.</summary>
    public ITurnWatcher? TurnWatcher { get; set; }

    /// <summary>Odd while a turn handles what has happened, even while the loop waits; another number with every turn. Any thread.</summary>
    public long Progress => Volatile.Read(ref _progress);

    internal TimerWheel Timers { get; } = new();

    internal byte* Scratch => _scratch;

    /// <summary>For UDP sockets; made when the first of them receives.</summary>
    internal DatagramBatch Datagrams => _datagrams ??= new DatagramBatch();

    /// <summary>What a transport makes of one read: never more than the read, and the rest of one record kept from before.</summary>
    internal byte* OpenedScratch => _openedScratch != null ? _openedScratch : _openedScratch = (byte*)NativeMemory.AlignedAlloc(OpenedScratchBytes + BufferPool.Padding, 4096);

    /// <summary>Runs on the calling thread until <see cref="Stop"/>.</summary>
    public void Run()
    {
        Thread.CurrentThread.Name = _name;
        ReadClock();
        while (!Volatile.Read(ref _stopping))
            Turn(-1);
        Volatile.Write(ref _stopping, false);
    }

    /// <summary>
    /// One turn, waiting for an event or a timer at most <paramref name="maxWaitMs"/> (-1: without limit). For tests and for
    /// hosts with a loop of their own; the calling thread is the loop's thread meanwhile.
    /// </summary>
    public void RunTurn(int maxWaitMs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReadClock();
        Turn(maxWaitMs);
    }

    /// <summary>Closes every socket that is still registered, then the loop. Not while <see cref="Run"/> runs.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        CloseRegistered();
        _ = Libc.close(_wakeUpFd);
        _ = Libc.close(_epoll);
        NativeMemory.Free(_events.Memory);
        NativeMemory.AlignedFree(_scratch);
        NativeMemory.AlignedFree(_openedScratch);
        _datagrams?.Dispose();
        CloseCalls();
        Buffers.Dispose();
    }

    private void Turn(int maxWaitMs)
    {
        if (TurnWatcher is { } watcher)
            WatchTurn(watcher, maxWaitMs);
        else
            RunTurnAfter(WaitMs(maxWaitMs));
    }

    private void WatchTurn(ITurnWatcher watcher, int maxWaitMs)
    {
        ReadClock();
        var waitMs = WaitMs(maxWaitMs);
        var plannedUs = NowUs + (waitMs * 1000L);
        RunTurnAfter(waitMs);
        var begunUs = NowUs;
        ReadClock();
        watcher.OnTurn(NowUs - begunUs, waitMs < 0 ? 0 : Math.Max(0, begunUs - plannedUs));
    }

    private void RunTurnAfter(int waitMs)
    {
        var count = Libc.epoll_wait(_epoll, _events.Memory, BatchSize, waitMs);
        // Odd also when the last turn was not ended: a callback threw.
        Volatile.Write(ref _progress, (_progress + 1) | 1);
        ReadClock();
        DispatchBatch(Math.Max(count, 0));
        for (var more = MaxLateBatches; count == BatchSize && more > 0 && Timers.IsDue(NowMs); more--)
        {
            count = Libc.epoll_wait(_epoll, _events.Memory, BatchSize, 0);
            DispatchBatch(Math.Max(count, 0));
        }

        RunReady();
        RunTimers();
        RunPosted();
        Flush();
        Volatile.Write(ref _progress, _progress + 1);
    }

    /// <summary>How long to block: not at all while work waits, else until the next timer.</summary>
    private int WaitMs(int maxWaitMs)
    {
        if (HasWork)
            return 0;
        var next = Timers.NextMs();
        if (next < 0)
            return maxWaitMs;
        // Rounded up: a timer never fires early, and a wait that is too short would only come back here.
        var wait = Math.Clamp((next * 1000 - NowUs + 999) / 1000, 0, int.MaxValue);
        return maxWaitMs < 0 ? (int)wait : (int)Math.Min(wait, maxWaitMs);
    }
}
