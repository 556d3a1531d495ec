using Weft.Base.Buffers;

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

    /// <summary>The connection is gone; nothing follows. Not called for a close the handler itself asked for with <see cref="CloseMode.Abort"/> or <see cref="CloseMode.Now"/>.</summary>
    void OnClosed(CloseReason reason);

    /// <summary>Unsent output rose above the high watermark: stop producing.</summary>
    void OnAboveHighWatermark();

    /// <summary>Unsent output fell below the low watermark (half the high one) after having been above: produce again.</summary>
    void OnBelowLowWatermark();
}

/// <summary>How to close.</summary>
public enum CloseMode
{
    /// <summary>Send what is queued, then close. OnClosed follows with <see cref="CloseReason.Local"/>. Data that still arrives is discarded, for a bounded time.</summary>
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

    /// <summary>The peer reset it (ECONNRESET, EPIPE).</summary>
    RemoteReset,

    /// <summary>An outgoing connection could not be made; see <see cref="Connection.LastError"/>.</summary>
    ConnectFailed,

    /// <summary>An outgoing connection was not made within its timeout.</summary>
    ConnectTimeout,
}

/// <summary>
/// A TCP or Unix stream socket on a loop, in the shape of completions: received bytes are handed to the handler, output
/// is appended and sent once at the end of the turn. Holds no buffer while idle. Loop thread only.
/// </summary>
public sealed class Connection
{
    /// <summary>Starts an outgoing connection; the handler hears OnConnected or OnClosed (never from within this call).</summary>
    /// <param name="options">Socket options, source address; null for none.</param>
    public static Connection Connect(EventLoop loop, NetAddress remote, long connectTimeoutMs, IConnectionHandler handler, ConnectOptions? options = null) => throw new NotImplementedException();

    public EventLoop Loop => throw new NotImplementedException();

    /// <summary>Never null while open; a pooled connection changes hands by setting it.</summary>
    public IConnectionHandler Handler { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    public NetAddress LocalAddress => throw new NotImplementedException();

    public NetAddress RemoteAddress => throw new NotImplementedException();

    public bool IsOpen => throw new NotImplementedException();

    /// <summary>The peer has sent its FIN.</summary>
    public bool ReadEnded => throw new NotImplementedException();

    /// <summary>errno of the failure that closed it; 0 when none.</summary>
    public int LastError => throw new NotImplementedException();

    /// <summary>Bytes received and sent so far.</summary>
    public long BytesReceived => throw new NotImplementedException();

    public long BytesSent => throw new NotImplementedException();

    /// <summary>
    /// Output waiting to be sent: encoders may append to it directly, then call <see cref="ScheduleFlush"/>.
    /// </summary>
    public ByteQueue Output => throw new NotImplementedException();

    /// <summary>Sends <see cref="Output"/> at the end of this turn.</summary>
    public void ScheduleFlush() => throw new NotImplementedException();

    /// <summary>
    /// Queues a copy of <paramref name="data"/> and schedules a flush. Large data (8 KB and more) is sent at once together with what is
    /// queued, by one gathering write, and only what the socket does not take is copied.
    /// </summary>
    public void Write(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>Sends FIN after all queued output (half-close).</summary>
    public void ShutdownWrite() => throw new NotImplementedException();

    public void Close(CloseMode mode) => throw new NotImplementedException();

    /// <summary>Stops handing out data (calls nest); the kernel's window then closes on the peer.</summary>
    public void PauseReading() => throw new NotImplementedException();

    /// <summary>Undoes one <see cref="PauseReading"/>; data that arrived meanwhile is delivered in this or the next turn, never from within this call.</summary>
    public void ResumeReading() => throw new NotImplementedException();

    public bool IsReadingPaused => throw new NotImplementedException();

    /// <summary>Output above this many bytes calls OnAboveHighWatermark; default 1 MiB (per_connection_buffer_limit_bytes). 0: no limit.</summary>
    public int HighWatermarkBytes { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
}

/// <summary>A raw socket option: Envoy's SocketOption.</summary>
public readonly record struct SocketOption(int Level, int Name, ReadOnlyMemory<byte> Value);

/// <summary>Options of an outgoing connection.</summary>
public sealed record ConnectOptions
{
    public NetAddress Source { get; init; }

    public IReadOnlyList<SocketOption> SocketOptions { get; init; } = [];

    /// <summary>TCP keep-alive: probes, idle seconds, interval seconds; null leaves the system's default.</summary>
    public (int? Probes, int? TimeSeconds, int? IntervalSeconds)? KeepAlive { get; init; }
}
