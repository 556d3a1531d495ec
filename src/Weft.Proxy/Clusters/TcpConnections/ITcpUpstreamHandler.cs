using Weft.Proxy.Clusters.ConnectionPools;

namespace Weft.Proxy.Clusters.TcpConnections;

/// <summary>Hears what happens on a <see cref="TcpUpstream"/>; never from within one of its members.</summary>
internal interface ITcpUpstreamHandler
{
    void OnUpstreamConnected();

    /// <summary>The attempt is over.</summary>
    /// <param name="reason">A connection failure or its time-out.</param>
    /// <param name="failure">For %UPSTREAM_TRANSPORT_FAILURE_REASON%; null when the system has nothing to say.</param>
    void OnUpstreamConnectFailed(ResetReason reason, string? failure);

    /// <summary>Valid during the call.</summary>
    void OnUpstreamData(ReadOnlySpan<byte> data);

    /// <summary>The server sent its FIN; it may still be listening.</summary>
    void OnUpstreamReadEnd();

    /// <summary>An established connection is gone.</summary>
    /// <param name="inOrder">Both sides had sent their FIN.</param>
    void OnUpstreamClosed(bool inOrder);

    void OnUpstreamAboveHighWatermark();

    void OnUpstreamBelowLowWatermark();
}
