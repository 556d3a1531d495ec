namespace Weft.Net;

/// <summary>The handler of an accepted connection until it has its own.</summary>
internal sealed class NoHandler : IConnectionHandler
{
    public static readonly NoHandler Instance = new();

    public void OnConnected()
    {
    }

    public void OnData(ReadOnlySpan<byte> data)
    {
    }

    public void OnReadEnd()
    {
    }

    public void OnClosed(CloseReason reason)
    {
    }

    public void OnAboveHighWatermark()
    {
    }

    public void OnBelowLowWatermark()
    {
    }
}
