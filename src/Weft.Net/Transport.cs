using Weft.Base.Buffers;

namespace Weft.Net;

/// <summary>
/// What stands between the socket of a <see cref="Connection"/> and its handler, such as TLS: it opens what was received and seals what is
/// sent. Made for one connection, driven by it on its loop's thread; it never touches a socket, so that system calls stay the connection's.
/// </summary>
public abstract class Transport : IDisposable
{
    /// <summary>The protocol the peers agreed on (ALPN); empty when they did not.</summary>
    public virtual ReadOnlySpan<byte> ApplicationProtocol => default;

    /// <summary>Why it failed, in Envoy's words for %..._TRANSPORT_FAILURE_REASON%; null when it did not.</summary>
    public string? Failure { get; protected set; }

    /// <summary>Bytes of the last <see cref="Feed"/> not taken yet.</summary>
    protected internal abstract int Unread { get; }

    /// <summary>Names the connection it belongs to and the queue that takes what goes over the wire. Called once, before anything else.</summary>
    protected internal abstract void Attach(Connection connection, ByteQueue wire);

    /// <summary>The bytes received; they stay where they are until the next call. None: an empty span of them.</summary>
    protected internal abstract unsafe void Feed(byte* data, int count);

    /// <summary>Goes on with the handshake: Done, NeedsMore or Failed. The first call on the connecting side finds nothing fed.</summary>
    protected internal abstract TransportStatus Handshake();

    /// <summary>Opens what was fed: NeedsMore when nothing is left to open, Done when <paramref name="destination"/> is full, Ended when the peer said so, Failed.</summary>
    protected internal abstract unsafe TransportStatus Open(byte* destination, int size, out int count);

    /// <summary>Seals bytes from the front of the queue, as many as should be sent at a time; false when it failed.</summary>
    protected internal abstract bool Seal(ByteQueue output);

    /// <summary>Seals all of <paramref name="data"/>; false when it failed.</summary>
    protected internal abstract bool Seal(ReadOnlySpan<byte> data);

    /// <summary>Tells the peer, once, that nothing follows; nothing happens before the handshake is done or after a failure.</summary>
    protected internal abstract void End();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>How far a transport came.</summary>
public enum TransportStatus : byte
{
    /// <summary>All that was asked.</summary>
    Done,

    /// <summary>As far as what was received allows.</summary>
    NeedsMore,

    /// <summary>The peer ended its direction in order.</summary>
    Ended,

    /// <summary>The peer broke the protocol or was refused; see <see cref="Transport.Failure"/>.</summary>
    Failed,
}
