using Weft.Base.Buffers;
using Weft.Net;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>Fails every handshake: the secrets for a real one are not there yet.</summary>
internal sealed class NotReadyTransport : Transport
{
    protected override int Unread => 0;

    protected override void Attach(Connection connection, ByteQueue wire)
    {
    }

    protected override unsafe void Feed(byte* data, int count)
    {
    }

    protected override TransportStatus Handshake()
    {
        Failure = "TLS error: Secret is not supplied by SDS";
        return TransportStatus.Failed;
    }

    protected override unsafe TransportStatus Open(byte* destination, int size, out int count)
    {
        count = 0;
        return TransportStatus.Failed;
    }

    protected override bool Seal(ByteQueue output) => false;

    protected override bool Seal(ReadOnlySpan<byte> data) => false;

    protected override void End()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
