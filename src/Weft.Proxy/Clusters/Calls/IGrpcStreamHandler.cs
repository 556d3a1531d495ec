namespace Weft.Proxy.Clusters.Calls;

/// <summary>Hears what happens on a <see cref="GrpcStream"/>; on its thread.</summary>
internal interface IGrpcStreamHandler
{
    /// <summary>There is a connection: what was sent is on its way. Possibly from within <see cref="GrpcStream.Start"/>.</summary>
    void OnStreamOpened();

    /// <summary>The server is slow: what is sent now is kept.</summary>
    void OnStreamBackedUp()
    {
    }

    /// <summary>What was kept has gone.</summary>
    void OnStreamDrained()
    {
    }

    /// <summary>A message, valid during the call.</summary>
    void OnMessage(ReadOnlySpan<byte> message);

    /// <summary>The stream is over, or there never was one. Possibly from within <see cref="GrpcStream.Start"/>.</summary>
    /// <param name="status">The gRPC status; 14 (UNAVAILABLE) when the connection failed.</param>
    /// <param name="message">What the server or the connection says about it.</param>
    void OnStreamClosed(int status, string message);
}
