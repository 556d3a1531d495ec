namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>Who speaks on a <see cref="ManagementStream"/>. Main thread.</summary>
internal interface IManagementStreamUser
{
    /// <summary>A stream is tried.</summary>
    void OnOpening()
    {
    }

    /// <summary>There is a new stream: what the service wants to hear first is said now.</summary>
    void OnOpened();

    /// <summary>A message, valid during the call.</summary>
    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">It cannot be read: the stream is given up, as nobody knows what it said.</exception>
    void OnMessage(ReadOnlySpan<byte> message);

    /// <summary>The stream is lost, or could not be opened; another is tried after a moment.</summary>
    void OnLost();

    /// <summary>The next attempt goes to another server than the one that has answered last.</summary>
    void OnOtherServer()
    {
    }
}
