namespace Weft.XdsServer;

/// <summary>The server's end of one gRPC call: what a service does with the messages of the client. Loop thread.</summary>
internal interface IGrpcSession
{
    /// <summary>A message has come; null, or why the call cannot go on.</summary>
    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">It cannot be read.</exception>
    string? OnMessage(ReadOnlySpan<byte> message);

    /// <summary>The call is over.</summary>
    void OnClosed();
}
