using Weft.Net;

namespace Weft.Proxy.TransportSockets.RawBuffer;

/// <summary>Clear text.</summary>
internal sealed class RawBufferDownstream : DownstreamTransportSocket
{
    public static readonly RawBufferDownstream Instance = new();

    public override bool TrySecure(Connection connection, long timeoutMs) => true;
}

/// <summary>Clear text.</summary>
internal sealed class RawBufferUpstream : UpstreamTransportSocket
{
    public static readonly RawBufferUpstream Instance = new();

    public override Transport? Create(in UpstreamTransportOptions options) => null;
}
