namespace Weft.Net;

/// <summary>Takes datagrams; the span is valid only during the call. Loop thread.</summary>
public interface IDatagramHandler
{
    void OnDatagram(NetAddress from, ReadOnlySpan<byte> data);
}

/// <summary>A UDP socket on a loop (DNS, statsd).</summary>
public sealed class UdpSocket : IDisposable
{
    public static UdpSocket Bind(EventLoop loop, NetAddress local, IDatagramHandler handler) => throw new NotImplementedException();

    public NetAddress LocalAddress => throw new NotImplementedException();

    /// <summary>Sends one datagram; false when the kernel did not take it.</summary>
    public bool Send(NetAddress to, ReadOnlySpan<byte> data) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
