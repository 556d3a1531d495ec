using Weft.Net;

namespace Weft.Observe.Statsd;

/// <summary>Takes statsd by UDP and by TCP on one port. Loop thread.</summary>
internal sealed class StatsdReceiver : IAcceptHandler, IDatagramHandler, IDisposable
{
    private const int MaxConnections = 1000;

    /// <summary>A proxy sends all its statistics at once, often a datagram for each.</summary>
    private const int ReceiveBufferBytes = 8 * 1024 * 1024;

    private readonly EventLoop _loop;
    private readonly ListenSocket _tcp;
    private readonly UdpSocket _udp;

    /// <exception cref="NetException">The address cannot be bound.</exception>
    public StatsdReceiver(EventLoop loop, NetAddress address, MetricStore store)
    {
        (_loop, Store) = (loop, store);
        _tcp = ListenSocket.Bind(address, new ListenOptions { ReusePort = false });
        try
        {
            // With port 0 both get the one that the kernel chose.
            _udp = UdpSocket.Bind(loop, _tcp.LocalAddress, this, ReceiveBufferBytes);
        }
        catch
        {
            _tcp.Dispose();
            throw;
        }
    }

    public NetAddress Address => _tcp.LocalAddress;

    public MetricStore Store { get; }

    public int Connections { get; set; }

    /// <summary>Datagrams that the system dropped, because they came faster than they were read.</summary>
    public uint Lost => _udp.Lost;

    public void Start() => _tcp.Start(_loop, this);

    public void Dispose()
    {
        _tcp.Dispose();
        _udp.Dispose();
    }

    IConnectionHandler? IAcceptHandler.OnAccept(Connection connection) => Connections < MaxConnections ? new StatsdConnection(this, connection) : null;

    void IAcceptHandler.OnAcceptError(int errno)
    {
    }

    void IDatagramHandler.OnDatagram(NetAddress from, ReadOnlySpan<byte> data)
    {
        foreach (var line in data.Split((byte)'\n'))
            Store.Take(data[line]);
    }
}
