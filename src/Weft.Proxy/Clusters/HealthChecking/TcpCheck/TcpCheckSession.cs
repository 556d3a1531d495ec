using Envoy.Config.Core.V3;
using Envoy.Data.Core.V3;
using Weft.Base.Buffers;
using Weft.Net;

namespace Weft.Proxy.Clusters.HealthChecking.TcpCheck;

/// <summary>The TCP checks of one endpoint. Main thread.</summary>
internal sealed class TcpCheckSession(TcpCheckKind kind, HealthChecker checker, Endpoint endpoint) : HealthCheckSession(checker, endpoint), IConnectionHandler
{
    /// <summary>What is kept of an answer that does not match: what comes behind cannot help any more.</summary>
    private const int MaxKeptBytes = 64 * 1024;

    private static ReadOnlySpan<byte> LocalHeaderV2 => [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x20, 0x00, 0x00, 0x00];

    private readonly ByteWriter _received = new();
    private Connection? _socket;

    protected override void BeginCheck()
    {
        if (_socket is null)
            _socket = Checker.Connect(Endpoint, this);
        else
            Send(_socket);
    }

    protected override void Abandon()
    {
        _received.Clear();
        var socket = _socket;
        _socket = null;
        socket?.Close(CloseMode.Now);
    }

    void IConnectionHandler.OnConnected()
    {
        if (kind.Receive.IsEmpty)
        {
            Abandon();
            Succeed();
            return;
        }

        Send(_socket!);
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        if (kind.Receive.IsEmpty || _received.Length > MaxKeptBytes)
            return;
        _received.Write(data);
        if (!kind.Receive.IsMatch(_received.Written))
            return;
        _received.Clear();
        if (!Config.ReuseConnection)
            Abandon();
        Succeed();
    }

    void IConnectionHandler.OnReadEnd() => OnLost();

    void IConnectionHandler.OnClosed(CloseReason reason) => OnLost();

    void IConnectionHandler.OnAboveHighWatermark()
    {
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
    }

    /// <summary>A kept connection that ends between two checks counts as a failure too, as in Envoy.</summary>
    private void OnLost()
    {
        if (_socket is null)
            return;
        Abandon();
        Fail(HealthCheckFailureType.Network);
    }

    private void Send(Connection socket)
    {
        if (kind.ProxyProtocol == ProxyProtocolConfig.Types.Version.V1)
            WriteHeaderV1(socket);
        else if (kind.ProxyProtocol == ProxyProtocolConfig.Types.Version.V2)
            socket.Write(LocalHeaderV2);
        socket.Write(kind.Send);
    }

    private static void WriteHeaderV1(Connection socket)
    {
        var (source, target) = (socket.LocalAddress, socket.RemoteAddress);
        var header = target.Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6)
            ? "PROXY UNKNOWN\r\n"
            : $"PROXY {(target.Kind == NetAddressKind.IPv6 ? "TCP6" : "TCP4")} {source.ToIPAddress()} {target.ToIPAddress()} {source.Port} {target.Port}\r\n";
        socket.Write(System.Text.Encoding.ASCII.GetBytes(header));
    }
}
