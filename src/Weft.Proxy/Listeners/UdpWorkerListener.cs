using Weft.Base.Stats;
using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.UdpFilters;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>A UDP listener on one worker: its sockets' datagrams go through its filters. Worker thread.</summary>
internal sealed class UdpWorkerListener : IUdpListenHandler
{
    private readonly Worker _worker;
    private readonly UdpListenerConfig _config;
    private readonly Counter _dropped;
    private readonly List<UdpListenSocket> _sockets = [];
    private UdpFilter[]? _filters;

    public UdpWorkerListener(Worker worker, UdpListenerConfig config, Counter dropped) => (_worker, _config, _dropped) = (worker, config, dropped);

    public void Start(IEnumerable<UdpListenSocket> sockets)
    {
        foreach (var socket in sockets)
        {
            Adopt(socket);
            socket.Start(_worker.Loop, this);
        }
    }

    /// <summary>Goes on with the sockets of the listener that this one replaces, whose sessions end.</summary>
    public void TakeOver(UdpWorkerListener predecessor)
    {
        foreach (var socket in predecessor._sockets)
        {
            Adopt(socket);
            socket.HandTo(this);
        }

        predecessor._sockets.Clear();
        predecessor.Close();
    }

    /// <summary>Ends every session: there is nothing a client could be told.</summary>
    public void Close()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _sockets.Clear();
        foreach (var filter in _filters ?? [])
            filter.End();
        _filters = null;
    }

    void IUdpListenHandler.OnDatagram(UdpListenSocket socket, NetAddress from, NetAddress to, ReadOnlySpan<byte> data)
    {
        var datagram = new Datagram { Socket = socket, From = from, To = to, Data = data };
        foreach (var filter in Filters())
        {
            if (!filter.OnDatagram(datagram))
                return;
        }
    }

    void IUdpListenHandler.OnDropped(long count) => _dropped.Add(count);

    void IUdpListenHandler.OnReceiveError(int errno)
    {
        foreach (var filter in Filters())
            filter.OnReceiveError();
    }

    private void Adopt(UdpListenSocket socket)
    {
        socket.MaxDatagramBytes = _config.MaxDatagramBytes;
        _sockets.Add(socket);
    }

    private UdpFilter[] Filters() => _filters ??= Array.ConvertAll(_config.Filters, factory => factory.Create(_worker));
}
