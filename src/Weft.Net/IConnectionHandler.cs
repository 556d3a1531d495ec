namespace Weft.Net;

/// <summary>
/// What happens on a <see cref="Connection"/>. All calls come on the loop's thread. A handler may write to, pause or
/// close any connection from within a callback.
/// </summary>
public interface IConnectionHandler
{
    /// <summary>An outgoing connection is established (not called for accepted ones).</summary>
    void OnConnected();

    /// <summary>Bytes arrived. <paramref name="data"/> is the loop's scratch: valid only during the call.</summary>
    void OnData(ReadOnlySpan<byte> data);

    /// <summary>The peer sent its FIN; writing may still be possible.</summary>
    void OnReadEnd();

    /// <summary>
    /// The connection is gone; nothing follows. Never called from within a member of <see cref="Connection"/>, and not called for a close the handler
    /// itself asked for with <see cref="CloseMode.Abort"/> or <see cref="CloseMode.Now"/>.
    /// </summary>
    void OnClosed(CloseReason reason);

    /// <summary>Unsent output rose above the high watermark: stop producing. May be called from within <see cref="Connection.Write"/> and <see cref="Connection.ScheduleFlush"/>.</summary>
    void OnAboveHighWatermark();

    /// <summary>Unsent output fell to the low watermark (half the high one) after having been above: produce again.</summary>
    void OnBelowLowWatermark();
}

/// <summary>Hears how the output of a connection gets on. Loop thread.</summary>
public interface IUnsentHandler
{
    /// <summary>After an attempt to send, or when the connection is gone, another number of bytes waits than before. Writes nothing.</summary>
    void OnUnsentChanged();
}

/// <summary>How to close.</summary>
public enum CloseMode
{
    /// <summary>
    /// Send what is queued, then FIN, then close once the peer has closed too or <see cref="Connection.LingerMs"/> passed without progress.
    /// OnClosed follows with <see cref="CloseReason.Local"/>. Data that still arrives is discarded, so that it cannot make the system reset the connection and
    /// destroy our last answer.
    /// </summary>
    Flush,

    /// <summary>Close at once with FIN, dropping queued output.</summary>
    Now,

    /// <summary>Close at once with RST.</summary>
    Abort,
}

/// <summary>Why a connection ended.</summary>
public enum CloseReason
{
    /// <summary>We closed it.</summary>
    Local,

    /// <summary>The peer closed in order (both directions ended).</summary>
    Remote,

    /// <summary>The peer reset it (ECONNRESET, EPIPE), or the network gave it up; see <see cref="Connection.LastError"/>.</summary>
    RemoteReset,

    /// <summary>An outgoing connection, or its transport's handshake, could not be made; see <see cref="Connection.LastError"/> and <see cref="Transport.Failure"/>.</summary>
    ConnectFailed,

    /// <summary>A connection was not made, or its transport's handshake not done, within its timeout.</summary>
    ConnectTimeout,
}
