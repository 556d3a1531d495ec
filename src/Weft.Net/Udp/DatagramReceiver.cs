using Weft.Net.Native;

namespace Weft.Net.Udp;

/// <summary>What UDP sockets that receive many datagrams at a time have in common. Loop thread, once it is watched.</summary>
public abstract class DatagramReceiver : IEventHandler, IReadyWork, IDisposable
{
    private const int MaxBatchesPerTurn = 4;

    private EventLoop? _loop;
    private EventRegistration _registration;
    private bool _isReady;

    private protected DatagramReceiver(int fd) => Descriptor = fd;

    /// <summary>Longest datagram that is taken, in bytes; default 1,500 (max_rx_datagram_size).</summary>
    public int MaxDatagramBytes { get; set; } = 1500;

    /// <summary>The kernel's handle, for handing it to another process.</summary>
    public int Descriptor { get; }

    private protected bool IsClosed { get; private set; }

    /// <summary>Closes it; nothing is received any more.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>There is no finalizer: a socket ends when it is disposed of.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (IsClosed)
            return;
        IsClosed = true;
        _registration.Unregister();
        _ = Libc.close(Descriptor);
    }

    void IEventHandler.OnEvents(uint epollEvents)
    {
        if ((epollEvents & ~Epoll.Out) != 0)
            ReceiveAvailable();
    }

    void IReadyWork.OnReady()
    {
        _isReady = false;
        ReceiveAvailable();
    }

    /// <exception cref="NetException">The loop cannot watch it (no memory).</exception>
    private protected void Watch(EventLoop loop)
    {
        _loop = loop;
        _registration = loop.Register(Descriptor, this);
    }

    private protected abstract void Deliver(DatagramBatch batch, int index);

    private protected abstract void FailReceive(int errno);

    /// <summary>Until there are none: an edge comes once, and an error (ICMP) stands before datagrams.</summary>
    private void ReceiveAvailable()
    {
        var batch = _loop!.Datagrams;
        for (var batches = 0; batches < MaxBatchesPerTurn && !IsClosed; batches++)
        {
            var count = batch.Receive(Descriptor, MaxDatagramBytes);
            if (count == 0)
                return;
            if (count < 0)
                FailReceive(-count);
            for (var i = 0; i < count && !IsClosed; i++)
                Deliver(batch, i);
        }

        if (_isReady || IsClosed)
            return;
        _isReady = true;
        _loop.AddReady(this);
    }
}
