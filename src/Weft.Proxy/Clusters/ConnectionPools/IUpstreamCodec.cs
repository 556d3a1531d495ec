using Weft.Http;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>What an <see cref="UpstreamConnection"/> speaks: turns its bytes into streams and back. Worker thread.</summary>
internal interface IUpstreamCodec
{
    HttpProtocol Protocol { get; }

    /// <summary>Streams that are on the connection now.</summary>
    int ActiveStreams { get; }

    /// <summary>Streams that could be added now; 0 too when the connection is to end after those that are on it.</summary>
    int FreeStreams { get; }

    /// <summary>Puts a request on the connection, which has a free stream: its handler hears OnPoolReady within the call.</summary>
    void Begin(IUpstreamHandler handler);

    /// <summary>The connection is made.</summary>
    void OnConnected();

    void OnData(ReadOnlySpan<byte> data);

    /// <summary>The peer sent its FIN.</summary>
    void OnReadEnd();

    /// <summary>The connection is gone, closed by either side: streams that are left are reset, nothing more is decoded.</summary>
    void OnGone(ResetReason reason);

    /// <summary>The connection has reached its greatest age, or its pool is given up: no new streams, and it closes behind the last one.</summary>
    void OnDrain();

    void OnAboveHighWatermark();

    void OnBelowLowWatermark();
}
