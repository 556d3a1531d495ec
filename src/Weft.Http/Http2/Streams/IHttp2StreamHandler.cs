namespace Weft.Http.Http2.Streams;

/// <summary>What happens on a stream beyond its message. <see cref="IMessageHandler.OnProtocolError"/> tells that this side has reset the stream for what the peer did.</summary>
public interface IHttp2StreamHandler : IMessageHandler
{
    /// <summary>The peer has reset the stream, or will not serve it (<see cref="Http2ErrorCode.RefusedStream"/>: it has not begun to). Nothing follows but OnClosed.</summary>
    void OnReset(Http2ErrorCode code);

    /// <summary>A METADATA block has come (allow_metadata): HPACK that stands by itself, to be read or passed on as it is. At any time, also before the head.</summary>
    void OnMetadata(ReadOnlySpan<byte> block)
    {
    }

    /// <summary>Output that waits on the stream has risen above the limit: stop producing. Possibly from within a write.</summary>
    void OnBackedUp();

    /// <summary>It has fallen to half of it: produce again.</summary>
    void OnDrained();

    /// <summary>Both sides have ended the stream, or one has reset it: it goes back to its pool after this turn. Always the last call.</summary>
    void OnClosed();
}
