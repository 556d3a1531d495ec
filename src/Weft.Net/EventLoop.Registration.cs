using Weft.Net.Native;

namespace Weft.Net;

/// <content>The table of watched descriptors and the dispatch of their events.</content>
public sealed unsafe partial class EventLoop
{
    private const uint Watched = Epoll.In | Epoll.Out | Epoll.PeerClosed | Epoll.EdgeTriggered;
    private const int NoSlot = -1;

    private Slot[] _slots = new Slot[64];
    private int _usedSlots;
    private int _freeSlot = NoSlot;
    private int _registered;

    /// <summary>Descriptors watched, without the loop's own.</summary>
    public int RegisteredCount => _registered;

    /// <summary>Watches a file descriptor, edge-triggered, for in, out and peer-closed.</summary>
    /// <exception cref="NetException">The system refused (no memory, or a descriptor that cannot be watched).</exception>
    public EventRegistration Register(int fd, IEventHandler handler)
    {
        var registration = TryRegister(fd, handler, first: false, out var errno);
        return errno == 0 ? registration : throw new NetException("epoll_ctl", errno);
    }

    /// <param name="first">Its events are dispatched before the others of a batch.</param>
    internal EventRegistration TryRegister(int fd, IEventHandler handler, bool first, out int errno)
    {
        var index = TakeSlot();
        ref var slot = ref _slots[index];
        var memory = stackalloc byte[EpollEvents.MaxEventBytes];
        new EpollEvents(memory).Set(Watched, (uint)index | (ulong)slot.Generation << 32);
        if (Libc.epoll_ctl(_epoll, Epoll.Add, fd, memory) < 0)
        {
            errno = Libc.LastError;
            FreeSlot(index);
            return default;
        }
        errno = 0;
        slot.Handler = handler;
        slot.First = first;
        _registered++;
        return new EventRegistration(this, fd, index, slot.Generation);
    }

    internal bool IsCurrent(int index, uint generation) => _slots[index].Handler is not null && _slots[index].Generation == generation;

    /// <summary>Frees the slot; events of it that are still in the batch are dropped.</summary>
    internal void Forget(int index)
    {
        _slots[index].Handler = null;
        FreeSlot(index);
        _registered--;
    }

    internal void StopWatching(int fd) => _ = Libc.epoll_ctl(_epoll, Epoll.Delete, fd, null);

    private void DispatchBatch(int count)
    {
        _hasReadAhead = ReadAhead(count);
        for (var i = 0; i < count; i++)
            DispatchFirst(i);
        for (var i = 0; i < count; i++)
        {
            if (_events.Data(i) != EpollEvents.Done)
                Dispatch(i);
        }
    }

    private void DispatchFirst(int i)
    {
        if (_slots[(int)(uint)_events.Data(i)].First)
            Dispatch(i);
    }

    private void Dispatch(int i)
    {
        var data = _events.Data(i);
        _events.MarkDone(i);
        ref var slot = ref _slots[(int)(uint)data];
        if (slot.Generation != (uint)(data >> 32) || slot.Handler is not { } handler)
            return;
        try
        {
            if (_hasReadAhead && _readAhead[i] != CallBatch.NotMade && handler is Connection connection)
                connection.OnReadAhead(_events.Events(i), ReadAheadOf(i), _readAhead[i]);
            else
                handler.OnEvents(_events.Events(i));
        }
        catch (Exception e) when (UnhandledException is not null)
        {
            Fault(handler, e);
        }
    }

    private int TakeSlot()
    {
        if (_freeSlot == NoSlot)
        {
            if (_usedSlots == _slots.Length)
                Array.Resize(ref _slots, _slots.Length * 2);
            return _usedSlots++;
        }
        var index = _freeSlot;
        _freeSlot = _slots[index].NextFree;
        return index;
    }

    private void FreeSlot(int index)
    {
        ref var slot = ref _slots[index];
        slot.First = false;
        // The generation of the done mark never comes: it would need all bits set in the slot number too.
        slot.Generation++;
        slot.NextFree = _freeSlot;
        _freeSlot = index;
    }

    private void CloseRegistered()
    {
        for (var i = 0; i < _usedSlots; i++)
        {
            switch (_slots[i].Handler)
            {
                case Connection connection:
                    connection.Close(CloseMode.Now);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
    }

    private struct Slot
    {
        public IEventHandler? Handler;
        public uint Generation;
        public int NextFree;
        public bool First;
    }
}

/// <summary>Readiness of one descriptor.</summary>
public interface IEventHandler
{
    /// <param name="epollEvents">EPOLL* bits; several edges may come as one call.</param>
    void OnEvents(uint epollEvents);
}

/// <summary>A watched descriptor; a stale event after <see cref="Unregister"/> is dropped by its generation.</summary>
public readonly struct EventRegistration
{
    private readonly EventLoop? _loop;
    private readonly int _fd;
    private readonly int _slot;
    private readonly uint _generation;

    internal EventRegistration(EventLoop loop, int fd, int slot, uint generation)
    {
        _loop = loop;
        _fd = fd;
        _slot = slot;
        _generation = generation;
    }

    /// <summary>Stops watching; call it before the descriptor is closed. Nothing happens the second time.</summary>
    public void Unregister()
    {
        if (_loop is null || !_loop.IsCurrent(_slot, _generation))
            return;
        _loop.StopWatching(_fd);
        _loop.Forget(_slot);
    }

    /// <summary>As <see cref="Unregister"/> without its system call: for a descriptor that is closed next and has no duplicate.</summary>
    internal void Forget()
    {
        if (_loop is not null && _loop.IsCurrent(_slot, _generation))
            _loop.Forget(_slot);
    }
}
