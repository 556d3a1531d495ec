namespace Weft.Proxy.Admin;

/// <summary>A client to which an answer without an end is sent as it comes about. Main thread.</summary>
public interface IAdminStream
{
    /// <summary>Sends a piece; a client that takes them too slowly misses it.</summary>
    void Send(ReadOnlySpan<byte> piece);
}
