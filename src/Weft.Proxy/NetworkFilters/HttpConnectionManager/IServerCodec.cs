namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>What a downstream connection speaks: turns its bytes into streams and back. Worker thread.</summary>
internal interface IServerCodec
{
    /// <summary>There is a request under way.</summary>
    bool IsServing { get; }

    /// <summary>No request is being served, and nothing of a next one has arrived.</summary>
    bool IsIdle { get; }

    void OnData(ReadOnlySpan<byte> data);

    /// <summary>The client sent its FIN.</summary>
    void OnReadEnd();

    void OnAboveHighWatermark();

    void OnBelowLowWatermark();

    /// <summary>The connection is to end in order: what runs is finished, and the client told to send nothing new here. Once.</summary>
    void Drain();

    /// <summary>The connection has had no request for idle_timeout.</summary>
    void OnIdleTimeout();

    /// <summary>The connection is gone: streams that are left end, everything held is dropped.</summary>
    /// <param name="remote">The client caused it.</param>
    void OnClosed(bool remote);
}
